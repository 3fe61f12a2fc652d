// `qianzhi-hub ca ...`: what makes an exchange's keys, at a shell and without a running hub.
#pragma once

#include <string>
#include <vector>

namespace qianzhi::hub {

// words: after "ca". Returns what is to be printed. Throws Error(misuse): QZ-HUB-051 for wrong words, QZ-HUB-221,
// QZ-BASE-011 (no file is ever overwritten).
std::string run_ca(const std::vector<std::string>& words);

}  // namespace qianzhi::hub

// Reading a small file of this machine whole. Internal to this folder.
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "hub-protocol/base/error.h"

namespace qianzhi::identity {

// Throws Error(misuse, QZ-AGT-080).
inline std::string read_whole(const std::filesystem::path& file) {
  const std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream || !text) throw Error(ErrorKind::misuse, "QZ-AGT-080", file.string());
  return text.str();
}

}  // namespace qianzhi::identity

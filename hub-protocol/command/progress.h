// How far long work is: on one line of a terminal, else a line now and then for a log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hub-protocol/base/clock.h"

namespace qianzhi::command {

// "[#####...............]  25%  250/1000  剩余 left 30s". Without a total only what is done, and nothing is guessed;
// time left is told from one part in a hundred and two seconds on.
std::string progress_text(std::uint64_t done, std::optional<std::uint64_t> total, Micros elapsed);

// On standard error. If that is a terminal, at most ten times a second, and the line is gone when this ends; else whole
// lines, the first after ten seconds and then at most one in ten seconds.
class Progress {
 public:
  // total: nothing: unknown.
  Progress(const Clock& clock, std::optional<std::uint64_t> total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void at(std::uint64_t done);

 private:
  const Clock& clock_;
  std::optional<std::uint64_t> total_;
  bool is_terminal_;
  Micros begun_;
  Micros written_ = 0;
};

}  // namespace qianzhi::command

#include "hub-protocol/command/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace qianzhi::command {

namespace {

constexpr std::uint64_t bar_width = 20;
constexpr Micros least_elapsed = 2'000'000;
constexpr Micros between_looks = 100'000;
constexpr Micros between_lines = 10'000'000;

std::string shown_time_left(Micros left) {
  const Micros seconds = left / 1'000'000;
  if (seconds < 90) return std::to_string(seconds) + "s";
  if (seconds < 5400) return std::to_string(seconds / 60) + "m" + std::to_string(seconds % 60) + "s";
  return std::to_string(seconds / 3600) + "h" + std::to_string(seconds / 60 % 60) + "m";
}

}  // namespace

std::string progress_text(std::uint64_t done, std::optional<std::uint64_t> total, Micros elapsed) {
  if (!total || *total == 0) return std::to_string(done);
  const double part = std::min(1.0, static_cast<double>(done) / static_cast<double>(*total));
  const auto filled = static_cast<std::size_t>(part * static_cast<double>(bar_width));
  std::string percent = std::to_string(static_cast<int>(part * 100));
  percent.insert(0, 3 - percent.size(), ' ');
  std::string text = "[" + std::string(filled, '#') + std::string(bar_width - filled, '.') + "] " + percent + "%  " +
                     std::to_string(done) + "/" + std::to_string(*total);
  if (part < 0.01 || elapsed < least_elapsed || part >= 1) return text;
  return text + "  剩余 left " + shown_time_left(static_cast<Micros>(static_cast<double>(elapsed) * (1 - part) / part));
}

Progress::Progress(const Clock& clock, std::optional<std::uint64_t> total)
    : clock_(clock), total_(total), is_terminal_(isatty(STDERR_FILENO) == 1), begun_(clock.steady()) {}

Progress::~Progress() {
  if (is_terminal_ && written_ != 0) std::fputs("\r\033[K", stderr);
}

void Progress::at(std::uint64_t done) {
  const Micros now = clock_.steady();
  const Micros last = is_terminal_ || written_ != 0 ? written_ : begun_;
  if (now - last < (is_terminal_ ? between_looks : between_lines)) return;
  written_ = now;
  const std::string text = progress_text(done, total_, written_ - begun_);
  std::fprintf(stderr, is_terminal_ ? "\r\033[K%s" : "%s\n", text.c_str());
  std::fflush(stderr);
}

}  // namespace qianzhi::command

#include "hub-protocol/base/clock.h"

#include <sys/random.h>
#include <time.h>

#include <cstdio>

#include "hub-protocol/base/error.h"

namespace qianzhi {

namespace {

Micros read_clock(clockid_t id) {
  timespec value{};
  clock_gettime(id, &value);
  return static_cast<Micros>(value.tv_sec) * 1'000'000 + value.tv_nsec / 1'000;
}

}  // namespace

Micros SystemClock::now() const { return read_clock(CLOCK_REALTIME); }

Micros SystemClock::steady() const { return read_clock(CLOCK_MONOTONIC); }

Bytes SystemRandom::bytes(std::size_t size) {
  Bytes octets(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got = getrandom(octets.data() + filled, size - filled, 0);
    if (got <= 0) throw Error(ErrorKind::unavailable, "QZ-BASE-003", "getrandom");
    filled += static_cast<std::size_t>(got);
  }
  return octets;
}

std::string to_text(Micros time) {
  Micros seconds = time / 1'000'000;
  Micros micros = time % 1'000'000;
  if (micros < 0) {
    micros += 1'000'000;
    --seconds;
  }
  const auto value = static_cast<time_t>(seconds);
  tm parts{};
  gmtime_r(&value, &parts);
  char text[96];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<int>(micros));
  return text;
}

}  // namespace qianzhi

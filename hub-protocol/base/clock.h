// Time and randomness come from here and nowhere else, so that tests and the simulation own both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "hub-protocol/base/bytes.h"

namespace qianzhi {

// Microseconds since 1970-01-01T00:00:00Z, leap seconds ignored as in POSIX.
using Micros = std::int64_t;

// Safe to call from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  // Wall clock; may step in either direction.
  virtual Micros now() const = 0;
  // Never goes back; origin unspecified.
  virtual Micros steady() const = 0;
};

class SystemClock final : public Clock {
 public:
  Micros now() const override;
  Micros steady() const override;
};

// Safe to call from any thread.
class Random {
 public:
  virtual ~Random() = default;
  // size unpredictable octets.
  virtual Bytes bytes(std::size_t size) = 0;
};

// getrandom(2). Throws Error(unavailable, QZ-BASE-003).
class SystemRandom final : public Random {
 public:
  Bytes bytes(std::size_t size) override;
};

// "2026-11-21T23:04:42.123456Z". For people and logs.
std::string to_text(Micros time);

}  // namespace qianzhi

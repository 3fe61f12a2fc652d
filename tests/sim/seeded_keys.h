// Keys and names that a seed decides. A batch's digest is chained over keys and signatures, and how well a batch is
// compressed depends on the octets of its digests: with drawn ones two runs of a seed differ in the size of files.
#pragma once

#include <cstdint>

namespace qianzhi::sim {

// While it lives, all that OpenSSL and SQLite draw in this process comes of the seed. One at a time.
class SeededKeys {
 public:
  explicit SeededKeys(std::uint64_t seed);
  ~SeededKeys();
  SeededKeys(const SeededKeys&) = delete;
  SeededKeys& operator=(const SeededKeys&) = delete;
};

}  // namespace qianzhi::sim

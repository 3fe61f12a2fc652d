// The one way to give the library's random numbers that needs no provider of our own; deprecated, but there in
// OpenSSL 3.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "tests/sim/seeded_keys.h"

#include <openssl/rand.h>
#include <sqlite3.h>

#include <mutex>
#include <random>
#include <stdexcept>

namespace qianzhi::sim {

namespace {

std::mutex lock;
std::mt19937_64 source;

int draw(unsigned char* octets, int size) {
  const std::lock_guard guard(lock);
  for (int i = 0; i < size; ++i) octets[i] = static_cast<unsigned char>(source());
  return 1;
}

int is_ready() { return 1; }

const RAND_METHOD method{nullptr, draw, nullptr, nullptr, draw, is_ready};

}  // namespace

SeededKeys::SeededKeys(std::uint64_t seed) {
  source.seed(seed);
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(seed), nullptr);
  sqlite3_randomness(0, nullptr);
  if (RAND_set_rand_method(&method) != 1) throw std::runtime_error("OpenSSL takes no other random numbers");
}

SeededKeys::~SeededKeys() { RAND_set_rand_method(nullptr); }

}  // namespace qianzhi::sim

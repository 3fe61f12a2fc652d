// The private keys that open what is sealed to this agent: the configured one, and those it had before as long as
// anything that is sealed to them may come or is kept. They lie in the store, locked as all content there, so that a
// new enrolment needs no care for the old key's file. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agent/flow/directory_keeper.h"
#include "agent/flow/stage.h"
#include "agent/store/store.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/seal/encryption_key.h"

namespace qianzhi::flow {

// From the first directory, by the time it was issued, that names an earlier key no more, until nothing that anybody
// sealed to it can come any more: the longest that a directory is in force, and the longest deadline that a hub takes.
inline constexpr Micros earlier_key_life = (30 + 90) * Micros{86'400'000'000};

class OpeningKeys {
 public:
  // Keeps the configured key, durably, before anything can be sealed to the next one. none: the agent neither asks nor
  // answers; what is kept stays. Throws as the store, and Error(misuse, QZ-SEAL-106) for a kept key that is none.
  OpeningKeys(std::string agent, store::Store& store, const DirectoryKeeper& directory, const Clock& clock,
              DigestSuite suite, const std::optional<seal::DecryptionKey>& configured);

  // The key of this id. Throws Error(rejected): QZ-SEAL-102 it is the one that the directory names, and not here: the
  // configuration names another file; QZ-SEAL-108 it is not here, nor will it be.
  seal::DecryptionKey key_of(const std::string& id) const;

  // Erases earlier keys whose time is over and to which nothing is sealed that is kept. Judged by directories in force
  // and their times, which the hub signed: a wrong clock here ends no key. Cheap; call now and then.
  void tend();
  // The key that the directory names is not here; earlier keys are kept.
  std::vector<Notice> notices() const;

 private:
  struct Kept {
    seal::DecryptionKey key;
    bool is_configured = false;
    Micros until = 0;  // of an earlier one; 0: the directory names it still
  };

  void load();
  Bytes locked(const std::string& id, const Kept& kept) const;
  bool is_named(const Directory& directory, const std::string& id) const;
  // Whether what is sealed to it is kept: a request to be answered, or an answer.
  bool is_needed(const std::string& id) const;

  std::string agent_;
  store::Store& store_;
  const DirectoryKeeper& directory_;
  const Clock& clock_;
  DigestSuite suite_;
  bool is_configured_ = false;
  Micros tend_at_ = 0;                // steady
  mutable std::mutex lock_;           // of what follows, and of tend_at_
  std::map<std::string, Kept> keys_;  // by id
};

}  // namespace qianzhi::flow

// One directory in force, with who may receive what worked out once per asker and topic.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "hub-protocol/model/directory.h"
#include "hub-protocol/seal/directory.h"

namespace qianzhi::hub {

// Immutable but for its cache; safe to use from many threads.
class Rights {
 public:
  Rights(Directory directory, seal::SealedDirectory sealed);

  const Directory& directory() const { return directory_; }
  const seal::SealedDirectory& sealed() const { return sealed_; }
  // As Directory::entitlement(agent, topic, now).
  std::shared_ptr<const Entitlement> entitlement(const std::string& agent, const std::string& topic, Micros now) const;

 private:
  struct Known {
    std::shared_ptr<const Entitlement> entitlement;
    Micros from = 0;
    Micros until = 0;  // a grant ends then
  };
  Directory directory_;
  seal::SealedDirectory sealed_;
  mutable std::mutex lock_;
  mutable std::map<std::pair<std::string, std::string>, Known> known_;
};

}  // namespace qianzhi::hub

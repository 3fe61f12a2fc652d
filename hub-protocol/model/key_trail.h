// Which keys a stream has used. Key validity is judged at the place where a batch stands: once a stream used a new key
// the old one ends there. Kept by the hub and by each subscriber; made anew by offline verification.
#pragma once

#include <set>
#include <string>

namespace qianzhi {

struct KeyTrail {
  std::set<std::string> present;  // ids of the keys that signed the newest batch
  std::set<std::string> ended;    // that signed earlier ones and not the newest

  // Empty: these keys may sign the next batch. Else the id of one that ended.
  std::string ended_among(const std::set<std::string>& keys) const {
    for (const std::string& key : keys)
      if (ended.count(key) != 0) return key;
    return {};
  }
  // The next batch is signed by these keys.
  void add(const std::set<std::string>& keys) {
    for (const std::string& key : present)
      if (keys.count(key) == 0) ended.insert(key);
    present = keys;
  }
  bool operator==(const KeyTrail&) const = default;
};

}  // namespace qianzhi

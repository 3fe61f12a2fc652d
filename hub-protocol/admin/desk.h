// What the administration interface needs of the hub: its verbs. It knows none of them by name but those that its views
// read, and does without those that are not there.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/accounts/account.h"

namespace qianzhi::admin {

struct VerbInfo {
  std::string name;       // "grant add"
  std::string arguments;  // "TOPIC DEPARTMENT [--items A,B]"
  std::string zh;
  std::string en;
  accounts::Role role = accounts::Role::anyone;
};

// Thread-safe.
struct Desk {
  std::vector<VerbInfo> verbs;
  // words: with the verb's name. Throws Error; who may not is refused there.
  std::function<std::string(const std::string& account, const std::vector<std::string>& words,
                            std::string_view attachment)>
      run;
};

// Null: there is none of this name.
inline const VerbInfo* verb_named(const Desk& desk, std::string_view name) {
  for (const VerbInfo& verb : desk.verbs)
    if (verb.name == name) return &verb;
  return nullptr;
}

}  // namespace qianzhi::admin

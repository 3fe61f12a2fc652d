// What the command line of qianzhi-hub says of its verbs beside what verbs.h says: the verbs that need no running hub,
// the groups, the options, and which verbs cannot be undone.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace qianzhi::hub {

struct LocalVerb {
  std::string_view name;   // "ca init"
  std::string_view usage;  // as Verb::arguments
  std::string_view text;   // "中文 / English"
};

// Carried out by this program itself; they may ask the running hub.
std::span<const LocalVerb> local_verbs();

// "中文 / English" of verbs that begin with the same word, and of an option by its name.
std::string group_text(std::string_view group);
std::string option_text(std::string_view option);

enum class Consent { none, yes, yes_and_reason };
// What the command line must say before this verb is sent.
Consent consent_for(std::string_view verb);

}  // namespace qianzhi::hub

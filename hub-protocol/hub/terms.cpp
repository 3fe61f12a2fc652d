#include "hub-protocol/hub/terms.h"

#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/model/calendar.h"

namespace qianzhi::hub {

namespace {

std::string joined(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text.empty() ? "*" : text;
}

}  // namespace

GroupSet groups_of(const std::vector<std::string>& names) {
  if (names.empty() || std::find(names.begin(), names.end(), "*") != names.end()) return GroupSet::every();
  return GroupSet::of({names.begin(), names.end()});
}

void take_terms(Words& words, Grant& grant) {
  if (const auto items = words.option("items")) {
    const std::vector<std::string> names = words.list("items");
    grant.items = {names.begin(), names.end()};
    if (grant.items.count("*") != 0) grant.items.clear();
    // An empty list would mean every item.
    if (items->empty()) throw Error(ErrorKind::misuse, "QZ-HUB-051", "--items");
  }
  if (words.option("groups")) grant.groups = groups_of(words.list("groups"));
  if (const auto until = words.option("until")) {
    const auto end = end_of_day(*until);
    if (!end) throw Error(ErrorKind::misuse, "QZ-HUB-051", "--until YYYY-MM-DD: " + *until);
    grant.not_after = *end;
  }
}

std::vector<std::pair<std::string, std::string>> details_of(const Grant& grant) {
  return {{"topic", grant.topic},
          {"department", grant.department},
          {"items", joined(grant.items)},
          {"groups", to_text(grant.groups)},
          {"until", date_text(grant.not_after)}};
}

}  // namespace qianzhi::hub

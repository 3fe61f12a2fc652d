// One search of one person: may she, what does she see, and the trail of it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/desk/lookup/audit.h"
#include "agent/desk/lookup/config.h"
#include "agent/desk/lookup/index.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::desk::lookup {

struct Question {
  std::string subject;
  std::string by;  // word_of(SearchBy)
  std::string text;
  std::string purpose;
};

struct Hit {
  std::vector<std::pair<std::string, std::string>> items;  // item id, value as the role may see it
};

struct Answer {
  std::vector<Hit> hits;
  bool has_more = false;
};

class Search {
 public:
  Search(sqlite::Database& database, const LookupConfig& config, Index& index, Audit& audit, const Clock& clock);

  // The answer, when its row of the trail is on stable storage. Refusals are in the trail, too, and thrown as
  // Error(rejected): QZ-DSK-211 the role may not, 212 the text is too short, too long, too general or holds wildcards,
  // 213 no purpose (2 to 200 characters); Error(full, QZ-DSK-214): too many searches in this minute.
  Answer ask(const Account& account, const Question& question);

 private:
  Answer found(const Role& role, const Subject& subject, SearchBy by, std::string_view text);
  void count(const Account& account);

  sqlite::Database& database_;
  const LookupConfig& config_;
  Index& index_;
  Audit& audit_;
  const Clock& clock_;
  std::map<std::string, std::pair<Micros, std::size_t>> counts_;  // account -> minute, searches in it
};

}  // namespace qianzhi::desk::lookup

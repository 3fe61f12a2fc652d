#include "agent/desk/feeds/feed_guard.h"

#include <map>
#include <set>
#include <utility>

#include "hub-protocol/base/error.h"

namespace qianzhi::desk {

namespace {

[[noreturn]] void refuse(const FeedConfig& feed, std::string_view code, const std::string& why) {
  throw Error(ErrorKind::rejected, code, "feed " + feed.id + ": " + why);
}

std::string quoted_schema(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

struct Opened {
  std::int64_t database = 0;
  std::int64_t root = 0;
  bool operator<(const Opened& other) const {
    return std::pair(database, root) < std::pair(other.database, other.root);
  }
};

}  // namespace

FeedGuard::FeedGuard(sqlite::Database& database, Catalogue catalogue, std::vector<FeedOrigin> origins)
    : database_(database), catalogue_(std::move(catalogue)), origins_(std::move(origins)) {}

void FeedGuard::require_topic(const FeedConfig& feed, const std::string& id) const {
  const Topic* topic = catalogue_.find(id);
  if (topic == nullptr) refuse(feed, "QZ-DSK-150", "the catalogue has no topic " + id);
  if (!topic->publishable) refuse(feed, "QZ-DSK-150", id + " is not publishable");
  if (topic->sharing == Sharing::none) refuse(feed, "QZ-DSK-150", id + " is not shared with anybody");
  if (topic->grade != Grade::general)
    refuse(feed, "QZ-DSK-150", id + " is of grade " + std::string(name_of(topic->grade)));
}

void FeedGuard::require_items(const FeedConfig& feed, const std::vector<std::string>& topics) const {
  for (const FeedItem& item : feed.items) {
    bool is_known = false;
    bool is_personal = false;
    for (const std::string& id : topics)
      if (const Item* found = catalogue_.find(id)->find(item.item)) {
        is_known = true;
        is_personal = is_personal || found->personal;
      }
    if (is_personal && item.mask == FeedMask::none)
      refuse(feed, "QZ-DSK-151", item.item + " is personal and has no mask");
    if (!is_known && !item.not_personal && item.mask == FeedMask::none)
      refuse(feed, "QZ-DSK-151", "no topic has " + item.item + "; say personal: false, or mask it");
  }
}

// Which b-trees the compiled statement opens is the truth, through whatever views and indexes.
std::vector<std::string> FeedGuard::topics_read(const FeedConfig& feed, const std::string& statement) {
  std::map<std::int64_t, std::string> databases;
  {
    sqlite::Statement rows = database_.prepare("SELECT seq, name FROM pragma_database_list");
    while (rows.step()) databases[rows.integer(0)] = rows.text(1);
  }
  std::set<Opened> opened;
  {
    sqlite::Statement rows = database_.prepare("EXPLAIN " + statement);
    while (rows.step()) {
      if (rows.view(1) == "VOpen") refuse(feed, "QZ-DSK-152", "it reads a virtual table");
      if (rows.view(1) == "OpenRead" || rows.view(1) == "ReopenIdx" || rows.view(1) == "OpenWrite")
        opened.insert({rows.integer(4), rows.integer(3)});
    }
  }
  std::vector<std::string> topics;
  for (const Opened& each : opened) {
    const std::string& schema = databases[each.database];
    std::string table;
    {
      sqlite::Statement find =
          database_.prepare("SELECT tbl_name FROM " + quoted_schema(schema.empty() ? "main" : schema) +
                            ".sqlite_schema WHERE rootpage = ?1");
      find.bind(1, each.root);
      if (find.step()) table = find.text(0);
    }
    bool is_known = schema == "main";
    for (const FeedOrigin& origin : origins_) {
      if (origin.database != schema || origin.table != table) continue;
      // What lies in desk.db may be a table of the department's own, under a name of its own.
      if (schema != "main" || catalogue_.find(origin.topic) != nullptr) topics.push_back(origin.topic);
      is_known = true;
    }
    if (!is_known) refuse(feed, "QZ-DSK-152", "it reads " + schema + "." + table + ", whose origin is not known");
  }
  return topics;
}

void FeedGuard::require(const FeedConfig& feed, const Table& table, const std::string& statement) {
  std::vector<std::string> topics = feed.topics;
  if (catalogue_.find(table.id) != nullptr) topics.push_back(table.id);
  for (std::string& topic : topics_read(feed, statement)) topics.push_back(std::move(topic));
  if (topics.empty()) refuse(feed, "QZ-DSK-150", "it does not say of which topics " + table.id + " is derived");
  for (const std::string& topic : topics) require_topic(feed, topic);
  require_items(feed, topics);
}

}  // namespace qianzhi::desk

// What must never be published is refused here, when a feed is loaded and again each time it runs (S4.9, S3.5):
//   - a feed whose data comes from a topic that is not in the catalogue, not marked publishable, not shared at all, or
//   of
//     another grade than general; also where a view leads there: SQLite is asked which tables the feed really reads;
//   - a table of the department's own that does not say which topics it is derived from;
//   - a personal item without a mask, and an item that no topic has unless it is said not to be personal.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "agent/desk/data/table.h"
#include "agent/desk/feeds/feed_config.h"
#include "hub-protocol/model/topic.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::desk {

// A table that received rows of a topic lie in, as SQLite names it: database "received", table "company".
struct FeedOrigin {
  std::string database;
  std::string table;
  std::string topic;
};

class FeedGuard {
 public:
  // All received tables; a table of another file than desk.db that is not among them is of unknown origin.
  FeedGuard(sqlite::Database& database, Catalogue catalogue, std::vector<FeedOrigin> origins);

  void set_catalogue(Catalogue catalogue) { catalogue_ = std::move(catalogue); }

  // Throws Error(rejected): QZ-DSK-150 a topic that may not be published, QZ-DSK-151 a personal item, QZ-DSK-152 a
  // table of unknown origin. statement: what the feed reads.
  void require(const FeedConfig& feed, const Table& table, const std::string& statement);

 private:
  void require_topic(const FeedConfig& feed, const std::string& topic) const;
  void require_items(const FeedConfig& feed, const std::vector<std::string>& topics) const;
  std::vector<std::string> topics_read(const FeedConfig& feed, const std::string& statement);

  sqlite::Database& database_;
  Catalogue catalogue_;
  std::vector<FeedOrigin> origins_;
};

}  // namespace qianzhi::desk

// One open-data feed: the table as it is, in a file, what changed since the last time in another and in pages to an
// outlet, and a manifest that names them with counts and digests. A consumer reads the manifest and finds whole files;
// an earlier generation's files stay for one more run. Dead in between: the next run writes the same again.
//
//   ID.manifest.json    {"feed", "title", "generation", "time", "items", "rows", "file", "sha256",
//                        "changes": {"added", "changed", "removed", "file", "sha256"}}
//   ID-000012.csv       every row           ID-000012-changes.csv   op (added, changed, removed), then the items;
//                                           of a removed row only the key's are filled
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/desk/feeds/feed_config.h"
#include "agent/desk/feeds/feed_guard.h"
#include "agent/desk/outlets/notice.h"

namespace qianzhi::desk {

class FeedFile;

struct FeedResult {
  std::int64_t generation = 0;  // of what stands now
  std::int64_t rows = 0;
  std::int64_t added = 0;
  std::int64_t changed = 0;
  std::int64_t removed = 0;
  std::int64_t pages = 0;
  bool is_new = false;  // false: nothing had changed
};

// One thread; the database is desk.db.
class Feed {
 public:
  // Throws Error(misuse, QZ-DSK-108) for an item that the table has not or a table without a key, Error(misuse,
  // QZ-DSK-154) if changes are wanted but the key is not published, and what FeedGuard::require() throws.
  // passing: told the points "feed.files" and "feed.committed"; for the crash tests.
  Feed(sqlite::Database& database, NoticeBox& box, FeedConfig config, Table table, FeedGuard& guard,
       std::function<void(std::string_view)> passing = {});

  // Refused as at load. Throws also Error(unavailable, QZ-DSK-153) for a folder that cannot be written.
  FeedResult run(Micros now);
  bool is_due(Micros now);
  const std::string& id() const { return config_.id; }

 private:
  struct Row;
  struct Output;
  struct Change {
    std::string_view op;
    std::vector<std::string> values;
    std::vector<bool> is_null;
  };
  std::string column(const std::string& item) const;
  std::string statement_text() const;
  bool shows_key() const;
  std::filesystem::path place(std::int64_t generation, std::string_view suffix) const;
  std::string line_of(const std::vector<std::string>& values, const std::vector<bool>& nulls, std::string_view op,
                      bool csv) const;
  std::string head_of(bool with_op) const;
  std::int64_t generation();
  void open_files(Output& output) const;
  void store(Output& output);
  void compare(Output& output);
  void remove_gone(Output& output);
  void add_change(Output& output, const Change& change);
  void flush_page(Output& output);
  std::string manifest_of(const Output& output, const std::string& full, const std::string& changes) const;
  void put_manifest();
  void remove_old(std::int64_t generation) const;
  Row next_row(const sqlite::Statement& rows) const;

  sqlite::Database& database_;
  NoticeBox& box_;
  FeedConfig config_;
  Table table_;
  FeedGuard& guard_;
  std::function<void(std::string_view)> passing_;
  std::string statement_;
};

}  // namespace qianzhi::desk

// The spool: a SQLite file of this adapter alone that holds each table as the files said it is, and the journal of what
// changed. The sqlite adapter reads from it as from any department's database, so that positions, snapshots, restored
// copies and forgetting follow the same rules (and the same tests) there and here. One thread at a time.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/files/settings.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::adapter::files {

// A file that was imported before.
struct Imported {
  std::string fingerprint;  // of its content
  bool is_last = false;     // no other file of the table came after it
};

class Spool {
 public:
  // Opens or creates state/spool.db with the tables and triggers that `spec` needs. A table whose key changed begins
  // anew. clock must outlive it.
  Spool(const SourceSettings& settings, const SourceSpec& spec);

  static std::filesystem::path file_of(const std::filesystem::path& state) { return state / "spool.db"; }
  // The same source as the sqlite adapter sees it.
  static SourceSpec inner_spec(const SourceSettings& settings, const SourceSpec& spec);

  sqlite::Database& database() { return database_; }
  // Another file lies in its place.
  bool was_replaced() const;

  // False until a full file was imported, where there are such files, or when columns came to a table that had rows.
  bool is_loaded(const std::string& table);
  std::optional<Imported> imported(const std::string& table, const std::string& name);

  // In the caller's transaction.
  void note_import(const std::string& table, const std::string& name, const std::string& fingerprint, Micros at,
                   std::uint64_t rows, bool full);
  // A file of the table was read whole, also one that was imported before. In the caller's transaction, or by itself.
  void note_look(const std::string& table);
  // How many were; 0: none.
  std::int64_t looks(const std::string& table);
  // Ends as if capture had been installed anew: everything is read again. In the caller's transaction.
  void note_unseen(const std::string& table);

 private:
  void create();
  void ensure_table(const SourceTable& table);
  void ensure_capture(const SourceSpec& spec);

  const SourceSettings& settings_;
  SourceSpec spec_;  // inner
  sqlite::Database database_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace qianzhi::adapter::files

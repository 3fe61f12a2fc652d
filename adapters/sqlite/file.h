// The department's SQLite file, opened on demand, and opened again when it was replaced under us (pitfall 22).
// Its settings (journal mode, page size) stay as they are.
#pragma once

#include <sys/types.h>

#include <exception>
#include <filesystem>
#include <optional>
#include <string>

#include "adapters/api/adapter.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::adapter::lite {

// Options: file (needed); vfs (the simulation names its own); busy_timeout_ms.
class File {
 public:
  // Throws Error(misuse, QZ-ADP-010) if an option is missing or unknown.
  explicit File(const Connection& connection);

  // Throws Error(unavailable, QZ-ADP-010) if there is no such file. A reference is good until the next call.
  sqlite::Database& database();
  // Counts openings: what was remembered of an earlier one must be looked up again.
  std::uint64_t generation() const { return generation_; }
  void close();

 private:
  bool was_replaced() const;

  std::filesystem::path path_;
  sqlite::OpenOptions options_;
  std::optional<sqlite::Database> database_;
  std::uint64_t generation_ = 0;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

// Closes the file when it is left by an exception: the next call begins with a fresh connection. Declare it before any
// transaction or statement.
class FreshAfterError {
 public:
  explicit FreshAfterError(File& file) : file_(file), exceptions_(std::uncaught_exceptions()) {}
  ~FreshAfterError() {
    if (std::uncaught_exceptions() > exceptions_) file_.close();
  }
  FreshAfterError(const FreshAfterError&) = delete;
  FreshAfterError& operator=(const FreshAfterError&) = delete;

 private:
  File& file_;
  int exceptions_;
};

}  // namespace qianzhi::adapter::lite

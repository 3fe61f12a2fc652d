// Configuration, database, rules and work of the desk, opened one after the other for the verbs of the program.
#pragma once

#include <filesystem>
#include <optional>

#include "agent/desk/app/desk_file.h"
#include "agent/desk/data/desk_store.h"
#include "agent/desk/rules/judge.h"
#include "agent/desk/work/desk_work.h"

namespace qianzhi::desk {

class Desk {
 public:
  // What is wrong with the configuration goes to standard error; then the desk is not open.
  explicit Desk(const std::filesystem::path& config);

  bool is_open() const { return judge_.has_value(); }
  const DeskFile& file() const { return file_; }
  DeskStore& store() { return *store_; }
  Judge& judge() { return *judge_; }
  const Clock& clock() const { return clock_; }
  // Opened at the first call. Throws what DeskWork throws.
  DeskWork& work();

 private:
  SystemClock clock_;
  SystemRandom random_;
  DeskFile file_;
  std::optional<DeskStore> store_;
  std::optional<Judge> judge_;
  std::optional<DeskWork> work_;
};

// Where the configured tables are, for cases, events and feeds.
WorkTables work_tables(DeskStore& store, const ChangeLog& changes);

}  // namespace qianzhi::desk

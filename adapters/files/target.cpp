#include "adapters/files/target.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "adapters/sql/sql_text.h"
#include "adapters/sqlite/plan.h"
#include "adapters/sqlite/schema.h"

namespace qianzhi::adapter::files {

namespace {

std::filesystem::path received_file(const TargetSettings& settings) { return settings.state / "received.db"; }

constexpr std::chrono::seconds pause_after_failure{5};

}  // namespace

FilesTarget::FilesTarget(TargetSpec spec, Adapter& sqlite)
    : spec_(std::move(spec)), settings_(target_settings(spec_.connection)), sqlite_(sqlite) {}

FilesTarget::~FilesTarget() = default;

// The file is ours alone, so that nobody else has to add what the catalogue has new.
void FilesTarget::create_tables(const TargetSpec& inner) const {
  sqlite::Database database(received_file(settings_), {});
  database.execute(lite::target_plan(inner).install);
  for (const TargetTable& table : inner.tables) {
    const auto present = lite::columns_of(database, table.table);
    for (const Item& item : table.columns)
      if (!lite::missing_columns(present, {item.id}).empty())
        database.execute("ALTER TABLE " + sql::identifier(sql::sqlite, table.table) + " ADD COLUMN " +
                         sql::identifier(sql::sqlite, item.id) + " " + std::string(lite::declared_type(item.type)));
  }
}

Target& FilesTarget::open() {
  if (inner_) return *inner_;
  mkdir(settings_.state.c_str(), 0700);
  TargetSpec inner = spec_;
  inner.connection = {{{"file", received_file(settings_).string()}}, {}};
  create_tables(inner);
  exporter_ = std::make_unique<Exporter>(spec_, received_file(settings_));
  inner_ = sqlite_.open_target(inner);
  if (settings_.interval != 0) writer_ = std::jthread([this](const std::stop_token& stop) { write_files(stop); });
  committed();
  return *inner_;
}

void FilesTarget::committed() {
  const std::vector<std::size_t> claimed = exporter_->claim();
  {
    const std::lock_guard lock(mutex_);
    claimed_.insert(claimed.begin(), claimed.end());
  }
  if (settings_.interval != 0) return changed_.notify_all();
  sqlite::Database database(received_file(settings_), {});
  write_claimed(database);
  settle();
}

// One that was claimed again meanwhile stays behind.
void FilesTarget::settle() {
  const std::lock_guard lock(mutex_);
  for (const std::size_t table : written_)
    if (claimed_.count(table) == 0) exporter_->settle(table);
  written_.clear();
}

void FilesTarget::write_claimed(sqlite::Database& database) {
  std::unique_lock lock(mutex_);
  failure_.reset();
  const std::set<std::size_t> claimed = std::exchange(claimed_, {});
  for (const std::size_t table : claimed) {
    lock.unlock();
    std::optional<Error> failure;
    try {
      write_file(database, settings_, spec_.tables[table]);
    } catch (const Error& error) {
      failure = error;
    }
    lock.lock();
    if (!failure) {
      written_.insert(table);
      continue;
    }
    claimed_.insert(table);
    failure_ = failure;
  }
}

// Never ends by an error: files would stay behind for ever.
void FilesTarget::write_files(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return !claimed_.empty(); })) {
    lock.unlock();
    try {
      sqlite::Database database(received_file(settings_), {sqlite::Access::read_only, false, {}, 5000});
      write_claimed(database);
    } catch (const Error& error) {
      const std::lock_guard again(mutex_);
      failure_ = error;
    }
    lock.lock();
    const auto pause =
        failure_ ? std::chrono::microseconds(pause_after_failure) : std::chrono::microseconds(settings_.interval);
    changed_.wait_for(lock, stop, pause, [] { return false; });
  }
}

void FilesTarget::tell_failure() {
  const std::lock_guard lock(mutex_);
  if (failure_) throw Error(*failure_);
}

std::vector<MarkRow> FilesTarget::marks() {
  Target& inner = open();
  settle();
  committed();
  tell_failure();
  return inner.marks();
}

ApplyResult FilesTarget::apply(const TargetTransaction& transaction) {
  Target& inner = open();
  settle();
  if (settings_.interval == 0) committed();
  tell_failure();
  const bool ends = std::any_of(transaction.steps.begin(), transaction.steps.end(),
                                [](const Step& step) { return step.kind == Step::Kind::sweep; });
  ending_ = ends && transaction.table < spec_.tables.size() ? std::optional(transaction.table) : std::nullopt;
  if (ending_) exporter_->refill_ends(*ending_, transaction.next.head.digest.hex());
  ApplyResult result = inner.apply(transaction);
  if (result.state != ApplyResult::State::committed) return result;
  if (ending_) exporter_->refill_ended(*ending_);
  committed();
  return result;
}

void FilesTarget::commit() {
  open().commit();
  if (ending_) exporter_->refill_ended(*ending_);
  committed();
}

void FilesTarget::rollback() { open().rollback(); }

SnapshotChunk FilesTarget::read_rows(std::size_t table, const Bytes& cursor, const ReadLimits& limits) {
  return open().read_rows(table, cursor, limits);
}

std::vector<Finding> FilesTarget::preflight() {
  std::vector<Finding> findings;
  const std::string folder = settings_.folder.string();
  struct stat entry {};
  if (stat(folder.c_str(), &entry) != 0 || !S_ISDIR(entry.st_mode))
    findings.push_back({Severity::error, "QZ-FIL-001", "there is no folder " + folder, "mkdir " + folder});
  else if (access(folder.c_str(), W_OK | X_OK) != 0)
    findings.push_back({Severity::error, "QZ-FIL-001", "the agent may not write to " + folder,
                        "chgrp qianzhi " + folder + " && chmod g+rwx " + folder});
  return findings;
}

}  // namespace qianzhi::adapter::files

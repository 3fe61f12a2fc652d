#include "adapters/files/importer.h"

#include <algorithm>

#include "adapters/sqlite/names.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::files {

namespace {

constexpr std::size_t slice = 20'000;          // records
constexpr std::uint64_t too_few_to_mind = 20;  // rows: a table this small may well lose most of them

}  // namespace

std::optional<std::size_t> Importer::table_of(std::size_t files) const {
  for (std::size_t i = 0; i < spec_.tables.size(); ++i)
    if (spec_.tables[i].table == settings_.tables[files].name) return i;
  return std::nullopt;
}

// A rejected file of changes holds up the later ones of its table, for order matters; one of the same name, which
// corrects it, and a full file go on.
bool Importer::look() {
  looked_at_ = clock_.steady();
  remarks_.clear();
  try {
    look_ = folder_.look();
  } catch (const Error& error) {
    // What was imported before can still be read.
    if (error.kind() != ErrorKind::unavailable) throw;
    remarks_.push_back({0, error.code(), error.detail()});
    return false;
  }
  for (const Remark& remark : look_.remarks)
    if (const auto table = table_of(remark.table)) remarks_.push_back({*table, remark.code, remark.detail});
  remark_rejected();
  for (const Waiting& file : look_.complete) {
    const auto table = table_of(file.table);
    if (!table) continue;
    const auto holds = [&](const Waiting& rejected) {
      return rejected.changes && rejected.table == file.table && rejected.name != file.name;
    };
    if (file.changes && std::any_of(look_.rejected.begin(), look_.rejected.end(), holds)) {
      remarks_.push_back({*table, "QZ-FIL-009", shown(file.name) + " waits"});
      continue;
    }
    begin(file);
    if (staging_) return true;
  }
  return false;
}

void Importer::remark_rejected() {
  for (const Waiting& file : look_.rejected)
    if (const auto table = table_of(file.table)) {
      remarks_.push_back(folder_.remark_of(file));
      remarks_.back().table = *table;
    }
}

void Importer::begin(const Waiting& file) {
  file_ = file;
  const std::size_t table = table_of(file.table).value();
  try {
    const FileState state = InputFile(folder_.path_of(file.name)).state();
    state_ = state;
    const auto known = known_.find(file.name);
    if (known != known_.end() && known->second.state == state) {
      const Known what = known->second;
      if (what.ready) return put_away();
      if (what.code != "QZ-FIL-011") return refuse(Error(ErrorKind::rejected, what.code, what.detail));
      remarks_.push_back({table, what.code, shown(file.name)});
      return;
    }
    known_.erase(file.name);
    staging_ = std::make_unique<Staging>(spool_.database(), settings_, settings_.tables[file.table],
                                         spec_.tables[table], folder_.path_of(file.name), file.changes);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::unavailable)
      remarks_.push_back({table, error.code(), error.detail()});
    else if (error.kind() == ErrorKind::rejected)
      refuse(error);
    else
      throw;
  }
}

bool Importer::work() {
  if (!staging_) {
    if (looked_at_ && clock_.steady() - *looked_at_ < settings_.look) return false;
    return look();
  }
  try {
    if (staging_->read(slice)) return true;
    finish();
  } catch (const Error& error) {
    staging_.reset();
    if (error.kind() != ErrorKind::rejected) throw;
    refuse(error);
  }
  staging_.reset();
  looked_at_.reset();  // what came meanwhile is taken at once
  return true;
}

// A file that cannot be moved stays, and is not read again as long as it is the same.
void Importer::refuse(const Error& error) {
  const std::size_t table = table_of(file_.table).value();
  known_[file_.name] = {state_, false, error.code(), error.detail()};
  look_.rejected.push_back(file_);
  remarks_.push_back({table, error.code(), shown(file_.name) + ": " + error.detail()});
  try {
    folder_.reject(file_.name, error.code(), error.detail());
    known_.erase(file_.name);
  } catch (const Error& fault) {
    if (fault.kind() != ErrorKind::unavailable) throw;
    remarks_.push_back({table, fault.code(), fault.detail()});
  }
}

void Importer::finish() {
  // A file that was written to or replaced meanwhile is read again.
  if (!(staging_->state() == state_) || !is_still()) return;
  if (settings_.marker.empty() && !staging_->ends_with_line_end()) {
    known_[file_.name] = {state_, false, "QZ-FIL-011", {}};
    return;
  }
  const auto promised = folder_.promised_records(file_.name);
  if (promised && *promised != staging_->records())
    throw Error(ErrorKind::rejected, "QZ-FIL-007",
                "the marker says " + std::to_string(*promised) + " records, the file holds " +
                    std::to_string(staging_->records()));
  const auto before = spool_.imported(settings_.tables[file_.table].name, file_.name);
  const bool again = before && before->fingerprint == staging_->fingerprint();
  if (again && !before->is_last)
    throw Error(ErrorKind::rejected, "QZ-FIL-008", "the same file was imported before, and others after it");
  if (again)
    spool_.note_look(settings_.tables[file_.table].name);
  else
    take();
  staging_.reset();
  put_away();
}

// Half an export looks like a whole one: a file that would empty the table needs a person's word.
void Importer::check_removed(const std::string& table) {
  const auto rows =
      static_cast<std::uint64_t>(spool_.database().scalar("SELECT count(*) FROM \"" + table + "\"").value_or(0));
  const std::uint64_t gone = staging_->would_remove();
  if (gone > too_few_to_mind && gone * 100 > rows * static_cast<std::uint64_t>(settings_.most_removed))
    throw Error(ErrorKind::rejected, "QZ-FIL-010",
                std::to_string(gone) + " of " + std::to_string(rows) + " rows would be removed");
}

void Importer::take() {
  const std::string& table = settings_.tables[file_.table].name;
  const bool full = !file_.changes;
  const bool first = full && !spool_.is_loaded(table);
  sqlite::Database& database = spool_.database();
  sqlite::Transaction transaction(database);
  if (full && !first && !folder_.is_accepted(file_.name)) check_removed(table);
  // The first load comes out as a refill, not as a change of each row.
  if (first) database.execute(std::string("INSERT INTO ") + lite::guard_table + " VALUES ('load')");
  staging_->merge();
  if (first) {
    database.execute(std::string("DELETE FROM ") + lite::guard_table);
    spool_.note_unseen(table);
  }
  spool_.note_import(table, file_.name, staging_->fingerprint(), clock_.now(), staging_->records(), full);
  spool_.note_look(table);
  transaction.commit();
}

// Under this name the very file that was read.
bool Importer::is_still() const {
  try {
    return InputFile(folder_.path_of(file_.name)).state() == state_;
  } catch (const Error&) {
    return false;
  }
}

void Importer::put_away() {
  // What took its place while it was merged was not read yet.
  if (!is_still()) return;
  known_[file_.name] = {state_, true, {}, {}};
  try {
    folder_.archive(file_.name);
    known_.erase(file_.name);
    // What was rejected before is mended by a full file, or by one of the same name.
    for (const Waiting& rejected : look_.rejected)
      if (rejected.table == file_.table && (!file_.changes || rejected.name == file_.name))
        folder_.forgive(rejected.name);
  } catch (const Error& fault) {
    if (fault.kind() != ErrorKind::unavailable) throw;
    remarks_.push_back({table_of(file_.table).value(), fault.code(), fault.detail()});
  }
}

}  // namespace qianzhi::adapter::files

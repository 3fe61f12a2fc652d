#include "agent/desk/records/records.h"

#include <algorithm>
#include <map>
#include <set>

#include "agent/desk/records/builder.h"
#include "agent/desk/records/full_build.h"
#include "agent/desk/records/pieces.h"
#include "agent/desk/records/schema.h"
#include "agent/desk/records/source_rows.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::desk::records {

struct Records::Kind {
  Kind(sqlite::Database& base, const RecordKind& of)
      : database(base), config(of), pieces(base, of), rows(base, of), builder(base, of, pieces, rows) {}

  sqlite::Database& database;
  const RecordKind& config;
  Pieces pieces;
  SourceRows rows;
  Builder builder;

  // What a change of rows touches.
  std::set<std::string> strong;
  std::set<std::string> weak;
  std::set<std::string> records;
  std::set<std::pair<std::string, std::string>> moved;  // from, to
  std::set<std::pair<std::string, std::string>> taken;  // source, key

  void remember(const Piece& piece) {
    if (!piece.strong.empty()) strong.insert(piece.strong);
    if (!piece.weak.empty()) weak.insert(piece.weak);
    if (!piece.record.empty()) records.insert(piece.record);
  }

  // One row of a source came, changed or went.
  void take(const RecordSource& source, std::string_view key) {
    const auto before = pieces.find(source.name, key);
    auto after = rows.find(source, key);
    if (after) pieces.add_link(*after);
    if (before && after && before->has_codes_of(*after)) {
      records.insert(before->record);
      return;
    }
    if (before) remember(*before);
    if (before && !after) pieces.remove(*before);
    if (!after) return;
    if (before) after->record = before->record;
    remember(*after);
    pieces.put(*after);
    taken.insert({source.name, std::string(key)});
  }

  void reassign(const Piece& piece) {
    const std::string record = pieces.record_of(piece);
    records.insert(record);
    if (record == piece.record) return;
    pieces.move(piece, record);
    if (piece.record.empty()) return;
    records.insert(piece.record);
    moved.insert({piece.record, record});
  }

  void settle(std::size_t changed_rows, Micros now, CatchUpReport& report) {
    const std::vector<Piece> around = pieces.around(strong, weak, changed_rows);
    report.pieces += around.size();
    std::set<std::pair<std::string, std::string>> seen;
    for (const Piece& piece : around)
      if (seen.insert({piece.source, piece.key}).second) reassign(piece);
    // Those that no code brings up.
    for (const auto& [source, key] : taken)
      if (const auto piece = pieces.find(source, key); piece && seen.count({source, key}) == 0) reassign(*piece);
    for (const auto& [from, to] : moved) builder.rename(from, to, now);
    for (const std::string& record : records) {
      builder.build(record, now);
      ++report.records;
    }
    strong.clear(), weak.clear(), records.clear(), moved.clear(), taken.clear();
  }
};

Records::Records(sqlite::Database& database, const RecordsConfig& config, std::vector<ChangeFile> files)
    : database_(database), config_(config), files_(std::move(files)) {
  create_tables(database_, config_);
  for (const RecordKind& kind : config_.kinds) kinds_.push_back(std::make_unique<Kind>(database_, kind));
}

Records::~Records() = default;

namespace {

std::int64_t mark_of(sqlite::Database& database, const std::string& name) {
  sqlite::Statement query = database.prepare("SELECT value FROM base_mark WHERE name = ?");
  query.bind(1, name);
  return query.step() ? query.integer(0) : 0;
}

void set_mark(sqlite::Database& database, const std::string& name, std::int64_t value) {
  database.prepare("INSERT OR REPLACE INTO base_mark VALUES(?, ?)").bind(1, name).bind(2, value).run();
}

}  // namespace

bool Records::needs_build() { return mark_of(database_, "built") != config_.fingerprint(); }

BuildReport Records::build(Micros now) {
  std::vector<std::int64_t> newest;
  for (const ChangeFile& file : files_)
    newest.push_back(database_.scalar("SELECT max(seq) FROM " + file.log).value_or(0));
  set_mark(database_, "built", 0);
  std::vector<BuildParts> parts;
  for (const auto& kind : kinds_) parts.push_back({kind->config, kind->pieces, kind->rows, kind->builder});
  const BuildReport report = FullBuild(database_, std::move(parts)).run(now);
  sqlite::Transaction transaction(database_);
  for (std::size_t i = 0; i < files_.size(); ++i) set_mark(database_, files_[i].log, newest[i]);
  set_mark(database_, "built", config_.fingerprint());
  transaction.commit();
  return report;
}

void Records::take(const ChangeFile& file, std::string_view source, std::string_view key) {
  const auto table = file.tables.find(std::string(source));
  if (table == file.tables.end()) return;
  for (const auto& kind : kinds_)
    for (const RecordSource& one : kind->config.sources) {
      if (one.table.id != table->second) continue;
      if (key == "*")
        set_mark(database_, "built", 0);
      else
        kind->take(one, key);
    }
}

CatchUpReport Records::catch_up(Micros now, std::size_t limit) {
  if (needs_build()) throw Error(ErrorKind::misuse, "QZ-DSK-203", "the base records were never built to the end");
  CatchUpReport report;
  sqlite::Transaction transaction(database_);
  for (const ChangeFile& file : files_) {
    sqlite::Statement query =
        database_.prepare("SELECT seq, source, key FROM " + file.log + " WHERE seq > ? ORDER BY seq LIMIT ?");
    query.bind(1, mark_of(database_, file.log)).bind(2, static_cast<std::int64_t>(std::max<std::size_t>(limit, 1)));
    std::int64_t newest = 0;
    while (query.step()) {
      newest = query.integer(0);
      ++report.changes;
      take(file, query.view(1), query.view(2));
    }
    if (newest != 0) set_mark(database_, file.log, newest);
  }
  if (report.changes == 0) return report;
  for (const auto& kind : kinds_) kind->settle(report.changes, now, report);
  transaction.commit();
  return report;
}

void Records::link(std::string_view kind_id, std::string_view source_name, std::string_view key, std::string_view code,
                   std::string_view who, Micros now) {
  const auto kind = std::find_if(kinds_.begin(), kinds_.end(),
                                 [&](const std::unique_ptr<Kind>& one) { return one->config.id == kind_id; });
  const RecordSource* source = kind == kinds_.end() ? nullptr : (*kind)->config.source(source_name);
  const standard::Code read = standard::code_of(code);
  const auto organisation = standard::organisation_code_in(read);
  const bool is_number = read.kind == standard::CodeKind::registration_number;
  const bool is_citizen = read.kind == standard::CodeKind::citizen_id;
  if (source == nullptr || who.empty() || (!code.empty() && !organisation && !is_number && !is_citizen))
    throw Error(ErrorKind::misuse, "QZ-DSK-204", "a link needs a known source, a sound code and who says so");
  sqlite::Transaction transaction(database_);
  if (code.empty()) {
    sqlite::Statement remove = database_.prepare("DELETE FROM base_link WHERE kind = ? AND source = ? AND key = ?");
    remove.bind(1, kind_id).bind(2, source_name).bind(3, key).run();
  } else {
    sqlite::Statement put = database_.prepare("INSERT OR REPLACE INTO base_link VALUES(?, ?, ?, ?, ?, ?, ?)");
    put.bind(1, kind_id).bind(2, source_name).bind(3, key);
    put.bind(4, organisation ? organisation->text : (is_citizen ? read.text : std::string()));
    put.bind(5, is_number ? read.text : std::string()).bind(6, who).bind(7, now).run();
  }
  CatchUpReport report;
  (*kind)->take(*source, key);
  (*kind)->settle(1, now, report);
  transaction.commit();
}

}  // namespace qianzhi::desk::records

#include "agent/desk/records/builder.h"

#include <algorithm>
#include <set>

#include "agent/desk/standard/addresses.h"
#include "agent/desk/standard/functions.h"
#include "agent/desk/standard/names.h"

namespace qianzhi::desk::records {

namespace {

std::string standard_of(Standard standard, const std::string& value) {
  standard::Changes changes;
  switch (standard) {
    case Standard::name: return standard::name_of(value).text();
    case Standard::address: return standard::address_of(value).text();
    case Standard::person: return standard::person_of(value, changes);
    case Standard::date: return standard::date_of(value, changes).value_or(value);
    case Standard::text: break;
  }
  return value;
}

// The row of one source that counts for an item.
const PieceValues* of_source(const RecordItem& item, const std::string& source,
                             const std::vector<PieceValues>& pieces) {
  const PieceValues* best = nullptr;
  for (const PieceValues& piece : pieces) {
    if (piece.source != source || piece.values.items.count(item.id) == 0) continue;
    const bool is_later = best == nullptr || piece.values.time > best->values.time ||
                          (piece.values.time == best->values.time && piece.key > best->key);
    if (is_later) best = &piece;
  }
  return best;
}

}  // namespace

std::optional<ChosenValue> chosen(const RecordItem& item, const std::vector<PieceValues>& pieces) {
  std::vector<const PieceValues*> sources;  // in the order of trust
  for (const std::string& source : item.from)
    if (const PieceValues* piece = of_source(item, source, pieces)) sources.push_back(piece);
  if (sources.empty()) return std::nullopt;
  const PieceValues* best = sources.front();
  if (item.rule == ConflictRule::authoritative && best->source != item.from.front()) return std::nullopt;
  if (item.rule == ConflictRule::newest)
    for (const PieceValues* piece : sources)
      if (piece->values.time > best->values.time) best = piece;
  const std::string& value = best->values.items.at(item.id);
  ChosenValue result{value, best->source, best->key, best->values.time, 0};
  if (sources.size() > 1) {
    const std::string standard = standard_of(item.standard, value);
    for (const PieceValues* piece : sources)
      if (piece != best && standard_of(item.standard, piece->values.items.at(item.id)) != standard) ++result.differs;
  }
  return result;
}

Builder::Builder(sqlite::Database& database, const RecordKind& kind, Pieces& pieces, SourceRows& rows)
    : database_(database), kind_(kind), pieces_(pieces), rows_(rows) {}

void Builder::note(const std::string& record, const std::string& item, const std::string* before,
                   const std::string* after, const std::string& source, Micros now) {
  sqlite::Statement put = database_.prepare(
      "INSERT INTO base_history(record, item, old_value, new_value, source, at) VALUES(?, ?, ?, ?, ?, ?)");
  put.bind(1, record).bind(2, item).bind(5, source).bind(6, now);
  if (before != nullptr) put.bind(3, *before);
  if (after != nullptr) put.bind(4, *after);
  put.run();
}

Builder::Items Builder::stored_items(const std::string& record) {
  sqlite::Statement query =
      database_.prepare("SELECT item, value, source, key, time, differs FROM base_item WHERE record = ?");
  query.bind(1, record);
  Items items;
  while (query.step())
    items[query.text(0)] = {query.text(1), query.text(2), query.text(3), query.text(4),
                            static_cast<int>(query.integer(5))};
  return items;
}

bool Builder::write_items(const std::string& record, const Items& items, bool is_new, Micros now) {
  const Items stored = is_new ? Items() : stored_items(record);
  bool has_changed = false;
  for (const auto& [item, value] : items) {
    const auto old = stored.find(item);
    if (old != stored.end() && old->second == value) continue;
    has_changed = true;
    const std::string* before = old == stored.end() ? nullptr : &old->second.value;
    if (!is_new && (before == nullptr || *before != value.value))
      note(record, item, before, &value.value, value.source, now);
    sqlite::Statement put = database_.prepare("INSERT OR REPLACE INTO base_item VALUES(?, ?, ?, ?, ?, ?, ?)");
    put.bind(1, record).bind(2, item).bind(3, value.value).bind(4, value.source).bind(5, value.key);
    put.bind(6, value.time).bind(7, value.differs).run();
  }
  for (const auto& [item, value] : stored) {
    if (items.count(item) != 0) continue;
    has_changed = true;
    note(record, item, &value.value, nullptr, value.source, now);
    database_.prepare("DELETE FROM base_item WHERE record = ? AND item = ?").bind(1, record).bind(2, item).run();
  }
  return has_changed;
}

void Builder::write_codes(const std::string& record, const std::vector<Piece>& pieces) {
  database_.prepare("DELETE FROM base_code WHERE record = ?").bind(1, record).run();
  const auto put = [&](const std::string& code, const char* kind) {
    if (code.empty()) return;
    database_.prepare("INSERT OR IGNORE INTO base_code VALUES(?, ?, ?)")
        .bind(1, code)
        .bind(2, record)
        .bind(3, kind)
        .run();
  };
  // Of two kinds that one text is said to be the stronger one counts, as in a build of everything.
  for (const Piece& piece : pieces) put(piece.strong, piece.strong.size() == 18 ? "citizen_id" : "organisation_code");
  for (const Piece& piece : pieces) put(piece.weak, "registration_number");
  for (const Piece& piece : pieces) put(piece.credit, "credit_code");
}

bool Builder::write_record(const std::string& record, const std::vector<Piece>& pieces, bool is_new, Micros now) {
  std::string registration;
  std::string organisation;
  std::string credit;
  bool has_base = false;
  const bool is_disputed = pieces_.is_disputed(pieces);
  for (const Piece& piece : pieces) {
    has_base = has_base || piece.source == kind_.base;
    registration = std::max(registration, piece.weak);
    organisation = std::max(organisation, piece.strong);
    credit = std::max(credit, piece.credit);
  }
  const std::string state = has_base ? "whole" : "no_base";
  sqlite::Statement old = database_.prepare(
      "SELECT 1 FROM base_record WHERE record = ? AND state = ? AND pieces = ? AND disputed = ? AND registration = ? "
      "AND organisation = ? AND credit = ?");
  const auto count = static_cast<std::int64_t>(pieces.size());
  old.bind(1, record).bind(2, state).bind(3, count).bind(4, is_disputed ? 1 : 0).bind(5, registration);
  old.bind(6, organisation).bind(7, credit);
  if (!is_new && old.step()) return false;
  sqlite::Statement put = database_.prepare(
      "INSERT INTO base_record VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?9, ?9) ON CONFLICT(record) DO UPDATE SET "
      "state = excluded.state, pieces = excluded.pieces, disputed = excluded.disputed, "
      "registration = excluded.registration, organisation = excluded.organisation, credit = excluded.credit, "
      "changed = excluded.changed");
  put.bind(1, record).bind(2, kind_.id).bind(3, state).bind(4, count).bind(5, is_disputed ? 1 : 0);
  put.bind(6, registration).bind(7, organisation).bind(8, credit).bind(9, now).run();
  return true;
}

bool Builder::is_there(const std::string& record) {
  sqlite::Statement query = database_.prepare("SELECT 1 FROM base_record WHERE record = ?");
  query.bind(1, record);
  return query.step();
}

bool Builder::end(const std::string& record, Micros now) {
  database_.prepare("DELETE FROM base_record WHERE record = ?").bind(1, record).run();
  if (database_.changes() == 0) return false;
  database_.prepare("DELETE FROM base_item WHERE record = ?").bind(1, record).run();
  database_.prepare("DELETE FROM base_code WHERE record = ?").bind(1, record).run();
  note(record, "", &record, nullptr, "", now);
  return true;
}

bool Builder::build(const std::string& record, Micros now, Codes codes) {
  const std::vector<Piece> pieces = pieces_.of_record(record);
  bool has_changed = false;
  if (pieces.empty()) {
    has_changed = end(record, now);
  } else {
    std::vector<PieceValues> values;
    for (const Piece& piece : pieces)
      if (const RecordSource* source = kind_.source(piece.source))
        values.push_back({piece.source, piece.key, rows_.values(*source, piece.key)});
    Items items;
    for (const RecordItem& item : kind_.items)
      if (auto value = chosen(item, values)) items.emplace(item.id, std::move(*value));
    const bool is_new = !is_there(record);
    has_changed = write_record(record, pieces, is_new, now);
    if (has_changed && codes == Codes::with_each) write_codes(record, pieces);
    has_changed = write_items(record, items, is_new, now) || has_changed;
  }
  if (has_changed) {
    sqlite::Statement put = database_.prepare("INSERT INTO base_change(source, key) VALUES(?, json_array(?))");
    put.bind(1, "base_" + kind_.id).bind(2, record).run();
  }
  return has_changed;
}

void Builder::rename(const std::string& from, const std::string& to, Micros now) {
  note(to, "", &from, &to, "", now);
  if (is_there(to) || !is_there(from)) return;
  // What parted from a record that lives on is new; what is left of a record goes on under its new name.
  if (!pieces_.of_record(from).empty()) return;
  for (const char* table : {"base_record", "base_item", "base_code"}) {
    const std::string sql = "UPDATE " + std::string(table) + " SET record = ? WHERE record = ?";
    database_.prepare(sql).bind(1, to).bind(2, from).run();
  }
  sqlite::Statement put = database_.prepare("INSERT INTO base_change(source, key) VALUES(?, json_array(?))");
  put.bind(1, "base_" + kind_.id).bind(2, from).run();
}

}  // namespace qianzhi::desk::records

#include "adapters/odbc/row_writer.h"

#include <algorithm>

#include "adapters/odbc/names.h"
#include "adapters/odbc/values.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

std::string listed(const std::vector<std::string>& parts, std::string_view between) {
  std::string text;
  for (const std::string& part : parts) text.append(text.empty() ? "" : between).append(part);
  return text;
}

}  // namespace

RowWriter::RowWriter(Session& session, const adapter::TargetTable& table, const CatalogTable& found,
                     const std::string& origin, const adapter::RowsStep& step)
    : session_(session),
      dialect_(session.dialect()),
      table_(table),
      origin_(origin),
      step_(step),
      soft_(table.mode == adapter::ApplyMode::soft_delete),
      name_(quote_table(session.dialect(), table.table)) {
  bool fits = step.columns.size() == step.indexes.size() && step.groups.size() == step.meta.size();
  for (const Column& column : step.columns) fits = fits && column.size() == step.meta.size();
  for (const std::size_t index : step.indexes) {
    if (index >= table.columns.size()) throw Error(ErrorKind::misuse, "QZ-ADP-011", "no such column in the target");
    const std::string& id = table.columns[index].id;
    names_.push_back(quote_name(dialect_, id));
    const CatalogColumn* column = found.find(dialect_, id);
    QZ_ASSERT(column != nullptr);
    parameters_.push_back(
        odbc::fill(dialect_.forms[static_cast<std::size_t>(column->form)].parameter, {{"t", column->type}}));
  }
  for (const std::string& key : table.key) {
    const auto place = std::find_if(step.indexes.begin(), step.indexes.end(),
                                    [&](std::size_t index) { return table.columns[index].id == key; });
    fits = fits && place != step.indexes.end();
    key_.push_back(static_cast<std::size_t>(place - step.indexes.begin()));
  }
  if (!fits) throw Error(ErrorKind::misuse, "QZ-ADP-011", "the rows do not fit the columns of " + table.table);
}

bool RowWriter::is_key(std::size_t column) const { return std::find(key_.begin(), key_.end(), column) != key_.end(); }

bool RowWriter::is_partial(std::size_t row) const {
  return std::any_of(step_.columns.begin(), step_.columns.end(),
                     [&](const Column& column) { return column.presence(row) == Presence::unchanged; });
}

// Booleans are written in the dialect's own words, which are ours and no data; null stays null.
std::string RowWriter::parameter(std::size_t column) const {
  const bool boolean = table_.columns[step_.indexes[column]].type == ItemType::boolean;
  if (!boolean) return parameters_[column];
  return "CASE " + odbc::fill(dialect_.forms[static_cast<std::size_t>(Form::text)].parameter, {{"t", "varchar(5)"}}) +
         " WHEN 'true' THEN " + std::string(dialect_.value_true) + " WHEN 'false' THEN " +
         std::string(dialect_.value_false) + " END";
}

std::string RowWriter::where_key() const {
  std::vector<std::string> terms;
  terms.reserve(key_.size());
  for (const std::size_t column : key_) terms.push_back(names_[column] + " = " + parameter(column));
  return " WHERE " + listed(terms, " AND ");
}

void RowWriter::add_value(Parameters& values, std::size_t column, std::size_t row) const {
  const Column& all = step_.columns[column];
  const ItemType type = table_.columns[step_.indexes[column]].type;
  std::string_view text = all.text(row);
  // Our sessions count in UTC, so that an instant is the same without its mark.
  if (type == ItemType::timestamp && !dialect_.reads_zones && !text.empty() && text.back() == 'Z')
    text.remove_suffix(1);
  if (all.presence(row) != Presence::value)
    values.add_null();
  else if (type == ItemType::bytes)
    values.add_octets(text);
  else
    values.add(text);
}

void RowWriter::add_key(Parameters& values, std::size_t row) const {
  for (const std::size_t column : key_) add_value(values, column, row);
}

// Texts end at a NUL for some drivers, which would cut them silently.
RowWriter::Refusal RowWriter::unfit(std::size_t row) const {
  if (!is_text(step_.groups[row])) return RowRefusal{"QZ-ADP-034", "a group name is no text", false};
  for (std::size_t i = 0; i < step_.columns.size(); ++i) {
    const Item& item = table_.columns[step_.indexes[i]];
    const Presence presence = step_.columns[i].presence(row);
    const bool is_value = presence == Presence::value;
    const std::string_view text = step_.columns[i].text(row);
    const bool no_boolean = is_value && item.type == ItemType::boolean && text != "true" && text != "false";
    const bool bad = no_boolean || presence == Presence::invalid || (is_key(i) && presence != Presence::value) ||
                     (is_value && item.type != ItemType::bytes && !is_text(text));
    if (bad) return RowRefusal{"QZ-ADP-034", "column " + item.id + " cannot hold the value", false};
  }
  return std::nullopt;
}

RowWriter::Owner RowWriter::owner_of(std::size_t row) {
  Parameters values;
  add_key(values, row);
  Rows rows =
      session_.query("SELECT qz_origin, qz_group" + std::string(soft_ ? ", qz_deleted" : "") + " FROM " + name_ +
                         std::string(dialect_.lock_head) + where_key() + std::string(dialect_.lock_tail),
                     std::move(values), "looking for a row");
  Owner owner;
  if (!rows.next()) return owner;
  owner.there = true;
  owner.ours = rows.text(0) == origin_;
  owner.group = rows.text(1);
  owner.deleted = soft_ && rows.text(2) == "1";
  return owner;
}

RowWriter::Refusal RowWriter::run(const std::string& sql, Parameters values, bool removing, std::uint64_t& changed) {
  const auto failure = session_.attempt(sql, std::move(values), "writing rows", changed);
  if (!failure) return std::nullopt;
  return refusal_of(*failure, dialect_, removing);
}

RowWriter::Refusal RowWriter::insert(std::size_t row) {
  Parameters values;
  std::vector<std::string> marks;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    marks.push_back(parameter(i));
    add_value(values, i, row);
  }
  values.add(origin_).add(step_.groups[row]).add(step_.seen.empty() ? "-" : step_.seen);
  std::uint64_t changed = 0;
  return run("INSERT INTO " + name_ + " (" + listed(names_, ", ") + ", qz_origin, qz_group, qz_seen" +
                 (soft_ ? ", qz_deleted" : "") + ") VALUES (" + listed(marks, ", ") + ", ?, ?, ?" +
                 (soft_ ? ", 0" : "") + ")",
             std::move(values), false, changed);
}

// revive: the row was deleted softly, perhaps by another origin.
RowWriter::Refusal RowWriter::update(std::size_t row, bool revive) {
  std::vector<std::string> sets;
  Parameters values;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (is_key(i) || step_.columns[i].presence(row) == Presence::unchanged) continue;
    sets.push_back(names_[i] + " = " + parameter(i));
    add_value(values, i, row);
  }
  sets.emplace_back("qz_group = ?");
  values.add(step_.groups[row]);
  if (!step_.seen.empty()) {
    sets.emplace_back("qz_seen = ?");
    values.add(step_.seen);
  }
  if (revive) {
    sets.emplace_back("qz_deleted = 0");
    sets.emplace_back("qz_origin = ?");
    values.add(origin_);
  }
  add_key(values, row);
  std::uint64_t changed = 0;
  return run("UPDATE " + name_ + " SET " + listed(sets, ", ") + where_key(), std::move(values), false, changed);
}

RowWriter::Refusal RowWriter::erase(std::size_t row, std::uint64_t& changed) {
  Parameters values;
  add_key(values, row);
  const std::string gone = soft_ ? "UPDATE " + name_ + " SET qz_deleted = 1" : "DELETE FROM " + name_;
  return run(gone + where_key(), std::move(values), true, changed);
}

RowWriter::Refusal RowWriter::upsert(std::size_t row, adapter::ApplyResult& result) {
  const Owner owner = owner_of(row);
  const bool lives = owner.there && !owner.deleted;
  if (lives && !owner.ours) return RowRefusal{"QZ-ADP-030", "another provider owns the key in " + table_.table, true};
  if (!lives && is_partial(row)) {
    ++result.dropped_partial;
    return std::nullopt;
  }
  if (auto refusal = owner.there ? update(row, owner.deleted) : insert(row)) return refusal;
  ++result.upserted;
  return append_history(row);
}

RowWriter::Refusal RowWriter::remove(std::size_t row, adapter::ApplyResult& result) {
  const Owner owner = owner_of(row);
  if (!owner.ours || owner.deleted) return std::nullopt;
  std::uint64_t changed = 0;
  if (auto refusal = erase(row, changed)) return refusal;
  ++result.removed;
  return append_history(row);
}

RowWriter::Refusal RowWriter::withhold(std::size_t row, adapter::ApplyResult& result) {
  const Owner owner = owner_of(row);
  if (!owner.ours) return std::nullopt;
  if (!owner.deleted && owner.group != step_.groups[row]) {
    std::uint64_t changed = 0;
    if (auto refusal = erase(row, changed)) return refusal;
    ++result.removed;
  }
  mark_seen(row);
  return std::nullopt;
}

void RowWriter::mark_seen(std::size_t row) {
  if (step_.seen.empty() || unfit(row)) return;
  Parameters values = Parameters().add(step_.seen);
  add_key(values, row);
  values.add(origin_);
  session_.run("UPDATE " + name_ + " SET qz_seen = ?" + where_key() + " AND qz_origin = ?", std::move(values),
               "marking a row");
}

// Once only, also when a batch comes again.
RowWriter::Refusal RowWriter::append_history(std::size_t row) {
  if (table_.mode != adapter::ApplyMode::history) return std::nullopt;
  const adapter::RowsStep& step = step_;
  const std::string history = quote_table(dialect_, table_.history_table);
  const std::string mark =
      odbc::fill(dialect_.forms[static_cast<std::size_t>(Form::integer)].parameter, {{"t", "bigint"}});
  const auto place = [&](Parameters& values) {
    values.add(std::to_string(step.batch.epoch)).add(std::to_string(step.batch.sequence));
    values.add(std::to_string(step.meta[row].ordinal));
  };
  {
    Parameters values = Parameters().add(origin_);
    place(values);
    Rows rows = session_.query("SELECT 1 FROM " + history + " WHERE qz_origin = ? AND qz_epoch = " + mark +
                                   " AND qz_sequence = " + mark + " AND qz_ordinal = " + mark,
                               std::move(values), "looking at the history");
    if (rows.next()) return std::nullopt;
  }
  Parameters values;
  std::vector<std::string> marks;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    marks.push_back(parameter(i));
    add_value(values, i, row);
  }
  values.add(origin_).add(step.groups[row]);
  values.add(step.meta[row].operation == Operation::upsert ? "upsert" : "delete");
  place(values);
  std::uint64_t changed = 0;
  return run("INSERT INTO " + history + " (" + listed(names_, ", ") +
                 ", qz_origin, qz_group, qz_operation, qz_epoch, qz_sequence, qz_ordinal) VALUES (" +
                 listed(marks, ", ") + ", ?, ?, ?, " + mark + ", " + mark + ", " + mark + ")",
             std::move(values), false, changed);
}

std::optional<RowRefusal> RowWriter::write(std::size_t row, adapter::ApplyResult& result) {
  if (auto refusal = unfit(row)) return refusal;
  switch (step_.meta[row].operation) {
    case Operation::upsert: return upsert(row, result);
    case Operation::remove: return remove(row, result);
    case Operation::withheld: return withhold(row, result);
  }
  return std::nullopt;
}

}  // namespace qianzhi::odbc

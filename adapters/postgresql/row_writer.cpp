#include "adapters/postgresql/row_writer.h"

#include <libpq-fe.h>

#include <algorithm>
#include <numeric>

#include "adapters/postgresql/row_text.h"
#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

constexpr std::size_t array_limit = 200;  // rows; more go through the staging table
constexpr std::size_t copy_block = 65'536;
constexpr unsigned text_oid = 25;
constexpr unsigned text_array_oid = 1009;

RowRefusal owned_by_another(const adapter::TargetTable& table) {
  return {"QZ-ADP-030", "another provider owns the key in " + table.table, true};
}

std::string mask_of(const adapter::RowsStep& step, std::size_t row) {
  std::string mask;
  for (const auto& column : step.columns) mask += column.presence(row) == Presence::unchanged ? '0' : '1';
  return mask;
}

}  // namespace

RowWriter::RowWriter(Session& session, const adapter::TargetTable& table, const MergeSql& sql,
                     const std::string& origin, std::vector<std::string>& staged, NewRows& new_rows,
                     adapter::ApplyResult& result)
    : session_(session),
      table_(table),
      sql_(sql),
      origin_(origin),
      staged_(staged),
      new_rows_(new_rows),
      result_(result) {}

void RowWriter::apply(const adapter::RowsStep& step, std::size_t index) {
  step_ = &step;
  index_ = index;
  apply_range(0, step.meta.size());
}

void RowWriter::apply_range(std::size_t begin, std::size_t end) {
  if (begin == end) return;
  Counts counts;
  session_.run("SAVEPOINT qz_rows", "setting a savepoint");
  const auto refusal = try_range(begin, end, counts);
  if (!refusal) {
    session_.run("RELEASE SAVEPOINT qz_rows", "releasing a savepoint");
    result_.upserted += counts.upserted;
    result_.removed += counts.removed;
    result_.dropped_partial += counts.dropped;
    return;
  }
  session_.run("ROLLBACK TO SAVEPOINT qz_rows; RELEASE SAVEPOINT qz_rows", "undoing refused rows");
  if (end - begin == 1) return reject(begin, *refusal);
  const std::size_t middle = begin + (end - begin) / 2;
  apply_range(begin, middle);
  apply_range(middle, end);
}

std::optional<RowRefusal> RowWriter::try_range(std::size_t begin, std::size_t end, Counts& counts) {
  for (std::size_t row = begin; row < end; ++row)
    if (auto refusal = unfit(row)) return refusal;
  const bool keep_all = table_.mode == adapter::ApplyMode::history;
  const Rounds plan = plan_rounds(*step_, sql_.key(), begin, end, keep_all);
  for (const Round& round : plan.rounds)
    if (auto refusal = try_round(round, counts)) return refusal;
  counts.upserted += plan.superseded;
  return std::nullopt;
}

std::optional<RowRefusal> RowWriter::try_round(const Round& round, Counts& counts) {
  if (auto refusal = try_removes(round.removes, counts)) return refusal;
  if (auto refusal = try_withheld(round.withheld, counts)) return refusal;
  if (auto refusal = try_upserts(round.upserts, counts)) return refusal;
  return try_partials(round.partials, counts);
}

// The protocol ends a value at a NUL, so a text with one would be cut silently; groups and keys are text always.
std::optional<RowRefusal> RowWriter::unfit(std::size_t row) const {
  const auto has_nul = [](std::string_view text) { return text.find('\0') != std::string_view::npos; };
  if (has_nul(step_->groups[row])) return RowRefusal{"QZ-ADP-034", "a group name holds a NUL", false};
  for (std::size_t i = 0; i < step_->columns.size(); ++i)
    if (!sql_.is_bytes(i) && has_nul(step_->columns[i].text(row)))
      return RowRefusal{"QZ-ADP-034", "a text for column " + table_.columns[sql_.indexes()[i]].id + " holds a NUL",
                        false};
  return std::nullopt;
}

std::optional<RowRefusal> RowWriter::try_removes(const std::vector<std::size_t>& rows, Counts& counts) {
  if (rows.empty()) return std::nullopt;
  Source source;
  std::uint64_t affected = 0;
  if (auto refusal = make_source(rows, source)) return refusal;
  if (auto refusal = run(sql_.remove(source.x), source, affected)) return refusal;
  counts.removed += affected;
  if (table_.mode != adapter::ApplyMode::history) return std::nullopt;
  return run(sql_.append_removal(source.x), source, affected);
}

std::optional<RowRefusal> RowWriter::try_withheld(const std::vector<std::size_t>& rows, Counts& counts) {
  if (rows.empty()) return std::nullopt;
  Source source;
  std::uint64_t affected = 0;
  if (auto refusal = make_source(rows, source)) return refusal;
  if (auto refusal = run(sql_.remove_moved(source.x), source, affected)) return refusal;
  counts.removed += affected;
  if (step_->seen.empty()) return std::nullopt;
  return run(sql_.touch(source.x), source, affected);
}

std::optional<RowRefusal> RowWriter::try_upserts(const std::vector<std::size_t>& rows, Counts& counts) {
  if (rows.empty()) return std::nullopt;
  if (copy_new(rows)) {
    counts.upserted += rows.size();
    return std::nullopt;
  }
  Source source;
  std::uint64_t affected = 0;
  if (auto refusal = make_source(rows, source)) return refusal;
  if (auto refusal = run(sql_.upsert(source.x), source, affected)) return refusal;
  if (affected < rows.size()) return owned_by_another(table_);
  counts.upserted += affected;
  if (table_.mode != adapter::ApplyMode::history) return std::nullopt;
  return run(sql_.append_history(source.x), source, affected);
}

std::optional<RowRefusal> RowWriter::try_partials(const std::vector<std::size_t>& rows, Counts& counts) {
  if (rows.empty()) return std::nullopt;
  Source source;
  std::uint64_t affected = 0;
  if (auto refusal = make_source(rows, source)) return refusal;
  if (auto refusal = run(sql_.update_partial(source.x), source, affected)) return refusal;
  if (affected < rows.size()) {
    const Result foreign = session_.attempt_prepared(sql_.count_foreign(source.x), source.types, source.values,
                                                     "looking for other providers' rows");
    if (session_.check(foreign, "looking for other providers' rows").integer(0, 0) > 0) return owned_by_another(table_);
  }
  counts.upserted += affected;
  counts.dropped += rows.size() - affected;
  if (table_.mode != adapter::ApplyMode::history) return std::nullopt;
  return run(sql_.append_history(source.x), source, affected);
}

// A row set aside is still a row the provider has: the end of a refill must not sweep what the target holds of it.
void RowWriter::reject(std::size_t row, const RowRefusal& refusal) {
  result_.rejections.push_back({index_, row, refusal.code, refusal.detail, refusal.may_heal});
  if (step_->seen.empty() || unfit(row)) return;
  adapter::RowsStep key_only;
  key_only.meta.push_back(step_->meta[row]);
  key_only.groups.push_back(step_->groups[row]);
  key_only.seen = step_->seen;
  key_only.batch = step_->batch;
  for (std::size_t i = 0; i < step_->columns.size(); ++i) {
    key_only.columns.emplace_back();
    const bool is_key = std::find(sql_.key().begin(), sql_.key().end(), i) != sql_.key().end();
    if (is_key)
      key_only.columns.back().append_from(step_->columns[i], row);
    else
      key_only.columns.back().append_null();
  }
  const adapter::RowsStep* whole = step_;
  step_ = &key_only;
  Source source;
  std::uint64_t affected = 0;
  session_.run("SAVEPOINT qz_rows", "setting a savepoint");
  auto failed = make_source({0}, source);
  if (!failed) failed = run(sql_.touch(source.x), source, affected);
  session_.run(failed ? "ROLLBACK TO SAVEPOINT qz_rows; RELEASE SAVEPOINT qz_rows" : "RELEASE SAVEPOINT qz_rows",
               "ending a savepoint");
  step_ = whole;
}

std::optional<RowRefusal> RowWriter::make_source(const std::vector<std::size_t>& rows, Source& source) {
  source.values.add(origin_).add(step_->seen);
  source.values.add(std::to_string(step_->batch.epoch)).add(std::to_string(step_->batch.sequence));
  source.types.assign(4, text_oid);
  if (rows.size() > array_limit) {
    source.x = sql_.staging();
    return stage_rows(rows);
  }
  source.x = sql_.arrays();
  source.types.resize(4 + step_->columns.size() + 3, text_array_oid);
  for (std::size_t i = 0; i < step_->columns.size(); ++i)
    source.values.add(array_literal(step_->columns[i], rows, sql_.is_bytes(i)));
  std::string groups = "{";
  std::string masks = "{";
  std::string ordinals = "{";
  for (const std::size_t row : rows) {
    const std::string comma = row == rows.front() ? "" : ",";
    append_array_text(step_->groups[row], groups += comma);
    append_array_text(mask_of(*step_, row), masks += comma);
    ordinals += comma + std::to_string(step_->meta[row].ordinal);
  }
  source.values.add(groups + "}").add(masks + "}").add(ordinals + "}");
  return std::nullopt;
}

std::optional<RowRefusal> RowWriter::stage_rows(const std::vector<std::size_t>& rows) {
  const std::string& stage = sql_.staging();
  const bool used = std::find(staged_.begin(), staged_.end(), stage) != staged_.end();
  session_.run(sql_.create_staging(), "making the staging table");
  if (used) session_.run("TRUNCATE " + stage, "emptying the staging table");
  if (!used) staged_.push_back(stage);
  const Result copied = copy("COPY " + stage + " FROM STDIN", rows, [this](std::size_t row, std::string& line) {
    append_copy_text(step_->groups[row], line);
    line.append(1, '\t').append(mask_of(*step_, row)).append(1, '\t');
    line.append(std::to_string(step_->meta[row].ordinal));
  });
  if (copied.is_ok()) return std::nullopt;
  if (session_.is_broken() || !is_row_failure(sqlstate_of(copied.handle())))
    throw error_of(copied.handle(), session_.handle(), "copying rows");
  return refusal_of(copied.handle());
}

bool RowWriter::copy_new(const std::vector<std::size_t>& rows) {
  const bool plain = table_.mode != adapter::ApplyMode::history && rows.size() > array_limit;
  if (!plain || !new_rows_.may_try() || is_there(rows.front())) return false;
  session_.run("SAVEPOINT qz_new", "setting a savepoint");
  const Result copied = copy(sql_.copy_new(), rows, [this](std::size_t row, std::string& line) {
    append_copy_text(origin_, line);
    append_copy_text(step_->groups[row], line += '\t');
    append_copy_text(step_->seen, line += '\t');
  });
  if (session_.is_broken()) throw error_of(copied.handle(), session_.handle(), "copying rows");
  const bool were_new = copied.is_ok();
  session_.run(were_new ? "RELEASE SAVEPOINT qz_new" : "ROLLBACK TO SAVEPOINT qz_new; RELEASE SAVEPOINT qz_new",
               "ending a savepoint");
  were_new ? new_rows_.were_new() : new_rows_.were_there();
  return were_new;
}

bool RowWriter::is_there(std::size_t row) {
  Parameters values;
  for (const std::size_t place : sql_.key()) {
    const std::string text(step_->columns[place].text(row));
    values.add(sql_.is_bytes(place) ? "\\x" + to_hex(text) : text);
  }
  session_.run("SAVEPOINT qz_new", "setting a savepoint");
  const Result found = session_.attempt_prepared(sql_.has_key(), std::vector<unsigned>(sql_.key().size(), text_oid),
                                                 values, "seeking a key");
  if (session_.is_broken()) throw error_of(found.handle(), session_.handle(), "seeking a key");
  const bool there = !found.is_ok() || found.integer(0, 0) > 0;
  session_.run(found.is_ok() ? "RELEASE SAVEPOINT qz_new" : "ROLLBACK TO SAVEPOINT qz_new; RELEASE SAVEPOINT qz_new",
               "ending a savepoint");
  return there;
}

Result RowWriter::copy(const std::string& statement, const std::vector<std::size_t>& rows,
                       const std::function<void(std::size_t row, std::string& line)>& end) {
  Result begun = session_.attempt(statement, {}, "copying rows");
  if (!begun.is_ok()) return begun;
  PGconn* connection = session_.handle();
  std::string block;
  const auto send = [&] {
    if (PQputCopyData(connection, block.data(), static_cast<int>(block.size())) != 1)
      throw error_of(nullptr, connection, "copying rows");
    block.clear();
  };
  for (const std::size_t row : rows) {
    for (std::size_t i = 0; i < step_->columns.size(); ++i) {
      append_copy_field(step_->columns[i], row, sql_.is_bytes(i), block);
      block += '\t';
    }
    end(row, block);
    block += '\n';
    if (block.size() >= copy_block) send();
  }
  if (!block.empty()) send();
  if (PQputCopyEnd(connection, nullptr) != 1) throw error_of(nullptr, connection, "copying rows");
  Result copied(PQgetResult(connection));
  while (PGresult* rest = PQgetResult(connection)) PQclear(rest);
  return copied;
}

std::optional<RowRefusal> RowWriter::run(const std::string& statement, const Source& source, std::uint64_t& affected) {
  const Result result = session_.attempt_prepared(statement, source.types, source.values, "writing rows");
  if (!result.is_ok()) {
    if (!is_row_failure(sqlstate_of(result.handle())))
      throw error_of(result.handle(), session_.handle(), "writing rows");
    return refusal_of(result.handle());
  }
  affected = result.affected();
  return std::nullopt;
}

}  // namespace qianzhi::postgresql

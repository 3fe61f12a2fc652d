#include "adapters/sqlite/target.h"

#include "adapters/sql/mark.h"
#include "adapters/sql/sql_text.h"
#include "adapters/sqlite/keyset.h"
#include "adapters/sqlite/names.h"
#include "adapters/sqlite/plan.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::lite {

namespace {

Form form_for(ItemType type) {
  if (type == ItemType::boolean) return Form::boolean;
  return type == ItemType::bytes ? Form::bytes : Form::plain;
}

Head head_of(const sqlite::Statement& row, int column) {
  return head_of_mark(row.number(column), row.number(column + 1), row.view(column + 2));
}

bool is_mark(sqlite::Database& database, const TargetTransaction& work) {
  sqlite::Statement query =
      database.prepare("SELECT epoch, sequence, digest FROM qianzhi_mark WHERE subscription = ?1 AND origin = ?2");
  query.bind(1, work.next.subscription).bind(2, work.next.origin);
  return is_expected(query.step() ? std::optional(head_of(query, 0)) : std::nullopt, work.expected);
}

void write_mark(sqlite::Database& database, const MarkRow& mark) {
  database
      .prepare(
          "INSERT OR REPLACE INTO qianzhi_mark(subscription, origin, epoch, sequence, digest, state) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
      .bind(1, mark.subscription)
      .bind(2, mark.origin)
      .bind(3, mark.head.position.epoch)
      .bind(4, mark.head.position.sequence)
      .bind(5, digest_of_mark(mark.head))
      .bind_blob(6, mark.state)
      .run();
}

}  // namespace

SqliteTarget::SqliteTarget(TargetSpec spec) : spec_(std::move(spec)), file_(spec_.connection) {
  check_name(spec_.name);
}

SqliteTarget::~SqliteTarget() { open_.reset(); }

sqlite::Database& SqliteTarget::open() {
  const std::uint64_t before = file_.generation();
  sqlite::Database& database = file_.database();
  // The mark must be as durable as the rows, whatever this file's other users chose for themselves.
  if (file_.generation() != before) database.execute("PRAGMA synchronous=FULL");
  return database;
}

const TargetTable& SqliteTarget::table_at(std::size_t index) const {
  if (index >= spec_.tables.size()) throw Error(ErrorKind::misuse, "QZ-ADP-011", "no such table in this target");
  return spec_.tables[index];
}

std::vector<MarkRow> SqliteTarget::marks() {
  const FreshAfterError scope(file_);
  std::vector<MarkRow> marks;
  sqlite::Statement query = open().prepare(
      "SELECT subscription, origin, epoch, sequence, digest, state FROM qianzhi_mark ORDER BY subscription, origin");
  while (query.step()) marks.push_back({query.text(0), query.text(1), head_of(query, 2), query.text(5)});
  return marks;
}

bool SqliteTarget::attempt(sqlite::Database& database, const TargetTransaction& work, bool careful,
                           ApplyResult& result) {
  result = {};
  open_.emplace(database);
  if (!is_mark(database, work)) return false;
  database.prepare("INSERT INTO qianzhi_guard(on_behalf_of) VALUES (?1)").bind(1, work.next.origin).run();
  StepRunner runner(database, table_at(work.table), work.next.origin, result);
  for (std::size_t i = 0; i < work.steps.size(); ++i) runner.run(work.steps[i], i, careful);
  write_mark(database, work.next);
  database.execute("DELETE FROM qianzhi_guard");
  return true;
}

ApplyResult SqliteTarget::apply(const TargetTransaction& transaction) {
  if (open_.has_value()) throw Error(ErrorKind::misuse, "QZ-ADP-021", "a pending transaction was not ended");
  const FreshAfterError scope(file_);
  ApplyResult result;
  try {
    sqlite::Database& database = open();
    bool current = attempt(database, transaction, false, result);
    if (current && has_open_foreign_keys(database)) {
      open_.reset();
      current = attempt(database, transaction, true, result);
      if (has_open_foreign_keys(database))
        throw Error(ErrorKind::misuse, "QZ-ADP-020", "a foreign key keeps rows that must be removed");
    }
    result.state = ApplyResult::State::stale;
    if (current && !result.rejections.empty()) {
      result.state = ApplyResult::State::pending;
      return result;
    }
    if (current) {
      open_->commit();
      result.state = ApplyResult::State::committed;
    }
    open_.reset();
  } catch (const Error&) {
    open_.reset();
    throw;
  }
  return result;
}

void SqliteTarget::commit() {
  if (!open_.has_value()) throw Error(ErrorKind::misuse, "QZ-ADP-021", "there is no pending transaction");
  const FreshAfterError scope(file_);
  try {
    open_->commit();
  } catch (const Error&) {
    open_.reset();
    throw;
  }
  open_.reset();
}

void SqliteTarget::rollback() { open_.reset(); }

SnapshotChunk SqliteTarget::read_rows(std::size_t table, const Bytes& cursor, const ReadLimits& limits) {
  if (open_.has_value()) throw Error(ErrorKind::misuse, "QZ-ADP-021", "a pending transaction was not ended");
  const FreshAfterError scope(file_);
  const TargetTable& wanted = table_at(table);
  Page page{wanted.table, {}, {}, wanted.key, wanted.mode == ApplyMode::soft_delete ? "qz_deleted = 0" : ""};
  for (const Item& item : wanted.columns) {
    page.columns.push_back(item.id);
    page.forms.push_back(form_for(item.type));
  }
  for (const char* ours : {"qz_origin", "qz_group"}) {
    page.columns.emplace_back(ours);
    page.forms.push_back(Form::plain);
  }
  return read_page(open(), page, cursor, limits);
}

std::vector<Finding> SqliteTarget::preflight() {
  if (open_.has_value()) throw Error(ErrorKind::misuse, "QZ-ADP-021", "a pending transaction was not ended");
  const FreshAfterError scope(file_);
  sqlite::Database& database = open();
  const sqlite::Transaction snapshot(database, false);
  return check_target(database, spec_);
}

}  // namespace qianzhi::adapter::lite

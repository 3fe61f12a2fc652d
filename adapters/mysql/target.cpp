#include "adapters/mysql/target.h"

#include <algorithm>
#include <optional>

#include "adapters/mysql/keyset.h"
#include "adapters/mysql/names.h"
#include "adapters/mysql/row_writer.h"
#include "adapters/mysql/session.h"
#include "adapters/sql/mark.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

using adapter::ApplyResult;
using adapter::Step;
using adapter::TargetTable;

// Triggers of a journal on this database skip what a session with this variable writes (pitfall 31).
constexpr const char* own_session = "SET @qianzhi_writer = 1";
// `turns` grows with every transaction, so that the mark is always the first row that the binary log has of it: log
// capture of this database knows by that what is ours.
constexpr const char* insert_mark_sql =
    "INSERT INTO qianzhi_mark (epoch, sequence, digest, state, subscription, origin, turns) VALUES (?, ?, ?, ?, ?, ?, "
    "1)";
constexpr const char* update_mark_sql =
    "UPDATE qianzhi_mark SET epoch = ?, sequence = ?, digest = ?, state = ?, turns = turns + 1"
    " WHERE subscription = ? AND origin = ?";

class MysqlTarget final : public adapter::Target {
 public:
  explicit MysqlTarget(const adapter::TargetSpec& spec) : spec_(spec), tables_(spec_.tables.size()) {}

  std::vector<adapter::MarkRow> marks() override;
  ApplyResult apply(const adapter::TargetTransaction& transaction) override;
  void commit() override;
  void rollback() override;
  adapter::SnapshotChunk read_rows(std::size_t table, const Bytes& cursor, const adapter::ReadLimits& limits) override;
  std::vector<adapter::Finding> preflight() override { return preflight_target(spec_); }

 private:
  struct TableState {
    std::optional<CatalogTable> found;
    std::optional<KeysetReader> reader;
  };

  Session& session();
  Session& reader();
  void drop();
  TableState& state_of(Session& sql, std::size_t table);
  bool move_mark(Session& sql, const adapter::TargetTransaction& transaction);
  void run_step(Session& sql, const adapter::TargetTransaction& transaction, std::size_t index, ApplyResult& result);
  void remove_groups(Session& sql, const TargetTable& table, const std::string& origin, const Step& step, bool sweep,
                     ApplyResult& result);
  void clear_columns(Session& sql, const TargetTable& table, const std::string& origin, const Step& step);
  std::uint64_t settle(Session& sql, const std::string& statement, const Parameters& values, const TargetTable& table);

  adapter::TargetSpec spec_;
  std::vector<TableState> tables_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Session> reader_;
  Prepared prepared_;  // on session_: goes before it
  Charsets charsets_;
  bool pending_ = false;
};

// An error leaves no half-done transaction behind: the next call finds a fresh connection.
template <typename Drop>
class DropUnlessDone {
 public:
  explicit DropUnlessDone(Drop drop) : drop_(std::move(drop)) {}
  ~DropUnlessDone() {
    if (!done_) drop_();
  }
  DropUnlessDone(const DropUnlessDone&) = delete;
  DropUnlessDone& operator=(const DropUnlessDone&) = delete;
  void done() { done_ = true; }

 private:
  Drop drop_;
  bool done_ = false;
};

void MysqlTarget::drop() {
  prepared_.clear();
  session_.reset();
}

Session& MysqlTarget::session() {
  if (!session_ || session_->is_broken()) {
    drop();
    for (auto& table : tables_) table = {};
    session_ = std::make_unique<Session>(spec_.connection, Purpose::write);
    session_->run(own_session, "marking the session as ours");
  }
  return *session_;
}

// Texts come in their column's character set there.
Session& MysqlTarget::reader() {
  if (!reader_ || reader_->is_broken()) {
    reader_.reset();
    reader_ = std::make_unique<Session>(spec_.connection, Purpose::read);
    charsets_.set_names(charset_names(*reader_));
  }
  return *reader_;
}

std::vector<adapter::MarkRow> MysqlTarget::marks() {
  const Result found = session().run(
      "SELECT subscription, origin, epoch, sequence, digest, state FROM qianzhi_mark ORDER BY subscription, origin",
      "reading marks");
  std::vector<adapter::MarkRow> marks;
  for (int row = 0; row < found.rows(); ++row) {
    adapter::MarkRow mark;
    mark.subscription = found.text(row, 0);
    mark.origin = found.text(row, 1);
    mark.head = adapter::head_of_mark(found.number(row, 2), found.number(row, 3), found.text(row, 4));
    mark.state = found.text(row, 5);
    marks.push_back(std::move(mark));
  }
  return marks;
}

ApplyResult MysqlTarget::apply(const adapter::TargetTransaction& transaction) {
  if (pending_) rollback();
  if (transaction.table >= spec_.tables.size())
    throw Error(ErrorKind::misuse, "QZ-MY-008", "a transaction for a table that is not configured");
  Session& sql = session();
  DropUnlessDone guard([this] { drop(); });
  ApplyResult result;
  sql.run("START TRANSACTION READ WRITE", "beginning a transaction");
  if (!move_mark(sql, transaction)) {
    sql.run("ROLLBACK", "rolling back");
    guard.done();
    result.state = ApplyResult::State::stale;
    return result;
  }
  for (std::size_t i = 0; i < transaction.steps.size(); ++i) run_step(sql, transaction, i, result);
  if (result.rejections.empty()) {
    sql.run("COMMIT", "committing");
  } else {
    result.state = ApplyResult::State::pending;
    pending_ = true;
  }
  guard.done();
  return result;
}

void MysqlTarget::commit() {
  if (!pending_) throw Error(ErrorKind::misuse, "QZ-MY-008", "there is no pending transaction");
  pending_ = false;
  DropUnlessDone guard([this] { drop(); });
  // Not session(): a new connection would commit nothing and call it done.
  session_->run("COMMIT", "committing");
  guard.done();
}

void MysqlTarget::rollback() {
  if (!pending_) return;
  pending_ = false;
  if (!session_ || session_->is_broken()) return;
  DropUnlessDone guard([this] { drop(); });
  session_->run("ROLLBACK", "rolling back");
  guard.done();
}

bool MysqlTarget::move_mark(Session& sql, const adapter::TargetTransaction& transaction) {
  const adapter::MarkRow& next = transaction.next;
  const Result held =
      sql.query("SELECT epoch, sequence, digest FROM qianzhi_mark WHERE subscription = ? AND origin = ? FOR UPDATE",
                Parameters().add(next.subscription).add(next.origin), "reading the mark");
  std::optional<Head> head;
  if (held.rows() > 0) head = adapter::head_of_mark(held.number(0, 0), held.number(0, 1), held.text(0, 2));
  if (!adapter::is_expected(head, transaction.expected)) return false;
  const Parameters values = Parameters()
                                .add_number(next.head.position.epoch)
                                .add_number(next.head.position.sequence)
                                .add(adapter::digest_of_mark(next.head))
                                .add(next.state, ParameterKind::octets)
                                .add(next.subscription)
                                .add(next.origin);
  Statement move(sql, held.rows() > 0 ? update_mark_sql : insert_mark_sql, "moving the mark");
  const unsigned number = move.attempt(values);
  // Somebody else wrote it meanwhile.
  if (number != 0 && refusal_of(number).code == "QZ-ADP-031") return false;
  if (number != 0) throw error_of(number, "", "moving the mark");
  return move.affected() == 1;
}

MysqlTarget::TableState& MysqlTarget::state_of(Session& sql, std::size_t table) {
  TableState& state = tables_[table];
  if (state.found) return state;
  const TargetTable& wanted = spec_.tables[table];
  std::vector<std::string> columns{"qz_origin", "qz_group", "qz_seen"};
  if (wanted.mode == adapter::ApplyMode::soft_delete) columns.emplace_back("qz_deleted");
  for (const auto& item : wanted.columns) columns.push_back(item.id);
  CatalogTable found = require_table(sql, wanted.table, columns);
  std::vector<std::string> exact = wanted.key;
  exact.emplace_back("qz_origin");
  exact.emplace_back("qz_group");
  for (const std::string& name : exact)
    if (const CatalogColumn* column = found.find(name); column->form == Form::text && !column->is_octet_text())
      throw Error(ErrorKind::misuse, "QZ-ADP-017",
                  "column " + name + " of " + wanted.table + " has collation " + column->collation +
                      ", in which different keys may be equal");
  state.found = std::move(found);
  return state;
}

void MysqlTarget::run_step(Session& sql, const adapter::TargetTransaction& transaction, std::size_t index,
                           ApplyResult& result) {
  const Step& step = transaction.steps[index];
  const TargetTable& table = spec_.tables[transaction.table];
  const std::string& origin = transaction.next.origin;
  switch (step.kind) {
    case Step::Kind::keep_groups: return remove_groups(sql, table, origin, step, false, result);
    case Step::Kind::sweep: return remove_groups(sql, table, origin, step, true, result);
    case Step::Kind::clear_columns: return clear_columns(sql, table, origin, step);
    case Step::Kind::rows: break;
  }
  const TableState& state = state_of(sql, transaction.table);
  RowWriter(sql, prepared_, table, *state.found, origin, step.rows).apply(index, result);
}

std::uint64_t MysqlTarget::settle(Session& sql, const std::string& statement, const Parameters& values,
                                  const TargetTable& table) {
  auto prepared = prepared_.find(statement);
  if (prepared == prepared_.end())
    prepared = prepared_.emplace(statement, std::make_unique<Statement>(sql, statement, "settling")).first;
  const unsigned number = prepared->second->attempt(values);
  if (is_row_failure(number))
    throw Error(ErrorKind::misuse, "QZ-ADP-020", "rows of " + table.table + ": error " + std::to_string(number));
  if (number != 0) throw error_of(number, "", "settling " + table.table);
  return prepared->second->affected();
}

void MysqlTarget::remove_groups(Session& sql, const TargetTable& table, const std::string& origin, const Step& step,
                                bool sweep, ApplyResult& result) {
  if (!sweep && step.groups.is_every()) return;
  const bool soft = sweep && table.mode == adapter::ApplyMode::soft_delete;
  const std::string gone = (soft ? "UPDATE " : "DELETE FROM ") + quote_table(table.table) +
                           (soft ? " SET qz_deleted = 1" : "") + " WHERE qz_origin = ?";
  const std::string untagged = std::string(sweep ? " AND qz_seen <> ?" : "") + (soft ? " AND qz_deleted = 0" : "");
  std::vector<std::string> groups;
  if (sweep && step.groups.is_every()) {
    result.removed += settle(sql, gone + untagged, Parameters().add(origin).add(step.seen), table);
    return;
  }
  if (sweep) {
    for (const auto& group : step.groups.groups()) groups.push_back(group);
  } else {
    const Result held = sql.query("SELECT DISTINCT qz_group FROM " + quote_table(table.table) + " WHERE qz_origin = ?",
                                  Parameters().add(origin), "looking at groups");
    for (int row = 0; row < held.rows(); ++row)
      if (!step.groups.contains(held.text(row, 0))) groups.push_back(held.text(row, 0));
  }
  for (const std::string& group : groups) {
    Parameters values = Parameters().add(origin).add(group);
    if (sweep) values.add(step.seen);
    result.removed += settle(sql, gone + " AND qz_group = ?" + untagged, values, table);
  }
}

void MysqlTarget::clear_columns(Session& sql, const TargetTable& table, const std::string& origin, const Step& step) {
  std::string set;
  for (const std::size_t index : step.indexes) {
    if (index >= table.columns.size()) throw Error(ErrorKind::misuse, "QZ-MY-008", "a step names an unknown column");
    set += (set.empty() ? "" : ", ") + quote_name(table.columns[index].id) + " = NULL";
  }
  if (set.empty()) return;
  settle(sql, "UPDATE " + quote_table(table.table) + " SET " + set + " WHERE qz_origin = ?", Parameters().add(origin),
         table);
}

adapter::SnapshotChunk MysqlTarget::read_rows(std::size_t table, const Bytes& cursor,
                                              const adapter::ReadLimits& limits) {
  if (table >= spec_.tables.size()) throw Error(ErrorKind::misuse, "QZ-MY-008", "a table that is not configured");
  if (pending_) rollback();
  Session& sql = reader();
  DropUnlessDone guard([this] { reader_.reset(); });
  TableState& state = state_of(sql, table);
  if (!state.reader) {
    const TargetTable& wanted = spec_.tables[table];
    std::vector<std::string> columns;
    std::vector<Form> forms;
    for (const auto& item : wanted.columns) {
      columns.push_back(item.id);
      forms.push_back(item.type == ItemType::boolean ? Form::boolean : state.found->find(item.id)->form);
    }
    for (const char* ours : {"qz_origin", "qz_group"}) {
      columns.emplace_back(ours);
      forms.push_back(Form::text);
    }
    state.reader.emplace(*state.found, columns, wanted.key,
                         wanted.mode == adapter::ApplyMode::soft_delete ? "qz_deleted = 0" : "", forms);
  }
  KeysetPage page = state.reader->read(sql, charsets_, cursor, limits);
  adapter::SnapshotChunk chunk;
  chunk.columns = std::move(page.columns);
  chunk.cursor = std::move(page.cursor);
  chunk.done = page.exhausted;
  guard.done();
  return chunk;
}

}  // namespace

std::unique_ptr<adapter::Target> make_target(const adapter::TargetSpec& spec) {
  return std::make_unique<MysqlTarget>(spec);
}

}  // namespace qianzhi::mysql

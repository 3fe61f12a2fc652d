#include "adapters/odbc/watermark_tables.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "adapters/odbc/keyset.h"
#include "adapters/odbc/names.h"
#include "adapters/odbc/plan.h"
#include "adapters/odbc/scopes.h"
#include "adapters/odbc/source.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

using adapter::TableEvent;
using adapter::TableEventKind;
using adapter::sql::is_own_mark;
using adapter::sql::MarkedPage;
using adapter::sql::MarkFence;
using adapter::sql::MarkRange;

constexpr Micros look_pause = 110'000;  // between two looks at what is open
constexpr int looks_at_start = 60;
constexpr Micros long_held = 60'000'000;

std::uint64_t mark_in(std::string_view text) {
  std::uint64_t mark = 0;
  std::from_chars(text.data(), text.data() + text.size(), mark);
  return mark;
}

class MarkedOdbcTables final : public adapter::sql::MarkedTables {
 public:
  MarkedOdbcTables(const adapter::SourceSpec& spec, const Clock& clock, std::shared_ptr<adapter::Waiter> waiter)
      : spec_(spec),
        dialect_(dialect_of(spec_.connection)),
        clock_(clock),
        waiter_(std::move(waiter)),
        tables_(spec_.tables.size()) {}

  MarkFence present() override;
  MarkFence begin(std::uint64_t from, std::uint64_t awaited) override;
  void begin_all() override;
  MarkFence shown() override;
  void end() noexcept override { snapshot_.reset(); }
  bool are_times() const override { return false; }
  bool is_waiting() const override { return writers_.is_waiting(); }
  std::vector<TableEvent> look() override;
  bool is_readable(std::size_t table) const override { return tables_[table].found.has_value(); }
  MarkedPage read(std::size_t table, const MarkRange& range, const Bytes& cursor,
                  const adapter::ReadLimits& limits) override;
  MarkedPage read_all(std::size_t table, const Bytes& cursor, const adapter::ReadLimits& limits) override;
  std::vector<adapter::Finding> preflight() override { return preflight_source(spec_); }
  std::vector<adapter::TableInfo> describe(const std::vector<std::size_t>& tables, bool count) override;

 private:
  struct Table {
    std::optional<CatalogTable> found;
    std::optional<KeysetReader> by_key;
    std::optional<KeysetReader> by_mark;
  };
  // Runs a call; after an error nothing of the connection is used again.
  template <typename Call>
  auto guarded(const Call& call) -> decltype(call(std::declval<Session&>()));
  bool is_listed() const { return dialect_.watermark.kind == MarkKind::listed; }
  std::string one_text(Session& sql, std::string_view text);
  MarkFence fence_now(Session& sql, bool fresh);
  bool has_rows_from(Session& sql, std::uint64_t mark);
  void look_at_writers(Session& sql);
  std::vector<TableEvent> look_at_tables(Session& sql);
  std::string problem_of(Session& sql, std::size_t table);
  std::string marked(const adapter::SourceTable& wanted, std::uint64_t lower, std::uint64_t upper) const;
  MarkedPage page(Session& sql, KeysetReader& reader, const Bytes& cursor, const adapter::ReadLimits& limits);

  adapter::SourceSpec spec_;
  const Dialect& dialect_;
  const Clock& clock_;
  std::shared_ptr<adapter::Waiter> waiter_;
  std::vector<Table> tables_;
  std::vector<std::string> shapes_ = std::vector<std::string>(spec_.tables.size());  // as described last
  std::unique_ptr<Session> session_;
  std::optional<Snapshot> snapshot_;  // of session_: goes before it
  adapter::sql::OpenWriters writers_;
  std::string server_;
  std::uint64_t age_ = 0;
  std::optional<Micros> looked_at_;
  std::optional<Micros> waits_since_;
};

template <typename Call>
auto MarkedOdbcTables::guarded(const Call& call) -> decltype(call(std::declval<Session&>())) {
  if (!session_) {
    for (Table& table : tables_) table = {};
    // Another start of the server would number sessions and transactions anew.
    writers_.reset();
    looked_at_.reset();
    server_.clear();
    session_ = std::make_unique<Session>(spec_.connection, Purpose::read);
  }
  try {
    return call(*session_);
  } catch (const Error&) {
    snapshot_.reset();
    session_.reset();
    throw;
  }
}

std::vector<adapter::TableInfo> MarkedOdbcTables::describe(const std::vector<std::size_t>& tables, bool count) {
  return guarded([&](Session& sql) {
    const Snapshot snapshot(sql);
    std::vector<adapter::TableInfo> found;
    for (const std::size_t table : tables) {
      found.push_back(describe_table(sql, spec_.tables.at(table).table, count));
      std::string shape = shape_in(found.back());
      if (shape != shapes_.at(table)) tables_.at(table) = {};
      shapes_[table] = std::move(shape);
    }
    return found;
  });
}

std::string MarkedOdbcTables::one_text(Session& sql, std::string_view text) {
  Rows rows = sql.query(with_marks_table(dialect_, spec_.name, text), {}, "asking for the server's marks");
  if (!rows.next()) throw Error(ErrorKind::misuse, "QZ-ADP-012", "what the install script makes is missing");
  return std::string(rows.text(0));
}

// In the caller's transaction. Server and age are asked for once a connection, and again if `fresh`.
MarkFence MarkedOdbcTables::fence_now(Session& sql, bool fresh) {
  const WatermarkTexts& texts = dialect_.watermark;
  if (server_.empty()) server_ = one_text(sql, texts.server_sql) + ":";
  if (!texts.age_sql.empty() && (fresh || age_ == 0)) age_ = mark_in(one_text(sql, texts.age_sql));
  if (is_listed()) {
    const std::uint64_t mark = mark_in(one_text(sql, texts.draw_sql));
    return {mark, mark + 1, server_, age_};
  }
  Rows rows =
      sql.query(with_marks_table(dialect_, spec_.name, texts.fence_sql), {}, "asking for the fence of the marks");
  if (!rows.next()) throw Error(ErrorKind::misuse, "QZ-ADP-012", "what the install script makes is missing");
  return {mark_in(rows.text(0)), mark_in(rows.text(1)), server_, age_};
}

std::string MarkedOdbcTables::marked(const adapter::SourceTable& wanted, std::uint64_t lower,
                                     std::uint64_t upper) const {
  return odbc::fill(dialect_.watermark.within, {{"c", "q." + quote_name(dialect_, wanted.watermark)},
                                                {"l", std::to_string(lower)},
                                                {"u", std::to_string(upper)}});
}

bool MarkedOdbcTables::has_rows_from(Session& sql, std::uint64_t mark) {
  const Snapshot looked(sql);
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    if (!tables_[i].found) continue;
    Rows rows = sql.query("SELECT " + odbc::fill(dialect_.first_head, {{"n", "1"}}) + "1 FROM " +
                              quote_table(dialect_, spec_.tables[i].table) + " q WHERE " +
                              marked(spec_.tables[i], mark, UINT64_MAX) + odbc::fill(dialect_.first_tail, {{"n", "1"}}),
                          {}, "looking for news");
    if (rows.next()) return true;
  }
  return false;
}

// The mark is drawn before the lists are made; see adapters/sql/open_writers.h.
void MarkedOdbcTables::look_at_writers(Session& sql) {
  const Micros now = clock_.steady();
  if (writers_.is_waiting() && looked_at_ && now - *looked_at_ < look_pause) return;
  looked_at_ = now;
  if (writers_.is_waiting()) {
    writers_.look(writer_lists(sql, clock_, *waiter_));
  } else {
    std::uint64_t mark = 0;
    {
      const Snapshot drawn(sql);
      mark = fence_now(sql, true).settled;
    }
    writers_.begin(mark, writer_lists(sql, clock_, *waiter_));
  }
  if (!writers_.is_waiting())
    waits_since_.reset();
  else if (!waits_since_)
    waits_since_ = now;
}

MarkFence MarkedOdbcTables::present() {
  return guarded([&](Session& sql) {
    MarkFence fence;
    {
      const Snapshot snapshot(sql);
      for (std::size_t i = 0; i < tables_.size(); ++i)
        if (const std::string problem = problem_of(sql, i); !problem.empty())
          throw Error(ErrorKind::misuse, "QZ-ADP-011", problem);
      fence = fence_now(sql, true);
    }
    if (!is_listed()) return fence;
    // Without a stored place nothing is known of what is open: it has to end first.
    for (int looks = 0; looks < looks_at_start; ++looks) {
      look_at_writers(sql);
      if (writers_.settled() >= fence.settled) {
        fence.settled = writers_.settled();
        return fence;
      }
      waiter_->wait(look_pause);
    }
    throw Error(ErrorKind::unavailable, "QZ-ODB-014",
                "statements or transactions are open for long: " + std::to_string(writers_.waits_for()));
  });
}

// The fence is asked for before the snapshot: whatever was below it has ended then, and the snapshot shows it.
MarkFence MarkedOdbcTables::begin(std::uint64_t from, std::uint64_t awaited) {
  return guarded([&](Session& sql) {
    MarkFence fence;
    {
      const Snapshot asked(sql);
      fence = fence_now(sql, false);
      if (is_listed() && fence.seen >= from) look_at_tables(sql);
    }
    if (is_listed()) {
      if (fence.seen >= from) {
        writers_.raise(from);
        if (writers_.is_waiting() || awaited > writers_.settled() || has_rows_from(sql, writers_.settled())) {
          look_at_writers(sql);
          fence.age = age_;
        }
      }
      fence.settled = writers_.settled();
    }
    snapshot_.emplace(sql);
    return fence;
  });
}

void MarkedOdbcTables::begin_all() {
  guarded([&](Session& sql) { snapshot_.emplace(sql); });
}

MarkFence MarkedOdbcTables::shown() {
  return guarded([&](Session& sql) { return fence_now(sql, true); });
}

std::string MarkedOdbcTables::problem_of(Session& sql, std::size_t table) {
  const adapter::SourceTable& wanted = spec_.tables[table];
  Table& state = tables_[table];
  if (!state.found || state.found->shape != shape_of(sql, wanted.table)) {
    state = {};
    state.found = find_table(sql, wanted.table);
  }
  if (!state.found) return "table " + wanted.table + " is gone";
  std::string missing;
  for (const auto* columns : {&wanted.columns, &wanted.old_columns})
    for (const std::string& name : *columns)
      if (state.found->find(dialect_, name) == nullptr) missing += (missing.empty() ? "" : ", ") + name;
  if (!missing.empty()) return "table " + wanted.table + " lacks the columns " + missing;
  return unfit_mark(dialect_, wanted, *state.found);
}

std::vector<TableEvent> MarkedOdbcTables::look_at_tables(Session& sql) {
  std::vector<TableEvent> events;
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    const std::string problem = problem_of(sql, i);
    if (problem.empty()) continue;
    tables_[i] = {};
    events.push_back({i, TableEventKind::schema_changed, problem, {}});
  }
  return events;
}

std::vector<TableEvent> MarkedOdbcTables::look() {
  return guarded([&](Session& sql) {
    std::vector<TableEvent> events = look_at_tables(sql);
    for (std::size_t i = 0; i < tables_.size(); ++i)
      if (tables_[i].found && lacks_mark_trigger(sql, spec_.name, spec_.tables[i]))
        events.push_back({i,
                          TableEventKind::unseen_changes,
                          "a trigger that keeps " + spec_.tables[i].watermark + " of " + spec_.tables[i].table +
                              " is missing or disabled",
                          {}});
    if (waits_since_ && clock_.steady() - *waits_since_ >= long_held)
      events.push_back({0, TableEventKind::attention,
                        "an open statement or transaction holds back changes for more than a minute", "QZ-ODB-014"});
    return events;
  });
}

MarkedPage MarkedOdbcTables::page(Session& sql, KeysetReader& reader, const Bytes& cursor,
                                  const adapter::ReadLimits& limits) {
  KeysetPage page = reader.read(sql, cursor, limits);
  std::size_t octets = 0;
  for (const Column& column : page.columns) octets += column.octets();
  return {std::move(page.columns), page.rows, octets, page.cursor, page.exhausted};
}

MarkedPage MarkedOdbcTables::read(std::size_t table, const MarkRange& range, const Bytes& cursor,
                                  const adapter::ReadLimits& limits) {
  return guarded([&](Session& sql) {
    const adapter::SourceTable& wanted = spec_.tables[table];
    auto& reader = tables_[table].by_mark;
    if (!reader) {
      std::vector<std::string> columns = wanted.columns;
      if (std::find(columns.begin(), columns.end(), wanted.watermark) == columns.end())
        columns.push_back(wanted.watermark);
      std::vector<std::string> key = wanted.key;
      key.insert(key.begin(), wanted.watermark);
      reader.emplace(dialect_, wanted.table, *tables_[table].found, std::move(columns), key, "");
    }
    reader->set_condition(marked(wanted, range.lower, range.upper));
    return page(sql, *reader, cursor, limits);
  });
}

MarkedPage MarkedOdbcTables::read_all(std::size_t table, const Bytes& cursor, const adapter::ReadLimits& limits) {
  return guarded([&](Session& sql) {
    const adapter::SourceTable& wanted = spec_.tables[table];
    auto& reader = tables_[table].by_key;
    // The table may have changed since the walk before.
    if (cursor.empty()) reader.reset();
    if (!reader)
      reader.emplace(dialect_, wanted.table, require_table(sql, wanted.table, wanted.columns), wanted.columns,
                     wanted.key, "");
    return page(sql, *reader, cursor, limits);
  });
}

}  // namespace

std::string unfit_mark(const Dialect& dialect, const adapter::SourceTable& wanted, const CatalogTable& table) {
  const CatalogColumn* column = table.find(dialect, wanted.watermark);
  if (column == nullptr) return "table " + wanted.table + " lacks the column " + wanted.watermark;
  const std::string_view kept = dialect.watermark.kept_type;
  const bool fits = kept.empty() ? is_own_mark(wanted) && column->form == Form::integer : column->type == kept;
  return fits ? std::string() : wanted.table + "." + wanted.watermark + " is " + column->type + ": no watermark here";
}

bool lacks_mark_trigger(Session& session, const std::string& name, const adapter::SourceTable& wanted) {
  const Dialect& dialect = session.dialect();
  if (dialect.watermark.triggers.empty()) return false;
  std::set<std::string> there;
  const auto [schema, table] = split_table(dialect, wanted.table);
  Rows rows = session.query(std::string(dialect.journal.triggers_sql), Parameters().add(schema).add(table),
                            "looking at the triggers");
  while (rows.next()) there.emplace(rows.text(0));
  return std::any_of(dialect.watermark.triggers.begin(), dialect.watermark.triggers.end(), [&](char kind) {
    return there.count(folded(dialect, trigger_name(dialect, name, wanted.table, kind))) == 0;
  });
}

std::unique_ptr<adapter::sql::MarkedTables> make_marked_tables(const adapter::SourceSpec& spec, const Clock& clock,
                                                               std::shared_ptr<adapter::Waiter> waiter) {
  return std::make_unique<MarkedOdbcTables>(spec, clock, std::move(waiter));
}

}  // namespace qianzhi::odbc

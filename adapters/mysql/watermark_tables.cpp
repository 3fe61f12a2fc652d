#include "adapters/mysql/watermark_tables.h"

#include <algorithm>
#include <optional>

#include "adapters/mysql/keyset.h"
#include "adapters/mysql/names.h"
#include "adapters/mysql/source.h"
#include "adapters/mysql/table_reader.h"
#include "adapters/mysql/table_shapes.h"
#include "adapters/mysql/watermark.h"
#include "adapters/mysql/watermark_preflight.h"
#include "adapters/mysql/writer_lists.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

using adapter::TableEventKind;
using adapter::sql::MarkedPage;
using adapter::sql::MarkFence;
using adapter::sql::MarkRange;

constexpr Micros look_pause = 110'000;  // between two looks at what is open
constexpr int looks_for_place = 60;
constexpr Micros long_held = 60'000'000;

class MarkedMysqlTables final : public adapter::sql::MarkedTables {
 public:
  MarkedMysqlTables(const adapter::SourceSpec& spec, const Clock& clock, std::shared_ptr<adapter::Waiter> waiter)
      : spec_(spec), clock_(clock), waiter_(std::move(waiter)), shapes_(spec_), readers_(spec_.tables.size()) {}

  MarkFence present() override;
  MarkFence begin(std::uint64_t from, std::uint64_t awaited) override;
  void begin_all() override;
  MarkFence shown() override { return drawn(*session_, true); }
  void end() noexcept override { snapshot_.reset(); }
  bool are_times() const override { return marks_ && marks_->kind() != MarkKind::number; }
  bool is_waiting() const override { return writers_.is_waiting(); }
  std::vector<adapter::TableEvent> look() override;
  bool is_readable(std::size_t table) const override { return shapes_.found(table).has_value(); }
  MarkedPage read(std::size_t table, const MarkRange& range, const Bytes& cursor,
                  const adapter::ReadLimits& limits) override;
  MarkedPage read_all(std::size_t table, const Bytes& cursor, const adapter::ReadLimits& limits) override;
  std::vector<adapter::Finding> preflight() override { return preflight_source(spec_); }
  std::vector<adapter::TableInfo> describe(const std::vector<std::size_t>& tables, bool count) override {
    bool is_new = false;
    std::vector<adapter::TableInfo> found = shown_.look(session(), tables, count, is_new);
    if (is_new) {
      shapes_.forget_all();
      for (Readers& readers : readers_) readers = {};
      has_looked_ = false;
    }
    return found;
  }

 private:
  struct Readers {
    std::optional<KeysetReader> by_key;
    std::optional<KeysetReader> by_mark;
  };
  Session& session();
  const Marks& marks(Session& sql);
  // Marks as they are drawn now; age: of the server, asked for once a connection, and again if `fresh`.
  MarkFence drawn(Session& sql, bool fresh);
  std::vector<adapter::TableEvent> look_at_shapes();
  bool has_rows_from(Session& sql, std::uint64_t mark) const;
  void look_at_writers(Session& sql);
  MarkedPage page(KeysetReader& reader, const Bytes& cursor, const adapter::ReadLimits& limits);

  adapter::SourceSpec spec_;
  const Clock& clock_;
  std::shared_ptr<adapter::Waiter> waiter_;
  TableShapes shapes_;
  TableReader shown_{spec_};  // looks only
  std::vector<Readers> readers_;
  Charsets charsets_;
  std::unique_ptr<Session> session_;
  std::optional<Snapshot> snapshot_;  // of session_: goes before it
  std::optional<Marks> marks_;
  adapter::sql::OpenWriters writers_;
  std::uint64_t age_ = 0;
  bool has_looked_ = false;
  std::optional<Micros> looked_at_;
  std::optional<Micros> waits_since_;
};

Session& MarkedMysqlTables::session() {
  if (session_ && !session_->is_broken()) return *session_;
  snapshot_.reset();
  session_.reset();
  marks_.reset();
  shapes_.forget_all();
  for (Readers& readers : readers_) readers = {};
  has_looked_ = false;
  // Another start of the server would number sessions and transactions anew.
  writers_.reset();
  looked_at_.reset();
  age_ = 0;
  session_ = std::make_unique<Session>(spec_.connection, Purpose::read);
  charsets_.set_names(charset_names(*session_));
  return *session_;
}

const Marks& MarkedMysqlTables::marks(Session& sql) {
  if (marks_) return *marks_;
  const Result cluster = sql.run("SHOW GLOBAL VARIABLES LIKE 'wsrep_on'", "looking at the server");
  if (cluster.rows() > 0 && cluster.text(0, 1) == "ON")
    throw Error(ErrorKind::misuse, "QZ-MY-035", "this server is a node of a Galera cluster");
  marks_.emplace(marks_of(sql, spec_));
  return *marks_;
}

// Of a copy, the log sequence number of InnoDB lies behind.
MarkFence MarkedMysqlTables::drawn(Session& sql, bool fresh) {
  const Marks& counted = marks(sql);
  if (fresh || age_ == 0)
    age_ = sql.run(
                  "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS"
                  " WHERE VARIABLE_NAME = 'INNODB_LSN_CURRENT'",
                  "asking for the server's age")
               .number(0, 0);
  const Result row = sql.run("SELECT " + counted.drawn_sql() + ", CONCAT(@@hostname, ':', @@port, ':', @@server_id)",
                             "drawing a mark");
  const std::uint64_t mark = row.number(0, 0);
  const char* kind = counted.kind() == MarkKind::number ? "number:" : "time:";
  return {counted.floor(mark), mark + 1, kind + row.text(0, 1), age_};
}

bool MarkedMysqlTables::has_rows_from(Session& sql, std::uint64_t mark) const {
  for (std::size_t i = 0; i < spec_.tables.size(); ++i) {
    if (!shapes_.found(i)) continue;
    const CatalogTable& table = *shapes_.found(i);
    try {
      const Result found =
          sql.run("SELECT EXISTS (SELECT 1 FROM " + quote_name(table.schema) + "." + quote_name(table.name) +
                      " WHERE " + marks_->from(spec_.tables[i].watermark, mark) + ")",
                  "looking for news");
      if (found.truth(0, 0)) return true;
    } catch (const Error& error) {
      // Altered since the last look: the next one tells.
      if (error.kind() != ErrorKind::misuse) throw;
    }
  }
  return false;
}

// The mark is drawn before the lists are made; see adapters/sql/open_writers.h.
void MarkedMysqlTables::look_at_writers(Session& sql) {
  const Micros now = clock_.steady();
  if (writers_.is_waiting() && looked_at_ && now - *looked_at_ < look_pause) return;
  looked_at_ = now;
  if (writers_.is_waiting()) {
    writers_.look(writer_lists(sql, clock_, *waiter_));
  } else {
    const std::uint64_t mark = drawn(sql, true).settled;
    writers_.begin(mark, writer_lists(sql, clock_, *waiter_));
  }
  if (!writers_.is_waiting())
    waits_since_.reset();
  else if (!waits_since_)
    waits_since_ = now;
}

// Without a stored place nothing is known of what is open: it has to end first.
MarkFence MarkedMysqlTables::present() {
  Session& sql = session();
  MarkFence fence = drawn(sql, true);
  for (int looks = 0; looks < looks_for_place; ++looks) {
    look_at_writers(sql);
    if (writers_.settled() >= fence.settled) {
      fence.settled = writers_.settled();
      return fence;
    }
    waiter_->wait(look_pause);
  }
  throw Error(ErrorKind::unavailable, "QZ-MY-042",
              "statements or transactions are open for long: " + std::to_string(writers_.waits_for()));
}

MarkFence MarkedMysqlTables::begin(std::uint64_t from, std::uint64_t awaited) {
  Session& sql = session();
  MarkFence fence = drawn(sql, false);
  // Marks that lie behind are judged by the caller; here they must not be taken for settled.
  if (fence.seen >= from) {
    writers_.raise(from);
    if (!has_looked_) look_at_shapes();
    if (writers_.is_waiting() || awaited > writers_.settled() || has_rows_from(sql, writers_.settled())) {
      look_at_writers(sql);
      fence.age = age_;
    }
  }
  fence.settled = writers_.settled();
  snapshot_.emplace(sql);
  return fence;
}

void MarkedMysqlTables::begin_all() {
  Session& sql = session();
  marks(sql);
  snapshot_.emplace(sql);
}

std::vector<adapter::TableEvent> MarkedMysqlTables::look_at_shapes() {
  std::vector<bool> changed(spec_.tables.size());
  std::vector<adapter::TableEvent> events = shapes_.look(*session_, changed);
  for (std::size_t i = 0; i < changed.size(); ++i)
    if (changed[i]) readers_[i] = {};
  has_looked_ = true;
  return events;
}

std::vector<adapter::TableEvent> MarkedMysqlTables::look() {
  std::vector<adapter::TableEvent> events = look_at_shapes();
  for (adapter::TableEvent& event : unkept_marks(*session_, spec_))
    if (shapes_.found(event.table)) events.push_back(std::move(event));
  if (waits_since_ && clock_.steady() - *waits_since_ >= long_held)
    events.push_back(
        {0, TableEventKind::attention,
         "statements or transactions that are open for more than a minute hold back what was written since",
         "QZ-MY-042"});
  return events;
}

MarkedPage MarkedMysqlTables::page(KeysetReader& reader, const Bytes& cursor, const adapter::ReadLimits& limits) {
  KeysetPage page = reader.read(*session_, charsets_, cursor, limits);
  std::size_t octets = 0;
  for (const Column& column : page.columns) octets += column.octets();
  return {std::move(page.columns), page.rows, octets, page.cursor, page.exhausted};
}

MarkedPage MarkedMysqlTables::read(std::size_t table, const MarkRange& range, const Bytes& cursor,
                                   const adapter::ReadLimits& limits) {
  const adapter::SourceTable& wanted = spec_.tables[table];
  auto& reader = readers_[table].by_mark;
  if (!reader) {
    std::vector<std::string> columns = wanted.columns;
    if (std::find(columns.begin(), columns.end(), wanted.watermark) == columns.end())
      columns.push_back(wanted.watermark);
    std::vector<std::string> key = wanted.key;
    key.insert(key.begin(), wanted.watermark);
    reader.emplace(*shapes_.found(table), std::move(columns), key, "");
  }
  reader->set_condition(marks_->within(wanted.watermark, range.lower, range.upper));
  return page(*reader, cursor, limits);
}

MarkedPage MarkedMysqlTables::read_all(std::size_t table, const Bytes& cursor, const adapter::ReadLimits& limits) {
  const adapter::SourceTable& wanted = spec_.tables[table];
  auto& reader = readers_[table].by_key;
  if (!reader) reader.emplace(require_table(*session_, wanted.table, wanted.columns), wanted.columns, wanted.key, "");
  return page(*reader, cursor, limits);
}

}  // namespace

std::unique_ptr<adapter::sql::MarkedTables> make_marked_tables(const adapter::SourceSpec& spec, const Clock& clock,
                                                               std::shared_ptr<adapter::Waiter> waiter) {
  return std::make_unique<MarkedMysqlTables>(spec, clock, std::move(waiter));
}

}  // namespace qianzhi::mysql

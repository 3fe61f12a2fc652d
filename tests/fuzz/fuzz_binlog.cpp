// Any octets as a binary log, each event after three octets of its length, read as the log reader does: parse, announce
// tables, take rows, build changes. Checksums are right or taken away first, so that the rest is reached. Nothing but
// Error(corrupt, QZ-MY-015) may come out, and what is built is well-formed.
#include <cstdint>
#include <map>

#include "adapters/mysql/binlog_position.h"
#include "adapters/mysql/binlog_query.h"
#include "adapters/mysql/log_changes.h"
#include "tests/fuzz/only_errors.h"

using namespace qianzhi;
using namespace qianzhi::mysql;

namespace {

const std::vector<adapter::SourceTable>& tables() {
  static const std::vector<adapter::SourceTable> all = {
      {"seeds.t", {"id", "n", "d", "y", "dt", "ts", "tm", "x", "g", "b", "e", "s", "u", "i", "f"}, {"id"}, {"x"}},
      {"seeds.t", {"x", "id"}, {"id"}, {}}};
  return all;
}

class Reader {
 public:
  Reader() {
    charsets_.set_names({{8, "latin1"}, {28, "gbk"}, {33, "utf8mb3"}, {45, "utf8mb4"}, {46, "utf8mb4"}});
    changes_.set_names({{"seeds", "t"}, {"seeds", "t"}});
  }

  void take(std::string_view octets) {
    const Event event = parser_.parse(octets);
    switch (event.type) {
      case EventType::gtid: parse_gtid(event); return;
      case EventType::rotate: log_file_of(parse_rotate(event).file); return;
      case EventType::xa_prepare: is_one_phase(event); return;
      case EventType::query:
      case EventType::query_compressed:
      case EventType::execute_load_query: {
        const QueryEvent query = parse_query(event);
        const auto words = words_of(query.text);
        if (kind_of(words) == StatementKind::definition) keeps_rows(words);
        names_table(words, query.schema, "seeds", "t");
        return;
      }
      case EventType::table_map: {
        const LoggedTable table = parse_table(event.body);
        if (changes_.is_ours(table)) tables_.insert_or_assign(table.id, table);
        return;
      }
      default: break;
    }
    if (rows_kind_of(event.type)) take_rows(event);
  }

  void check(bool failed) {
    const std::size_t rows = changes_.rows();
    std::size_t counted = 0;
    for (const adapter::TableChanges& changes : changes_.take()) {
      QZ_ASSERT(changes.table < tables().size());
      counted += changes.meta.size();
      for (const auto* columns : {&changes.columns, &changes.old})
        for (const Column& column : *columns) QZ_ASSERT(failed || column.size() == changes.meta.size());
    }
    QZ_ASSERT(failed || counted == rows);
  }

 private:
  void take_rows(const Event& event) {
    const auto table = tables_.find(rows_table_of(event));
    if (table == tables_.end()) return;
    const auto feeds = changes_.feeds_of(table->second);
    RowsCursor cursor(event, table->second);
    while (cursor.next())
      for (const Feed& feed : feeds)
        if (feed.problem.empty()) changes_.append(feed, table->second, cursor, {});
  }

  Charsets charsets_;
  LogChanges changes_{tables(), charsets_};
  EventParser parser_;
  std::map<std::uint64_t, LoggedTable> tables_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  Reader reader;
  bool failed = true;
  test::errors_only(
      [&] {
        while (rest.size() >= 3) {
          std::size_t length = 0;
          for (std::size_t i = 0; i < 3; ++i) length = length << 8U | static_cast<unsigned char>(rest[i]);
          std::string event(rest.substr(3, length));
          // The event's own length, so that a changed one is read, too.
          if (event.size() >= 19)
            for (std::size_t i = 0; i < 4; ++i) event[9 + i] = static_cast<char>(event.size() >> (8 * i) & 0xFFU);
          reader.take(event);
          rest.remove_prefix(std::min(rest.size(), length + 3));
        }
        failed = false;
      },
      ErrorKind::corrupt, "QZ-MY-015");
  reader.check(failed);
  return 0;
}

// Any octets as a logical replication stream, each message after two octets of its length, read as the log reader does:
// parse, then build changes. Nothing but Error(corrupt, QZ-PG-015) may come out, and what is built is well-formed.
#include <cstdint>

#include "adapters/postgresql/change_builder.h"
#include "tests/fuzz/only_errors.h"

using namespace qianzhi;
using namespace qianzhi::postgresql;

namespace {

// Two entries name one table; columns as in the recorded stream.
const std::vector<adapter::SourceTable>& tables() {
  static const std::vector<adapter::SourceTable> all = {
      {"public.firm", {"id", "name", "area", "capital", "seen", "flag", "seal"}, {"id"}, {"area"}},
      {"public.firm", {"area", "id"}, {"id"}, {}},
      {"public.note", {"id", "body", "day"}, {"id"}, {"body"}}};
  return all;
}

class Reader {
 public:
  void take(std::string_view message) {
    switch (kind_of(message)) {
      case MessageKind::begin: begin_ = parse_begin(message); return;
      case MessageKind::commit: parse_commit(message); return;
      case MessageKind::relation: builder_.relation(parse_relation(message), events_); return;
      case MessageKind::insert:
      case MessageKind::update:
      case MessageKind::remove: return take_row(message);
      case MessageKind::truncate:
        for (const Oid relation : parse_truncate(message).relations)
          for (const std::size_t table : builder_.tables_of(relation)) QZ_ASSERT(table < tables().size());
        return;
      case MessageKind::message: parse_logical_message(message); return;
      case MessageKind::origin:
      case MessageKind::type: return;
    }
  }

  // What was built up to the first fault; a reader that failed throws away what it built, as the log reader does.
  void check(bool failed) {
    const std::size_t rows = builder_.rows();
    std::size_t counted = 0;
    for (const adapter::TableChanges& changes : builder_.take()) {
      QZ_ASSERT(changes.table < tables().size());
      QZ_ASSERT(changes.columns.size() == tables()[changes.table].columns.size());
      QZ_ASSERT(changes.old.size() == tables()[changes.table].old_columns.size());
      counted += changes.meta.size();
      for (const auto* columns : {&changes.columns, &changes.old})
        for (const Column& column : *columns) QZ_ASSERT(failed || column.size() == changes.meta.size());
    }
    QZ_ASSERT(failed || counted == rows);
    QZ_ASSERT(builder_.rows() == 0 && builder_.octets() == 0);
    for (const adapter::TableEvent& event : events_) QZ_ASSERT(event.table < tables().size());
  }

 private:
  void take_row(std::string_view message) {
    parse_row(message, row_);
    if (!builder_.is_ours(row_.relation)) return;
    builder_.row(kind_of(message), row_, {Operation::upsert, begin_.xid, begin_.commit_time}, events_);
  }

  ChangeBuilder builder_{tables(), {{"public", "firm"}, {"public", "firm"}, {"public", "note"}}};
  std::vector<adapter::TableEvent> events_;
  RowMessage row_;
  BeginMessage begin_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  Reader reader;
  bool failed = true;
  test::errors_only(
      [&] {
        while (rest.size() >= 2) {
          const std::size_t length = static_cast<unsigned char>(rest[0]) * 256U + static_cast<unsigned char>(rest[1]);
          reader.take(rest.substr(2, length));
          rest.remove_prefix(std::min(rest.size(), length + 2));
        }
        failed = false;
      },
      ErrorKind::corrupt, "QZ-PG-015");
  reader.check(failed);
  return 0;
}

#include <charconv>

#include "adapters/odbc/scopes.h"
#include "adapters/odbc/watermark_tables.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

constexpr Micros list_age = 110'000;  // MariaDB renews its list when nobody read it for 100 ms
constexpr int most_reads = 20;

template <typename Number>
Number listed_number(std::string_view text) {
  Number number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// True if the list shows the statement that reads it.
bool read_transactions(Session& reader, const std::string& token, adapter::sql::WriterLists& lists) {
  const Snapshot listed(reader);
  Rows open = reader.query(odbc::fill(reader.dialect().watermark.transactions_sql, {{"s", token}}), {},
                           "looking at open transactions");
  lists.transactions.clear();
  bool fresh = false;
  while (open.next()) {
    fresh = fresh || open.text(2) == "1";
    const auto number = listed_number<std::uint64_t>(open.text(0));
    if (number != 0) lists.transactions.push_back({number, listed_number<std::uint64_t>(open.text(1))});
  }
  return fresh;
}

}  // namespace

adapter::sql::WriterLists writer_lists(Session& reader, const Clock& clock, adapter::Waiter& waiter) {
  adapter::sql::WriterLists lists;
  lists.asked = clock.steady();
  {
    const Snapshot listed(reader);
    Rows running =
        reader.query(std::string(reader.dialect().watermark.statements_sql), {}, "looking at running statements");
    while (running.next()) {
      if (running.text(2) == "1")
        throw Error(ErrorKind::misuse, "QZ-ODB-019", "this server applies the changes of another one");
      lists.statements.push_back(
          {listed_number<std::uint64_t>(running.text(0)), listed_number<Micros>(running.text(1))});
    }
  }
  lists.heard = clock.steady();
  for (int reads = 0; reads < most_reads; ++reads) {
    if (reads > 0) waiter.wait(list_age);
    if (read_transactions(reader, "qz:" + std::to_string(clock.steady()) + ":" + std::to_string(reads), lists))
      return lists;
  }
  throw Error(ErrorKind::unavailable, "QZ-ODB-011", "the server's list of transactions is not renewed");
}

}  // namespace qianzhi::odbc

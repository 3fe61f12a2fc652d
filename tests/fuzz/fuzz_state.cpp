// Any octets, after a first one that says which, as what we wrote ourselves and read back: the mark's state, a stream's
// record, quarantined rows, journal literals, positions. Nothing but the documented Error may come out, and what is
// read survives being written again.
#include <array>
#include <cstdint>

#include "adapters/postgresql/position.h"
#include "adapters/postgresql/values.h"
#include "adapters/sqlite/journal.h"
#include "adapters/sqlite/value.h"
#include "agent/flow/mark.h"
#include "agent/flow/quarantine.h"
#include "agent/store/state.h"
#include "tests/fuzz/only_errors.h"
#include "tests/fuzz/quiet.h"

using namespace qianzhi;
using test::errors_only;

namespace {

void check_mark(std::string_view octets) {
  const Bytes once = encode(flow::decode_mark(octets));
  QZ_ASSERT(encode(flow::decode_mark(once)) == once);
}

void check_stream(std::string_view octets) {
  const Bytes once = encode(store::decode_stream(octets));
  QZ_ASSERT(encode(store::decode_stream(once)) == once);
}

void check_literals(std::string_view octets) {
  if (octets.empty()) return;
  const std::size_t count = static_cast<unsigned char>(octets[0]) % 5U;
  const auto values = adapter::lite::from_literals(octets.substr(1), count);
  QZ_ASSERT(values.size() == count);
  const std::string written = adapter::lite::to_literals(values);
  const auto again = adapter::lite::from_literals(written, count);
  QZ_ASSERT(adapter::lite::to_literals(again) == written);
  for (const adapter::lite::Form form :
       {adapter::lite::Form::plain, adapter::lite::Form::boolean, adapter::lite::Form::bytes})
    for (const adapter::lite::Value& value : values) {
      Column column;
      append(column, value, form);
      QZ_ASSERT(column.size() == 1);
    }
}

void check_postgresql(std::string_view octets) {
  const std::size_t middle = std::min<std::size_t>(octets.size(), 16);
  const SourcePosition position{Bytes(octets.substr(0, middle)), Bytes(octets.substr(middle))};
  if (const auto decoded = postgresql::decode(position)) QZ_ASSERT(postgresql::encode(*decoded) == position);
}

void check_values(std::string_view octets) {
  Column column;
  for (int form = 0; form <= static_cast<int>(postgresql::Form::bytes); ++form)
    postgresql::append_value(static_cast<postgresql::Form>(form), octets, column);
  QZ_ASSERT(column.size() == static_cast<std::size_t>(postgresql::Form::bytes) + 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'm': errors_only([&] { check_mark(octets); }, ErrorKind::corrupt, "QZ-AGT-050"); break;
    case 's': errors_only([&] { check_stream(octets); }, ErrorKind::corrupt, "QZ-AGT-012"); break;
    case 'q':
      errors_only(
          [&] {
            store::QuarantineEntry entry;
            entry.row = octets;
            flow::cells_of(entry);
          },
          ErrorKind::corrupt, "QZ-AGT-050");
      break;
    case 'l': errors_only([&] { check_literals(octets); }, ErrorKind::corrupt, "QZ-ADP-012"); break;
    case 'j':
      errors_only([&] { adapter::lite::sequence_of({Bytes(octets), {}}); }, ErrorKind::misuse, "QZ-ADP-012");
      break;
    case 'p': errors_only([&] { check_postgresql(octets); }, ErrorKind::misuse, "QZ-PG-019"); break;
    case 'n': errors_only([&] { postgresql::lsn_of(octets); }, ErrorKind::corrupt, "QZ-PG-015"); break;
    case 'v': check_values(octets); break;
    default: break;
  }
  return 0;
}

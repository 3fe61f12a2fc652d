// Any octets as a file of a drop folder, after two octets that say how it is written: nothing but Error(rejected,
// QZ-FIL-003) comes out, the records do not depend on the pieces that the file is read in, and what is taken for text
// is UTF-8. The same octets as an array of a PostgreSQL journal: nothing but Error(corrupt, QZ-PG-015).
#include <cstdint>
#include <optional>
#include <vector>

#include "adapters/files/csv_reader.h"
#include "adapters/files/encoding.h"
#include "adapters/postgresql/journal.h"
#include "adapters/sqlite/value.h"
#include "tests/fuzz/only_errors.h"

using namespace qianzhi;
using namespace qianzhi::adapter::files;

namespace {

using Records = std::vector<std::vector<std::string>>;

// Nothing: refused.
std::optional<Records> read(std::string_view text, const Format& format, std::size_t piece) {
  CsvReader reader(format, [&](char* to, std::size_t size) {
    const std::size_t count = text.copy(to, std::min(size, piece));
    text.remove_prefix(count);
    return count;
  });
  Records records;
  bool refused = false;
  test::errors_only(
      [&] {
        while (reader.next()) {
          QZ_ASSERT(reader.fields() >= 1 && reader.fields() <= CsvReader::most_fields);
          records.emplace_back();
          for (std::size_t i = 0; i < reader.fields(); ++i) records.back().emplace_back(reader.field(i));
        }
      },
      [&](const Error& error) {
        QZ_ASSERT(error.kind() == ErrorKind::rejected && error.code() == "QZ-FIL-003");
        refused = true;
      });
  return refused ? std::nullopt : std::optional(std::move(records));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  Format format;
  format.encoding = (data[0] & 1U) != 0 ? Encoding::gb18030 : Encoding::utf8;
  format.backslash = (data[0] & 2U) != 0;
  format.quote = (data[0] & 4U) != 0 ? '\0' : '"';
  format.delimiter = (data[0] & 8U) != 0 ? '|' : ',';
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto whole = read(text, format, text.size() + 1);
  QZ_ASSERT(read(text, format, data[1] % 16U + 1) == whole);
  Converter to_utf8 = Converter::to_utf8(format.encoding);
  Converter back = Converter::from_utf8(format.encoding);
  for (const auto& record : whole.value_or(Records{}))
    for (const std::string& field : record)
      if (const auto converted = to_utf8.convert(field)) {
        QZ_ASSERT(adapter::lite::is_clean_text(*converted));
        QZ_ASSERT(back.convert(std::string(*converted)).has_value());
      }
  test::errors_only([&] { postgresql::texts_of(text); }, ErrorKind::corrupt, "QZ-PG-015");
  return 0;
}

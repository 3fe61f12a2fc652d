#include <catch2/catch.hpp>
#include <map>

#include "adapters/files/csv_reader.h"
#include "adapters/files/encoding.h"
#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::test {

namespace {

using adapter::files::Converter;
using adapter::files::CsvReader;
using adapter::files::Encoding;
using adapter::files::Format;

using Records = std::vector<std::vector<std::string>>;

CsvReader::Read from(const std::string& text, std::size_t piece) {
  return [text, piece, at = std::size_t{0}](char* to, std::size_t size) mutable {
    const std::size_t count = std::min({size, piece, text.size() - at});
    text.copy(to, count, at);
    at += count;
    return count;
  };
}

Records read(const std::string& text, const Format& format = {}, std::size_t piece = 1U << 20U) {
  CsvReader reader(format, from(text, piece));
  Records records;
  while (reader.next()) {
    records.emplace_back();
    for (std::size_t i = 0; i < reader.fields(); ++i) records.back().emplace_back(reader.field(i));
  }
  return records;
}

std::string refusal(const std::string& text, const Format& format = {}) {
  try {
    read(text, format);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::rejected);
    CHECK(error.code() == "QZ-FIL-003");
    return error.detail();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("P39 records end at LF or CR LF, empty lines count for nothing, and quotes hold line ends and delimiters") {
  CHECK(read("a,b\nc,d\n") == Records{{"a", "b"}, {"c", "d"}});
  CHECK(read("a,b\r\n\r\n\nc,d\r\n") == Records{{"a", "b"}, {"c", "d"}});
  CHECK(read("\"a,\n\"\"b\"\"\",c\n") == Records{{"a,\n\"b\"", "c"}});
  CHECK(read("a,,\n,\n") == Records{{"a", "", ""}, {"", ""}});
  CHECK(read("5\" pipe,x\n") == Records{{"5\" pipe", "x"}});
  CHECK(read("\"\"\n") == Records{{""}});
  CHECK(read("").empty());
}

TEST_CASE("quotes may be escaped by backslashes, be another character, or mean nothing") {
  Format format;
  format.backslash = true;
  CHECK(read("\"a\\\"b\\\\c\\n\",d\n", format) == Records{{"a\"b\\c\\n", "d"}});
  format = {};
  format.quote = '\'';
  CHECK(read("'a,b',\"c\n", format) == Records{{"a,b", "\"c"}});
  format.quote = '\0';
  format.delimiter = '\t';
  CHECK(read("\"a\tb\"\n", format) == Records{{"\"a", "b\""}});
}

TEST_CASE("P39 a last record without its line end is read, and told") {
  for (const auto& [text, complete] :
       std::map<std::string, bool>{{"a,b\nc,d", false}, {"a,b\nc,d\n", true}, {"a\r", false}, {"a,", false}}) {
    CsvReader reader({}, from(text, 1));
    while (reader.next()) {
    }
    INFO(text);
    CHECK(reader.ends_with_line_end() == complete);
  }
}

TEST_CASE("P39 what cannot be told apart is refused with its line") {
  CHECK(refusal("a\nb,\"c\nd\n") == "line 4: the quote that opens in line 2 is not closed");
  CHECK(refusal("a\n\"b\"c\n") == "line 2: text stands behind a closing quote");
  CHECK(refusal("a\rb\r").find("line 1: a line ends in CR alone") == 0);
  CHECK(refusal(std::string(CsvReader::longest_record + 1, 'x')).find("longer than 16 MiB") != std::string::npos);
  CHECK(refusal(std::string(CsvReader::most_fields, ',')).find("2000 fields") != std::string::npos);
}

TEST_CASE("the same records come whatever pieces the file is read in") {
  Format format;
  format.encoding = Encoding::gb18030;
  // 4 octets, 2 octets whose second looks like '|' or '\\', and a quoted line end.
  const std::string text = "\x82\x35\x87\x38,\x81\x7C|\x81\x5C,\"\xD2\xBB\r\n\x95\x32\x82\x36\"\r\nx,y,z\r\n";
  const Records whole = read(text, format);
  REQUIRE(whole.size() == 2);
  for (std::size_t piece = 1; piece < 9; ++piece) CHECK(read(text, format, piece) == whole);
}

TEST_CASE("P32 in GB18030 an octet of a character that looks like a delimiter or a quote is none") {
  Format format;
  format.encoding = Encoding::gb18030;
  format.delimiter = '|';
  CHECK(read("\x81\x7C|a\n", format) == Records{{"\x81\x7C", "a"}});
  // Cut in the middle of a character, a field ends where it ends.
  format.delimiter = ',';
  CHECK(read("\xB0,a\n", format) == Records{{"\xB0", "a"}});
  CHECK(read("\x81\x30\x81,a\n", format) == Records{{"\x81\x30\x81", "a"}});
  CHECK(read("\xFF,\x80,a\n", format) == Records{{"\xFF", "\x80", "a"}});
  format.delimiter = '|';
  format.encoding = Encoding::utf8;
  CHECK(read("\x81\x7C|a\n", format) == Records{{"\x81", "", "a"}});
}

TEST_CASE("P32 conversion is strict both ways, also for characters of four octets") {
  Converter to = Converter::to_utf8(Encoding::gb18030);
  Converter back = Converter::from_utf8(Encoding::gb18030);
  const std::string text = "广州𠮷㐀䶮€ü";
  const auto octets = back.convert(text);
  REQUIRE(octets.has_value());
  const std::string kept(*octets);
  CHECK(to_hex(kept) == "b9e3d6dd9534b2358139ee39fe9fa2e3a8b9");
  CHECK(to.convert(kept) == text);
  CHECK(to.convert("plain") == "plain");
  for (const std::string bad : {"\xB9", "\xB9\xE3\xD6", "\x80", "\xFF", "\x82\x35\x87", "\xB9\x20"}) {
    INFO(to_hex(bad));
    CHECK_FALSE(to.convert(bad).has_value());
  }
  CHECK_FALSE(to.convert(std::string("\xB9\xE3\0x", 4)).has_value());
  Converter utf8 = Converter::to_utf8(Encoding::utf8);
  for (const std::string bad : {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE5\xB9", "\xB9\xE3"})
    CHECK_FALSE(utf8.convert(bad).has_value());
  CHECK(utf8.convert("䶮") == "䶮");
}

}  // namespace qianzhi::test

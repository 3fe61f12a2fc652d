#include "tests/contract/xlsx_book.h"

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace qianzhi::test::contract {

namespace {

constexpr const char* declaration = R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)";
constexpr const char* main_space = R"( xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main")";
constexpr const char* office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
constexpr const char* package = "http://schemas.openxmlformats.org/package/2006/";

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      default: result += c;
    }
  }
  return result;
}

std::uint32_t checksum(const std::string& octets) {
  std::uint32_t sum = ~0U;
  for (const char c : octets) {
    sum ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1U) ^ ((sum & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~sum;
}

std::string little(std::uint64_t number, int octets) {
  std::string result;
  for (int i = 0; i < octets; ++i) result += static_cast<char>((number >> (8 * i)) & 0xFFU);
  return result;
}

// Parts one after the other, and their list at the end.
class Zip {
 public:
  void add(const std::string& name, const std::string& content) {
    const std::string common = little(20, 2) + little(0x800, 2) + little(0, 2) + little(0, 2) + little(0x21, 2) +
                               little(checksum(content), 4) + little(content.size(), 4) + little(content.size(), 4) +
                               little(name.size(), 2) + little(0, 2);
    list_ += "PK\1\2" + little(20, 2) + common + little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4) +
             little(parts_.size(), 4) + name;
    parts_ += "PK\3\4" + common + name + content;
    ++count_;
  }
  std::string octets() const {
    return parts_ + list_ + "PK\5\6" + little(0, 4) + little(count_, 2) + little(count_, 2) + little(list_.size(), 4) +
           little(parts_.size(), 4) + little(0, 2);
  }

 private:
  std::string parts_;
  std::string list_;
  std::uint64_t count_ = 0;
};

class SheetText {
 public:
  void add(const std::vector<std::string>& row) {
    const std::string number = std::to_string(++rows_);
    sheet_ += joined({"<row r=\"", number, "\">"});
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (row[i] == "<null>") continue;
      const std::string text = joined({"<t xml:space=\"preserve\">", escaped(row[i]), "</t>"});
      sheet_ += joined({"<c r=\"", std::string(1, static_cast<char>('A' + i)), number, "\" "});
      if (i % 2 == 0) {
        sheet_ += joined({"t=\"s\"><v>", std::to_string(shared_count_++), "</v></c>"});
        shared_ += joined({"<si>", text, "</si>"});
      } else {
        sheet_ += joined({"t=\"inlineStr\"><is>", text, "</is></c>"});
      }
    }
    sheet_ += "</row>";
  }
  std::string sheet() const {
    return joined({declaration, "<worksheet", main_space, "><sheetData>", sheet_, "</sheetData></worksheet>"});
  }
  std::string shared() const { return joined({declaration, "<sst", main_space, ">", shared_, "</sst>"}); }

 private:
  std::string sheet_;
  std::string shared_;
  std::size_t rows_ = 0;
  std::size_t shared_count_ = 0;
};

std::string relation(const char* id, const char* kind, const char* target) {
  return joined({"<Relationship Id=\"", id, "\" Type=\"", office, "/", kind, "\" Target=\"", target, "\"/>"});
}

std::string relations(const std::string& all) {
  return joined({declaration, "<Relationships xmlns=\"", package, "relationships\">", all, "</Relationships>"});
}

std::string types() {
  constexpr const char* sheets = "application/vnd.openxmlformats-officedocument.spreadsheetml.";
  return joined(
      {declaration, "<Types xmlns=\"", package, "content-types\"><Default Extension=\"rels\" ContentType=\"",
       "application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"", sheets,
       "worksheet+xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"", sheets,
       "sheet.main+xml\"/></Types>"});
}

}  // namespace

std::string workbook_of(const std::string& sheet, const std::vector<std::string>& header, const Rows& rows) {
  SheetText text;
  text.add(header);
  for (const auto& row : rows) text.add(row);
  Zip zip;
  zip.add("[Content_Types].xml", types());
  zip.add("_rels/.rels", relations(relation("rId1", "officeDocument", "xl/workbook.xml")));
  zip.add("xl/workbook.xml",
          joined({declaration, "<workbook", main_space, " xmlns:r=\"", office, "\"><sheets><sheet name=\"",
                  escaped(sheet), "\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"}));
  zip.add("xl/_rels/workbook.xml.rels", relations(relation("rId1", "worksheet", "worksheets/sheet1.xml") +
                                                  relation("rId2", "sharedStrings", "sharedStrings.xml")));
  zip.add("xl/sharedStrings.xml", text.shared());
  zip.add("xl/worksheets/sheet1.xml", text.sheet());
  return zip.octets();
}

}  // namespace qianzhi::test::contract

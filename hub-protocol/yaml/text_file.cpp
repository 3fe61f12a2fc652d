#include "hub-protocol/yaml/text_file.h"

#include <algorithm>
#include <fstream>

#include "hub-protocol/yaml/utf8.h"

namespace qianzhi::yaml {

namespace {

// GB18030 pairs: first 81-FE, second 40-7E or 80-FE.
bool looks_like_gbk(std::string_view line) {
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto first = static_cast<unsigned char>(line[i]);
    if (first < 0x80) continue;
    if (first == 0x80 || first == 0xFF || i + 1 >= line.size()) return false;
    const auto second = static_cast<unsigned char>(line[++i]);
    if (second < 0x40 || second == 0x7F || second == 0xFF) return false;
    ++pairs;
  }
  return pairs > 0;
}

// Without its mark: a file of ours begins with ASCII letters, of which every second octet is zero then.
bool looks_like_utf16(std::string_view text) {
  constexpr std::size_t looked_at = 16;
  if (text.size() < looked_at) return false;
  std::size_t zeros[2] = {0, 0};
  for (std::size_t i = 0; i < looked_at; ++i) zeros[i % 2] += text[i] == '\0' ? 1U : 0U;
  return (zeros[0] == 0) != (zeros[1] == 0) && zeros[0] + zeros[1] == looked_at / 2;
}

bool is_readable(const std::shared_ptr<SourceText>& source, std::string_view text, Diagnostics& diagnostics) {
  const std::string name = source->file().filename().string();
  if (text.substr(0, 2) == "\xFF\xFE" || text.substr(0, 2) == "\xFE\xFF" || looks_like_utf16(text)) {
    diagnostics.error("QZ-CFG-001", {source, 1, 1, 1}, "文件不是 UTF-8，而是 UTF-16（“Unicode”）",
                      "the file is UTF-16 (\"Unicode\"), not UTF-8",
                      "修复 (fix): iconv -f UTF-16 -t UTF-8 " + name + " > " + name + ".utf8");
    return false;
  }
  const std::size_t bad = find_invalid(text);
  if (bad == std::string_view::npos) return true;
  const auto number =
      static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(bad), '\n')) + 1;
  const std::size_t start = bad == 0 ? 0 : text.rfind('\n', bad - 1) + 1;
  const std::string_view line = text.substr(start, std::min(text.find('\n', bad), text.size()) - start);
  const bool is_gbk = looks_like_gbk(line);
  const std::string at = std::to_string(number);
  // Some GBK pairs look like UTF-8, so the first octet that is not ASCII is the honest place.
  const std::size_t first =
      is_gbk ? start +
                   static_cast<std::size_t>(std::find_if(line.begin(), line.end(),
                                                         [](char c) { return static_cast<unsigned char>(c) >= 0x80; }) -
                                            line.begin())
             : bad;
  const Place place{source, number, count_characters(text.substr(start, first - start)) + 1, 1};
  diagnostics.error("QZ-CFG-001", place, "文件不是 UTF-8，第 " + at + " 行" + (is_gbk ? "像 GBK 编码" : "有无效的字节"),
                    "the file is not UTF-8: line " + at + (is_gbk ? " looks like GBK" : " holds invalid octets"),
                    is_gbk ? "修复 (fix): iconv -f GB18030 -t UTF-8 " + name + " > " + name + ".utf8"
                           : "另存为 UTF-8 (save it as UTF-8)");
  return false;
}

}  // namespace

std::optional<std::string> read_text_file(const std::filesystem::path& file, Diagnostics& diagnostics) {
  std::error_code fault;
  const Place place{std::make_shared<SourceText>(file, ""), 0, 0, 0};
  const bool is_file = std::filesystem::is_regular_file(file, fault);
  std::ifstream stream(file, std::ios::binary);
  if (!is_file || !stream) {
    diagnostics.error("QZ-CFG-023", place, "无法读取文件", "the file cannot be read", "ls -l " + file.string());
    return std::nullopt;
  }
  // One octet more than allowed, so that a larger file is seen without reading all of it.
  std::string text(max_document_octets + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
  if (stream.bad()) {
    diagnostics.error("QZ-CFG-023", place, "读取文件时出错", "reading the file failed");
    return std::nullopt;
  }
  return text;
}

std::shared_ptr<SourceText> readable_text(const std::filesystem::path& name, std::string_view text,
                                          Diagnostics& diagnostics) {
  if (text.size() > max_document_octets) {
    diagnostics.error("QZ-CFG-020", {std::make_shared<SourceText>(name, ""), 0, 0, 0}, "文件太大（最多 4 MiB）",
                      "the file is too large (4 MiB at most)");
    return nullptr;
  }
  auto source = std::make_shared<SourceText>(name, text);
  return is_readable(source, text, diagnostics) ? source : nullptr;
}

}  // namespace qianzhi::yaml

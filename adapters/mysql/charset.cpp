#include "adapters/mysql/charset.h"

#include <errno.h>
#include <iconv.h>

#include <algorithm>
#include <array>

namespace qianzhi::mysql {

namespace {

struct IconvName {
  std::string_view charset;
  const char* name;
};

// The server's names and those of iconv. latin1 is read by a table of our own.
constexpr std::array<IconvName, 21> iconv_names{
    {{"gbk", "GBK"},           {"gb2312", "EUC-CN"},      {"big5", "BIG5"},      {"utf16", "UTF-16BE"},
     {"utf16le", "UTF-16LE"},  {"ucs2", "UCS-2BE"},       {"utf32", "UTF-32BE"}, {"latin2", "ISO-8859-2"},
     {"latin5", "ISO-8859-9"}, {"latin7", "ISO-8859-13"}, {"cp1250", "CP1250"},  {"cp1251", "CP1251"},
     {"cp1256", "CP1256"},     {"cp1257", "CP1257"},      {"cp850", "CP850"},    {"cp866", "CP866"},
     {"koi8r", "KOI8-R"},      {"sjis", "SHIFT_JIS"},     {"cp932", "CP932"},    {"ujis", "EUC-JP"},
     {"euckr", "EUC-KR"}}};

const char* iconv_name_of(std::string_view charset) {
  const auto* const found = std::find_if(iconv_names.begin(), iconv_names.end(),
                                         [&](const IconvName& entry) { return entry.charset == charset; });
  return found == iconv_names.end() ? nullptr : found->name;
}

bool is_utf8_name(std::string_view charset) {
  return charset == "utf8mb4" || charset == "utf8mb3" || charset == "utf8" || charset == "ascii";
}

// cp1252, 0x80 to 0x9f; the five that it leaves open are control characters for the server.
constexpr std::array<unsigned, 32> cp1252{0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021,
                                          0x2C6,  0x2030, 0x160,  0x2039, 0x152,  0x8D,   0x17D,  0x8F,
                                          0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                          0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0x9D,   0x17E,  0x178};

void put_utf8(unsigned code, std::string& text) {
  if (code < 0x80) {
    text.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    text.push_back(static_cast<char>(0xC0U | code >> 6U));
    text.push_back(static_cast<char>(0x80U | (code & 0x3FU)));
  } else {
    text.push_back(static_cast<char>(0xE0U | code >> 12U));
    text.push_back(static_cast<char>(0x80U | (code >> 6U & 0x3FU)));
    text.push_back(static_cast<char>(0x80U | (code & 0x3FU)));
  }
}

// Octets of the sequence at `at`, or 0.
std::size_t sequence_at(std::string_view text, std::size_t at) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(text[i])); };
  const unsigned first = octet(at);
  const std::size_t size = first < 0x80   ? 1
                           : first < 0xC2 ? 0
                           : first < 0xE0 ? 2
                           : first < 0xF0 ? 3
                           : first < 0xF5 ? 4
                                          : 0;
  if (size == 0 || first == 0 || at + size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((octet(at + i) & 0xC0U) != 0x80U) return 0;
  if (size >= 3) {
    const unsigned second = octet(at + 1);
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) || (first == 0xF0 && second < 0x90) ||
        (first == 0xF4 && second > 0x8F))
      return 0;
  }
  return size;
}

}  // namespace

bool is_text(std::string_view octets) {
  for (std::size_t at = 0; at < octets.size();) {
    const std::size_t size = sequence_at(octets, at);
    if (size == 0) return false;
    at += size;
  }
  return true;
}

class Charsets::Converter {
 public:
  explicit Converter(const char* name) : handle_(iconv_open("UTF-8", name)) {}
  ~Converter() {
    if (is_open()) iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  bool convert(std::string_view octets, std::string& text) {
    if (!is_open()) return false;
    iconv(handle_, nullptr, nullptr, nullptr, nullptr);
    text.resize(octets.size() * 4 + 4);
    char* from = const_cast<char*>(octets.data());
    std::size_t left = octets.size();
    char* to = text.data();
    std::size_t room = text.size();
    // Not exact is more than zero: iconv may put something near in its place.
    if (iconv(handle_, &from, &left, &to, &room) != 0 || left != 0) return false;
    text.resize(text.size() - room);
    return true;
  }

 private:
  bool is_open() const { return handle_ != reinterpret_cast<iconv_t>(-1); }  // NOLINT: so says iconv
  iconv_t handle_;
};

Charsets::Charsets() = default;
Charsets::~Charsets() = default;

std::string_view Charsets::name_of(unsigned collation) const {
  if (collation == binary_collation) return "binary";
  const auto found = names_.find(collation);
  return found == names_.end() ? std::string_view() : std::string_view(found->second);
}

bool Charsets::is_known(unsigned collation) const {
  const std::string_view name = name_of(collation);
  return is_utf8_name(name) || name == "latin1" || name == "binary" || iconv_name_of(name) != nullptr;
}

unsigned Charsets::collation_of(std::string_view charset) const {
  const auto found =
      std::find_if(names_.begin(), names_.end(), [&](const auto& entry) { return entry.second == charset; });
  return found == names_.end() ? 0 : found->first;
}

std::optional<std::string_view> Charsets::from_latin1(std::string_view octets) {
  text_.clear();
  for (const char c : octets) {
    const unsigned octet = static_cast<unsigned char>(c);
    put_utf8(octet >= 0x80 && octet < 0xA0 ? cp1252[octet - 0x80] : octet, text_);
  }
  return is_text(text_) ? std::optional<std::string_view>(text_) : std::nullopt;
}

std::optional<std::string_view> Charsets::to_utf8(unsigned collation, std::string_view octets) {
  const std::string_view name = name_of(collation);
  if (is_utf8_name(name)) return is_text(octets) ? std::optional<std::string_view>(octets) : std::nullopt;
  if (octets.empty()) return octets;
  if (name == "latin1") return from_latin1(octets);
  auto converter = converters_.find(name);
  if (converter == converters_.end()) {
    const char* to_open = iconv_name_of(name);
    if (to_open == nullptr) return std::nullopt;
    converter = converters_.emplace(std::string(name), std::make_unique<Converter>(to_open)).first;
  }
  if (!converter->second->convert(octets, text_) || !is_text(text_)) return std::nullopt;
  return text_;
}

}  // namespace qianzhi::mysql

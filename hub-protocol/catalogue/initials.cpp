#include "hub-protocol/catalogue/initials.h"

#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <array>
#include <map>
#include <memory>
#include <mutex>

#include "hub-protocol/base/error.h"

namespace qianzhi::catalogue {

namespace {

// Words of registers whose first letters are not those of the characters' most frequent readings.
struct Word {
  std::u16string_view word;
  std::string_view initials;
};
constexpr std::array<Word, 16> words = {{{u"银行", "yh"},
                                         {u"行业", "hy"},
                                         {u"行号", "hh"},
                                         {u"重复", "cf"},
                                         {u"重新", "cx"},
                                         {u"重庆", "cq"},
                                         {u"重组", "cz"},
                                         {u"长度", "cd"},
                                         {u"长期", "cq"},
                                         {u"调查", "dc"},
                                         {u"调解", "tj"},
                                         {u"调整", "tz"},
                                         {u"会计", "kj"},
                                         {u"厦门", "xm"},
                                         {u"还款", "hk"},
                                         {u"归还", "gh"}}};

class Readings {
 public:
  std::string of(std::string_view title) {
    const std::lock_guard guard(lock_);
    const icu::UnicodeString text =
        icu::UnicodeString::fromUTF8(icu::StringPiece(title.data(), static_cast<int32_t>(title.size())));
    std::string initials;
    for (int32_t at = 0; at < text.length();) {
      if (const Word* word = word_at(text, at)) {
        initials += word->initials;
        at += static_cast<int32_t>(word->word.size());
        continue;
      }
      const UChar32 character = text.char32At(at);
      if (const char letter = letter_of(character); letter != '\0') initials += letter;
      at += U16_LENGTH(character);
    }
    return initials;
  }

 private:
  static const Word* word_at(const icu::UnicodeString& text, int32_t at) {
    for (const Word& word : words)
      if (text.compare(at, static_cast<int32_t>(word.word.size()), word.word.data(), 0,
                       static_cast<int32_t>(word.word.size())) == 0)
        return &word;
    return nullptr;
  }

  char letter_of(UChar32 character) {
    if (character < 0x80) return u_isalnum(character) != 0 ? static_cast<char>(u_tolower(character)) : '\0';
    // Signs and letters in full width lie 0xFEE0 above those of ASCII.
    if (character >= 0xFF01 && character <= 0xFF5E) return letter_of(character - 0xFEE0);
    if (u_hasBinaryProperty(character, UCHAR_UNIFIED_IDEOGRAPH) == 0) return '\0';
    const auto known = known_.find(character);
    if (known != known_.end()) return known->second;
    icu::UnicodeString reading(character);
    to_latin().transliterate(reading);
    const UChar32 first = reading.char32At(0);
    const char letter = first >= 'a' && first <= 'z' ? static_cast<char>(first) : '\0';
    known_.emplace(character, letter);
    return letter;
  }

  const icu::Transliterator& to_latin() {
    if (to_latin_ == nullptr) {
      UErrorCode fault = U_ZERO_ERROR;
      to_latin_.reset(icu::Transliterator::createInstance("Han-Latin; Latin-ASCII; Lower", UTRANS_FORWARD, fault));
      if (U_FAILURE(fault) || to_latin_ == nullptr) throw Error(ErrorKind::misuse, "QZ-HUB-205", u_errorName(fault));
    }
    return *to_latin_;
  }

  std::mutex lock_;
  std::unique_ptr<icu::Transliterator> to_latin_;  // made when first needed: that takes tens of milliseconds
  std::map<UChar32, char> known_;
};

}  // namespace

std::string initials_of(std::string_view title) {
  static Readings readings;
  return readings.of(title);
}

void write_initials(Catalogue& catalogue) {
  for (auto& [id, topic] : catalogue.topics) {
    topic.initials = initials_of(topic.title);
    for (Item& item : topic.items) item.initials = initials_of(item.title);
  }
}

}  // namespace qianzhi::catalogue

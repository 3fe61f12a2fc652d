#include "hub-protocol/envelope/der_form.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace qianzhi {

namespace {

struct Element {
  unsigned char tag = 0;
  std::size_t begin = 0;  // of its content
  std::size_t end = 0;
  bool is_constructed = false;
};

// The element at `at`, which must lie within `end`. Tags of more than one octet are in nothing that we read.
std::optional<Element> element_at(std::string_view octets, std::size_t at, std::size_t end) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(octets[i]); };
  if (end - at < 2 || (octet(at) & 0x1FU) == 0x1FU) return std::nullopt;
  const bool is_constructed = (octet(at) & 0x20U) != 0;
  std::uint64_t size = octet(at + 1);
  std::size_t begin = at + 2;
  if (size >= 0x80U) {
    const std::size_t more = size & 0x7FU;
    if (more == 0 || more > 4 || end - begin < more) return std::nullopt;
    size = 0;
    for (std::size_t i = 0; i < more; ++i) size = size << 8U | octet(begin + i);
    begin += more;
  }
  if (size > end - begin) return std::nullopt;
  return Element{octet(at), begin, begin + static_cast<std::size_t>(size), is_constructed};
}

// Goes through the elements of one after the other; once one is not what was expected, nothing is any more.
class Walk {
 public:
  explicit Walk(std::string_view octets) : octets_(octets), end_(octets.size()) {}

  // The next element has this tag: the walk within it, the walk here goes on behind it.
  Walk enter(unsigned char tag) {
    const auto element = is_good_ && at_ < end_ ? element_at(octets_, at_, end_) : std::nullopt;
    is_good_ = element && element->tag == tag;
    Walk inner(*this);
    if (!is_good_) return inner;
    inner.at_ = element->begin;
    inner.end_ = element->end;
    at_ = element->end;
    return inner;
  }
  // The next element is this one.
  bool pass(unsigned char tag, std::string_view content) { return enter(tag).rest() == content && is_good_; }
  std::string_view rest() const { return is_good_ ? octets_.substr(at_, end_ - at_) : std::string_view(); }
  bool is_good() const { return is_good_; }
  bool ends() const { return is_good_ && at_ == end_; }

 private:
  std::string_view octets_;
  std::size_t at_ = 0;
  std::size_t end_;
  bool is_good_ = true;
};

constexpr unsigned char integer = 0x02;
constexpr unsigned char octet_string = 0x04;
constexpr unsigned char identifier = 0x06;
constexpr unsigned char sequence = 0x30;
constexpr unsigned char set = 0x31;
constexpr unsigned char explicit_0 = 0xA0;
constexpr unsigned char implicit_0 = 0x80;
constexpr std::string_view auth_enveloped("\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01\x17", 11);
constexpr std::string_view plain_data("\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01", 9);
constexpr std::string_view aes_256_gcm("\x60\x86\x48\x01\x65\x03\x04\x01\x2E", 9);
constexpr std::string_view version_0("\0", 1);
constexpr std::string_view tag_octets("\x10", 1);
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;

}  // namespace

bool is_gcm_envelope(std::string_view octets) {
  Walk whole(octets);
  Walk info = whole.enter(sequence);
  if (!whole.ends() || !info.pass(identifier, auth_enveloped)) return false;
  Walk wrapped = info.enter(explicit_0);
  Walk envelope = wrapped.enter(sequence);
  if (!info.ends() || !wrapped.ends() || !envelope.pass(integer, version_0)) return false;
  envelope.enter(set);
  Walk content = envelope.enter(sequence);
  const Walk tag = envelope.enter(octet_string);
  if (!envelope.ends() || tag.rest().size() != tag_size || !content.pass(identifier, plain_data)) return false;
  Walk algorithm = content.enter(sequence);
  content.enter(implicit_0);
  if (!content.ends() || !algorithm.pass(identifier, aes_256_gcm)) return false;
  Walk parameters = algorithm.enter(sequence);
  const Walk nonce = parameters.enter(octet_string);
  return algorithm.ends() && nonce.rest().size() == nonce_size && parameters.pass(integer, tag_octets) &&
         parameters.ends();
}

bool is_small_der(std::string_view octets, std::size_t elements, std::size_t depth) {
  std::vector<std::size_t> ends{octets.size()};  // of the elements that are open
  std::size_t at = 0;
  std::size_t seen = 0;
  while (true) {
    while (ends.size() > 1 && at == ends.back()) ends.pop_back();
    if (at == octets.size()) return seen != 0;
    if (ends.size() == 1 && seen != 0) return false;  // something after the one element
    const auto element = element_at(octets, at, ends.back());
    if (!element || ++seen > elements) return false;
    at = element->is_constructed ? element->begin : element->end;
    if (!element->is_constructed) continue;
    if (ends.size() > depth) return false;
    ends.push_back(element->end);
  }
}

}  // namespace qianzhi

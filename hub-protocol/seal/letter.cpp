#include "hub-protocol/seal/letter.h"

#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/signed_word.h"
#include "hub-protocol/wire/comparison.pb.h"

namespace qianzhi::seal {

namespace {

constexpr std::size_t print_size = 16;
constexpr std::uint32_t most_bits = 16;

[[noreturn]] void bad_letter(std::string_view what) { throw Error(ErrorKind::rejected, "QZ-SEAL-060", what); }

void check_buckets(const wire::Comparison& content) {
  const auto& buckets = content.buckets();
  if (!std::is_sorted(buckets.begin(), buckets.end()) ||
      std::adjacent_find(buckets.begin(), buckets.end()) != buckets.end() ||
      (!buckets.empty() && *buckets.rbegin() >= (1U << most_bits)))
    bad_letter("buckets");
}

void check_place(const wire::Place& place) {
  if (place.digest().size() != Digest::size || place.epoch() == 0 || place.sequence() == 0) bad_letter("place");
}

void check_step(const wire::Comparison& content) {
  const bool prints = content.rows().size() % (2 * print_size) == 0 && content.except().size() % print_size == 0 &&
                      content.extra().size() % print_size == 0 && content.changed().size() % print_size == 0;
  if (!prints) bad_letter("a tag or print of another length");
  check_buckets(content);
  switch (content.step()) {
    case wire::SUMS:
      check_place(content.place());
      if (content.bits() > most_bits || content.sums().size() != print_size << content.bits()) bad_letter("sums");
      return;
    case wire::READY:
    case wire::ROWS: return check_place(content.place());
    case wire::ASK:
    case wire::DIFFER:
    case wire::RESULT:
    case wire::BUSY: return;
    default: bad_letter("step");
  }
}

}  // namespace

void sign_letter(const wire::Comparison& content, const SigningKey& key, wire::Letter& letter) {
  letter.set_body(content.SerializeAsString());
  sign_word(Purpose::letter, letter.body(), key, letter);
}

void open_letter(const wire::Letter& letter, const Directory& directory, wire::Comparison& content) {
  if (letter.body().size() > letter_limit) bad_letter("too large");
  const wire::Signature& first = letter.signature();
  if (first_signer(Purpose::letter, letter.body(), first.key_id(), first.value(), directory, Signers::active) ==
      nullptr)
    bad_letter("no key of the directory signed it");
  if (!content.ParseFromString(letter.body())) bad_letter("malformed body");
  const std::string fault =
      fault_of_sender(Purpose::letter, letter.body(), letter, directory, content.from(), Signers::active);
  if (!fault.empty()) bad_letter(fault);
  check_letter(content);
}

void check_letter(const wire::Comparison& content) {
  const std::string& provider = content.stream().agent();
  if (content.stream().topic().empty() || provider.empty() || content.from() == content.to() ||
      (content.from() != provider && content.to() != provider) || content.to().empty())
    bad_letter("parties");
  if (content.conversation().size() != print_size) bad_letter("conversation");
  check_step(content);
}

}  // namespace qianzhi::seal

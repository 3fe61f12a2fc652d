// Any octets where a parcel comes in. As they are: a Parcel as the transport hands it over. After a first octet:
//   h  a head, well signed         q, a  what was sealed in a request, in an answer
//   b, s  a sealed body under a good head, to an X25519 or an SM2 key
// Nothing but an Error that refuses may come out. What opens is well formed, and no body made up opens.
#include <cstdint>

#include "hub-protocol/seal/digest.h"
#include "hub-protocol/seal/parcel.h"
#include "hub-protocol/seal/parcel_content.h"
#include "hub-protocol/wire/parcel.pb.h"
#include "tests/fuzz/only_errors.h"
#include "tests/fuzz/quiet.h"
#include "tests/golden/golden_parcels.h"

using namespace qianzhi;
using namespace qianzhi::seal;

namespace {

const test::ParcelParties& parties_of(DigestSuite suite) {
  static const test::ParcelParties plain = test::parcel_parties(DigestSuite::sha256);
  static const test::ParcelParties sm = test::parcel_parties(DigestSuite::sm3);
  return suite == DigestSuite::sm3 ? sm : plain;
}

wire::Parcel signed_head(const test::ParcelParties& parties, const Bytes& head) {
  wire::Parcel parcel;
  parcel.set_head(head);
  parcel.mutable_signature()->set_key_id(parties.asker.signing.record().id);
  parcel.mutable_signature()->set_value(parties.asker.signing.sign(Purpose::parcel, head));
  return parcel;
}

void open_whole(const Bytes& octets) {
  wire::Parcel parcel;
  if (!parcel.ParseFromString(octets)) return;
  const test::ParcelParties& parties = parties_of(DigestSuite::sha256);
  const ParcelHead head = open_head(parcel, parties.directory);
  QZ_ASSERT(parcel.body().size() <= parcel_body_limit && head.questions <= most_questions);
  if (head.kind != ParcelKind::refusal) open_body(parcel, head, parties.named(head.to).encryption);
}

void open_signed_head(const Bytes& octets) {
  const test::ParcelParties& parties = parties_of(DigestSuite::sha256);
  const ParcelHead head = open_head(signed_head(parties, octets), parties.directory);
  // Without a body only a refusal can be whole.
  QZ_ASSERT(head.kind == ParcelKind::refusal && head.id.size() == parcel_id_octets && head.deadline > head.made);
}

void open_made_up_body(DigestSuite suite, const Bytes& octets) {
  static const Bytes frozen[] = {test::read_golden("parcels/ask.qzp"), test::read_golden("parcels/sm3/ask.qzp")};
  const test::ParcelParties& parties = parties_of(suite);
  wire::Parcel good;
  wire::ParcelHead message;
  QZ_ASSERT(good.ParseFromString(frozen[suite == DigestSuite::sm3 ? 1 : 0]) && message.ParseFromString(good.head()));
  if (octets.empty() || octets == good.body()) return;
  message.set_body_digest(digest_of(octets, suite).bytes());
  wire::Parcel parcel = signed_head(parties, message.SerializeAsString());
  parcel.set_body(octets);
  const ParcelHead head = open_head(parcel, parties.directory);
  open_body(parcel, head, parties.provider.encryption);
  QZ_ASSERT(!"a body that nobody sealed opens");
}

// What is read is written, and read again, as the same.
void read_content(char kind, const Bytes& octets) {
  ParcelHead head;
  head.questions = 2;
  if (kind == 'q') {
    const Questions questions = decode_questions(octets, head);
    QZ_ASSERT(decode_questions(encode_questions(questions), head) == questions);
  } else {
    const Answers answers = decode_answers(octets, head);
    QZ_ASSERT(decode_answers(encode_answers(answers), head) == answers);
  }
}

void take(const Bytes& octets) {
  const Bytes rest = octets.substr(1);
  switch (octets[0]) {
    case 'h': return open_signed_head(rest);
    case 'q':
    case 'a': return read_content(octets[0], rest);
    case 'b': return open_made_up_body(DigestSuite::sha256, rest);
    case 's': return open_made_up_body(DigestSuite::sm3, rest);
    default: return open_whole(octets);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes octets(reinterpret_cast<const char*>(data), size);
  test::errors_only([&] { take(octets); },
                    [](const Error& error) {
                      QZ_ASSERT(error.kind() == ErrorKind::rejected && error.code().starts_with("QZ-SEAL-10"));
                    });
  return 0;
}

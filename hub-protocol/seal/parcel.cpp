#include "hub-protocol/seal/parcel.h"

#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/digest.h"
#include "hub-protocol/seal/parcel_head.h"
#include "hub-protocol/seal/secret.h"
#include "hub-protocol/seal/signed_word.h"
#include "hub-protocol/wire/parcel.pb.h"

namespace qianzhi::seal {

namespace {

constexpr std::string_view body_info = "QIANZHI-1\nparcel-body\n";
constexpr std::size_t size_octets = 4;
constexpr std::size_t padded_to = 1024;
constexpr std::size_t most_signature = 128;
constexpr Fault bad_head{ErrorKind::rejected, "QZ-SEAL-100", "head of a parcel"};

static_assert(parcel_content_limit + size_octets + padded_to + sealed_overhead <= parcel_body_limit);

[[noreturn]] void refuse(std::string_view code, std::string_view what) { throw Error(ErrorKind::rejected, code, what); }

// How long an answer is would otherwise tell the hub what it says.
Bytes padded(std::string_view content) {
  Bytes octets;
  octets.reserve(size_octets + content.size() + padded_to);
  for (int shift = 24; shift >= 0; shift -= 8) octets.push_back(static_cast<char>((content.size() >> shift) & 0xFFU));
  octets.append(content);
  octets.resize((octets.size() + padded_to - 1) / padded_to * padded_to);
  return octets;
}

Bytes unpadded(std::string_view octets) {
  if (octets.size() < size_octets) refuse("QZ-SEAL-103", "padding");
  std::size_t size = 0;
  for (std::size_t i = 0; i < size_octets; ++i) size = size << 8U | octets_of(octets)[i];
  const bool fits = size <= octets.size() - size_octets && octets.size() % padded_to == 0 &&
                    octets.size() - size_octets - size < padded_to;
  if (!fits || octets.find_first_not_of('\0', size_octets + size) != std::string_view::npos)
    refuse("QZ-SEAL-103", "padding");
  return Bytes(octets.substr(size_octets, size));
}

bool is_bounded(const wire::Signature& signature) {
  return signature.key_id().size() <= 2 * Digest::size && signature.value().size() <= most_signature;
}

std::size_t octets_with(std::size_t content) { return 1 + varint_size(content) + content; }
std::size_t octets_of_field(const std::string& content) { return content.empty() ? 0 : octets_with(content.size()); }
std::size_t octets_of_signature(const wire::Signature& signature) {
  return octets_with(octets_of_field(signature.key_id()) + octets_of_field(signature.value()));
}

// Unknown fields are in no signature; they show in the size alone.
bool has_unsigned_fields(const wire::Parcel& parcel) {
  std::size_t known = octets_of_field(parcel.head()) + octets_of_field(parcel.body());
  if (parcel.has_signature()) known += octets_of_signature(parcel.signature());
  if (parcel.has_second()) known += octets_of_signature(parcel.second());
  return parcel.ByteSizeLong() != known;
}

ParcelHead sign_head(ParcelHead head, const SigningKey& signer, wire::Parcel& parcel) {
  if (const std::string fault = fault_of(head); !fault.empty()) refuse("QZ-SEAL-100", fault);
  parcel.set_head(encode_parcel_head(head));
  sign_word(Purpose::parcel, parcel.head(), signer, parcel);
  head.digest = digest_of(parcel.head(), signer.record().suite);
  return head;
}

}  // namespace

ParcelHead seal_parcel(ParcelHead head, std::string_view content, const SigningKey& signer, const KeyRecord& reader,
                       Random& random, wire::Parcel& parcel) {
  QZ_ASSERT(reader.suite == signer.record().suite);
  if (head.kind == ParcelKind::refusal) refuse("QZ-SEAL-100", "a refusal holds nothing");
  if (content.size() > parcel_content_limit) refuse("QZ-SEAL-101", std::to_string(content.size()) + " octets");
  if (reader.algorithm != name_of(encryption_algorithm(reader.suite)))
    refuse("QZ-SEAL-104", "not the algorithm of the directory's suite");
  head.key = reader.id;
  head.body_digest = {};
  const Bytes bound = encode_parcel_head(head);
  const Secret plain(padded(content));
  parcel.set_body(seal_to(reader, {body_info, bound}, plain.octets(), random));
  head.body_digest = digest_of(parcel.body(), reader.suite);
  return sign_head(std::move(head), signer, parcel);
}

ParcelHead seal_refusal(ParcelHead head, const SigningKey& signer, wire::Parcel& parcel) {
  if (head.kind != ParcelKind::refusal) refuse("QZ-SEAL-100", "kind");
  parcel.clear_body();
  return sign_head(std::move(head), signer, parcel);
}

ParcelHead open_head(const wire::Parcel& parcel, const Directory& directory) {
  const wire::Signature& first = parcel.signature();
  // What nobody signed is not carried along either.
  if (parcel.head().size() > parcel_head_limit || parcel.body().size() > parcel_body_limit || !is_bounded(first) ||
      !is_bounded(parcel.second()) || has_unsigned_fields(parcel))
    refuse("QZ-SEAL-101", "larger than a parcel may be");
  const KeyRecord* const key =
      first_signer(Purpose::parcel, parcel.head(), first.key_id(), first.value(), directory, Signers::clearing);
  if (key == nullptr) refuse("QZ-SEAL-100", "no key of the directory signed it");
  ParcelHead head = decode_parcel_head(parcel.head(), bad_head);
  std::string fault = fault_of_sender(Purpose::parcel, parcel.head(), parcel, directory, head.from, Signers::clearing);
  if (fault.empty()) fault = fault_of(head);
  if (!fault.empty()) refuse("QZ-SEAL-100", fault);
  const Digest body = parcel.body().empty() ? Digest{} : digest_of(parcel.body(), key->suite);
  if (body != head.body_digest) refuse("QZ-SEAL-100", "the body is not the one that was signed");
  head.digest = digest_of(parcel.head(), key->suite);
  return head;
}

std::string reader_key_of(const wire::Parcel& parcel) { return decode_parcel_head(parcel.head(), bad_head).key; }

Bytes open_body(const wire::Parcel& parcel, const ParcelHead& head, const DecryptionKey& key) {
  if (head.key != key.record().id || key.record().algorithm != name_of(encryption_algorithm(key.record().suite)))
    refuse("QZ-SEAL-102", "sealed to key " + head.key);
  const Bytes bound = without_body_digest(parcel.head(), bad_head);
  std::optional<Bytes> opened = key.open({body_info, bound}, parcel.body());
  if (!opened) refuse("QZ-SEAL-103", "it does not open with key " + head.key);
  const Secret plain(std::move(*opened));
  return unpadded(plain.octets());
}

void check_reply(const ParcelHead& ask, const ParcelHead& reply) {
  const auto differs = [](std::string_view what) { refuse("QZ-SEAL-105", what); };
  if (ask.kind != ParcelKind::ask || reply.kind == ParcelKind::ask) differs("kind");
  if (reply.id != ask.id) differs("id");
  if (reply.from != ask.to || reply.to != ask.from) differs("parties");
  if (reply.service != ask.service) differs("service");
  if (reply.deadline != ask.deadline) differs("deadline");
  if (reply.questions != ask.questions) differs("number of questions");
  if (reply.ask_digest != ask.digest || ask.digest.is_zero()) differs("digest of the request");
}

}  // namespace qianzhi::seal

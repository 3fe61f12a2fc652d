#include "hub-protocol/seal/parcel_head.h"

#include <algorithm>

namespace qianzhi::seal {

namespace {

constexpr std::uint32_t body_digest_field = 10;

Digest digest_in(std::string_view octets, const Fault& fault) {
  if (octets.size() != Digest::size) fault.raise("a digest does not have 32 octets");
  const Digest digest = Digest::from_bytes(octets);
  if (digest.is_zero()) fault.raise("a digest is zero");
  return digest;
}

ParcelKind kind_in(std::uint32_t number, const Fault& fault) {
  if (number < static_cast<std::uint32_t>(ParcelKind::ask) || number > static_cast<std::uint32_t>(ParcelKind::refusal))
    fault.raise("unknown kind");
  return static_cast<ParcelKind>(number);
}

Micros time_in(std::uint64_t number, const Fault& fault) {
  const auto time = static_cast<Micros>(number);
  if (time <= 0) fault.raise("a time before 1970");
  return time;
}

void decode_field(WireReader& reader, ParcelHead& head, const Fault& fault) {
  switch (reader.field()) {
    case 1: head.kind = kind_in(reader.number32(), fault); return;
    case 2: head.id = reader.octets(); return;
    case 3: head.from = reader.text(); return;
    case 4: head.to = reader.text(); return;
    case 5: head.service = reader.text(); return;
    case 6: head.made = time_in(reader.number(), fault); return;
    case 7: head.deadline = time_in(reader.number(), fault); return;
    case 8: head.purpose = reader.text(); return;
    case 9: head.basis = reader.text(); return;
    case body_digest_field: head.body_digest = digest_in(reader.octets(), fault); return;
    case 11: head.key = reader.text(); return;
    case 12: head.ask_digest = digest_in(reader.octets(), fault); return;
    case 13: head.code = reader.text(); return;
    case 14: head.questions = reader.number32(); return;
    case 15: head.appeal = reader.octets(); return;
    case 16: head.directory_version = reader.number(); return;
    default: reader.unknown();
  }
}

bool is_name(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == '\x7f'; };
  return !text.empty() && text.size() <= most_name_octets && std::none_of(text.begin(), text.end(), is_control);
}

bool is_code(std::string_view code) {
  constexpr std::size_t most = 16;
  const auto fits = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; };
  return code.starts_with("QZ-") && code.size() <= most && std::all_of(code.begin(), code.end(), fits);
}

bool names_a_key(std::string_view id) {
  const auto fits = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return id.size() == 2 * Digest::size && std::all_of(id.begin(), id.end(), fits);
}

std::string fault_of_terms(const ParcelHead& head) {
  if (head.kind != ParcelKind::ask)
    return head.purpose.empty() && head.basis.empty() && head.appeal.empty() ? "" : "what only a request has";
  if (head.purpose.empty() || head.basis.empty()) return "a request without purpose or legal basis";
  if (head.purpose.size() > most_terms_octets || head.basis.size() > most_terms_octets) return "terms are too long";
  if (!head.appeal.empty() && (head.appeal.size() != parcel_id_octets || head.appeal == head.id)) return "appeal";
  return {};
}

std::string fault_of_content(const ParcelHead& head) {
  const bool is_refusal = head.kind == ParcelKind::refusal;
  if (head.body_digest.is_zero() != is_refusal) return "digest of the body";
  if (is_refusal ? !head.key.empty() : !names_a_key(head.key)) return "the reader's key";
  if (is_refusal ? !is_code(head.code) : !head.code.empty()) return "code";
  if (head.ask_digest.is_zero() != (head.kind == ParcelKind::ask)) return "digest of the request";
  return {};
}

}  // namespace

Bytes encode_parcel_head(const ParcelHead& head) {
  Bytes out;
  put_number(out, 1, static_cast<std::uint64_t>(head.kind));
  put_octets(out, 2, head.id);
  put_octets(out, 3, head.from);
  put_octets(out, 4, head.to);
  put_octets(out, 5, head.service);
  put_number(out, 6, static_cast<std::uint64_t>(head.made));
  put_number(out, 7, static_cast<std::uint64_t>(head.deadline));
  put_octets(out, 8, head.purpose);
  put_octets(out, 9, head.basis);
  put_octets(out, body_digest_field, head.body_digest.bytes());
  put_octets(out, 11, head.key);
  put_octets(out, 12, head.ask_digest.bytes());
  put_octets(out, 13, head.code);
  put_number(out, 14, head.questions);
  put_octets(out, 15, head.appeal);
  put_number(out, 16, head.directory_version);
  return out;
}

ParcelHead decode_parcel_head(std::string_view octets, const Fault& fault) {
  ParcelHead head;
  WireReader reader(octets, fault);
  bool has_kind = false;
  while (reader.next()) {
    has_kind = has_kind || reader.field() == 1;
    decode_field(reader, head, fault);
  }
  if (!has_kind) fault.raise("unknown kind");
  return head;
}

Bytes without_body_digest(std::string_view octets, const Fault& fault) {
  ParcelHead ignored;
  WireReader reader(octets, fault);
  std::size_t begin = 0;
  while (reader.next()) {
    decode_field(reader, ignored, fault);
    const std::size_t end = octets.size() - reader.left();
    if (reader.field() == body_digest_field) return Bytes(octets.substr(0, begin)).append(octets.substr(end));
    begin = end;
  }
  return Bytes(octets);
}

std::string fault_of(const ParcelHead& head) {
  if (head.id.size() != parcel_id_octets) return "id";
  if (!is_name(head.from) || !is_name(head.to) || head.from == head.to) return "parties";
  if (!is_name(head.service)) return "service";
  if (head.made <= 0 || head.deadline <= head.made || head.deadline - head.made > longest_parcel_life)
    return "deadline";
  if (head.questions == 0 || head.questions > most_questions) return "number of questions";
  if (std::string fault = fault_of_terms(head); !fault.empty()) return fault;
  return fault_of_content(head);
}

}  // namespace qianzhi::seal

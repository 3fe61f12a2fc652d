#include "hub-protocol/hub/admission.h"

#include "hub-protocol/base/error.h"

namespace qianzhi::hub {

namespace {

[[noreturn]] void object(std::string_view code, std::string_view detail) {
  throw Error(ErrorKind::rejected, code, detail);
}

void check_kind(const seal::Header& header) {
  const bool scoped = header.kind == BatchKind::begin || header.kind == BatchKind::end;
  const bool refers = header.kind == BatchKind::rows || header.kind == BatchKind::end;
  if (scoped == header.scope.is_empty() || refers == header.begin.is_zero() || header.position.epoch == 0 ||
      header.position.sequence == 0)
    object("QZ-HUB-010", std::string(name_of(header.kind)) + " " + to_text(header.position));
}

void check_rights(const seal::Header& header, const Directory& directory) {
  const GroupSet area = directory.provides(header.stream.agent, header.stream.topic);
  const Topic* topic = directory.catalogue.find(header.stream.topic);
  if (area.is_empty() || topic == nullptr || topic->mode == TopicMode::answer)
    object("QZ-HUB-004", to_text(header.stream));
  for (const Group& group : header.groups)
    if (!area.contains(group)) object("QZ-HUB-005", to_text(header.stream) + " " + to_text(GroupSet::of({group})));
}

void check_signature(const seal::Parsed& batch, const Directory& directory) {
  const seal::Header& header = batch.header();
  const auto judgement = batch.judge_signatures(directory.signing_keys(header.stream.agent));
  if (!judgement.unknown.empty()) object("QZ-HUB-006", judgement.unknown);
  if (!judgement.revoked.empty()) object("QZ-HUB-006", "revoked: " + judgement.revoked);
  if (!judgement.broken.empty())
    object("QZ-HUB-008", to_text(header.stream) + " " + to_text(header.position) + ", " + judgement.broken);
}

}  // namespace

Candidate examine(std::string_view octets, const std::string& caller, const Directory& directory) {
  Candidate candidate;
  candidate.octets = octets;
  // One bad batch is answered with a verdict; the other streams of the request go on.
  try {
    candidate.batch = seal::Parsed::from(octets);
    const seal::Header& header = candidate.batch->header();
    candidate.foreign = header.stream.agent != caller;
    if (candidate.foreign) object("QZ-HUB-003", header.stream.agent + " is not " + caller);
    check_kind(header);
    check_rights(header, directory);
    check_signature(*candidate.batch, directory);
    if (!candidate.batch->is_complete()) object("QZ-HUB-009", to_text(header.stream));
    candidate.batch->check_contents();
    candidate.rows = candidate.batch->count_rows();
  } catch (const Error& error) {
    candidate.code = error.code();
    candidate.detail = error.detail();
  }
  return candidate;
}

}  // namespace qianzhi::hub

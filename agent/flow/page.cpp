#include "agent/flow/page.h"

#include "hub-protocol/base/error.h"

namespace qianzhi::flow {

namespace {

[[noreturn]] void refuse(const seal::Parsed& batch, const seal::SignatureJudgement& judgement) {
  const std::string place = to_text(batch.header().stream) + " " + to_text(batch.header().position);
  const std::string revoked = judgement.revoked.empty() ? "" : ", revoked: " + judgement.revoked;
  throw Error(ErrorKind::corrupt, "QZ-AGT-057", place + ": " + judgement.unknown + judgement.broken + revoked);
}

seal::SignatureJudgement judge(const seal::Parsed& batch, const Directory& directory) {
  return batch.judge_signatures(directory.signing_keys(batch.header().stream.agent));
}

}  // namespace

bool is_signed(const seal::Parsed& batch, const Directory& directory) {
  const auto judgement = judge(batch, directory);
  if (!judgement.unknown.empty() || !judgement.broken.empty()) refuse(batch, judgement);
  return judgement.holds();
}

void require_signed(const seal::Parsed& batch, const Directory& directory) {
  const auto judgement = judge(batch, directory);
  if (!judgement.holds()) refuse(batch, judgement);
}

void require_not_ended(const seal::Parsed& batch, const KeyTrail& trail) {
  const std::string ended = trail.ended_among(batch.header().keys());
  if (!ended.empty())
    throw Error(ErrorKind::corrupt, "QZ-AGT-057",
                to_text(batch.header().stream) + " " + to_text(batch.header().position) + ": key " + ended +
                    " ended earlier in the stream");
}

std::vector<seal::Parsed> chain_of(const wire::Page& page, const StreamId& stream, KeyTrail& trail, int& at) {
  std::vector<seal::Parsed> batches;
  batches.reserve(static_cast<std::size_t>(page.batches_size()));
  for (at = 0; at < page.batches_size(); ++at) {
    batches.push_back(seal::Parsed::from(page.batches(at)));
    const seal::Header& header = batches.back().header();
    if (header.stream != stream) throw Error(ErrorKind::corrupt, "QZ-AGT-057", to_text(header.stream));
    const bool first = batches.size() == 1;
    if (!first && header.previous != batches[batches.size() - 2].digest())
      throw Error(ErrorKind::corrupt, "QZ-AGT-051", to_text(header.position) + " does not follow the one before it");
    require_not_ended(batches.back(), trail);
    trail.add(header.keys());
  }
  if (!batches.empty()) --at;
  return batches;
}

}  // namespace qianzhi::flow

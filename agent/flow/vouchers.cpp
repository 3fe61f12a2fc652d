#include "agent/flow/vouchers.h"

#include "hub-protocol/base/error.h"

namespace qianzhi::flow {

namespace {

constexpr std::size_t most_remembered = 100'000;  // 8 MB

}  // namespace

void Vouchers::begin(const Head& mark, const KeyTrail& trail) {
  walking_ = true;
  at_ = mark;
  trail_ = trail;
  passed_.clear();
  vouched_.clear();
}

void Vouchers::take(const wire::Page& page, const StreamId& stream, const Directory& directory) {
  int at = 0;
  KeyTrail trail = trail_;
  const std::vector<seal::Parsed> headers = chain_of(page, stream, trail, at);
  if (headers.empty())
    throw Error(ErrorKind::corrupt, "QZ-AGT-057", "after " + to_text(at_.position) + " none vouches");
  if (headers.front().header().previous != at_.digest)
    throw Error(ErrorKind::corrupt, "QZ-AGT-051", to_text(headers.front().header().position));
  for (const seal::Parsed& header : headers) {
    if (header.judge_signatures(directory.signing_keys(stream.agent)).holds()) {
      walking_ = false;
      vouched_ = std::move(passed_);
      return;
    }
    if (passed_.size() < most_remembered) passed_.insert(header.digest());
  }
  at_ = headers.back().head();
  trail_ = std::move(trail);
}

}  // namespace qianzhi::flow

#include "agent/flow/page.h"

#include "hub-protocol/base/error.h"

namespace qianzhi::flow {

std::vector<seal::Parsed> prove_page(const wire::Page& page, const StreamId& stream, const Directory& directory,
                                     int& at) {
  std::vector<seal::Parsed> batches;
  batches.reserve(static_cast<std::size_t>(page.batches_size()));
  for (at = 0; at < page.batches_size(); ++at) {
    batches.push_back(seal::Parsed::from(page.batches(at)));
    const seal::Header& header = batches.back().header();
    if (header.stream != stream) throw Error(ErrorKind::corrupt, "QZ-AGT-057", to_text(header.stream));
    const bool first = batches.size() == 1;
    if (!first && header.previous != batches[batches.size() - 2].digest())
      throw Error(ErrorKind::corrupt, "QZ-AGT-051", to_text(header.position) + " does not follow the one before it");
  }
  if (batches.empty()) return batches;
  --at;
  const KeyRecord* key = directory.signing_key(stream.agent, batches.back().header().key_id);
  if (key == nullptr) throw Error(ErrorKind::corrupt, "QZ-AGT-057", "key " + batches.back().header().key_id);
  if (!batches.back().signed_by(*key)) throw Error(ErrorKind::corrupt, "QZ-AGT-057", "signature, " + to_text(*key));
  return batches;
}

}  // namespace qianzhi::flow

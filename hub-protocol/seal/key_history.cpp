#include "hub-protocol/seal/key_history.h"

#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/directory_trust.h"
#include "hub-protocol/wire/directory.pb.h"

namespace qianzhi::seal {

namespace {

// As it claims: nothing is verified.
wire::DirectoryRoot claims_of(std::string_view signed_root) {
  wire::SignedRoot outer;
  wire::DirectoryRoot root;
  if (outer.ParseFromArray(signed_root.data(), static_cast<int>(signed_root.size())))
    root.ParseFromString(outer.root());
  return root;
}

std::optional<TrustedRoot> opened(std::string_view signed_root, const DirectoryTrust& trust) {
  try {
    return open_trusted(signed_root, trust);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

KeyHistory::KeyHistory(KeyRecord pinned, std::optional<KeyRecord> root_key)
    : pinned_(std::move(pinned)), root_key_(std::move(root_key)) {}

void KeyHistory::walk(std::vector<Bytes> signed_roots) {
  std::vector<std::pair<std::uint64_t, Bytes>> in_order;
  in_order.reserve(signed_roots.size());
  for (Bytes& root : signed_roots) {
    const std::uint64_t version = claims_of(root).version();
    in_order.emplace_back(version, std::move(root));
  }
  std::sort(in_order.begin(), in_order.end());
  DirectoryTrust trust = trust_in(pinned_);
  for (auto& [version, root] : in_order) {
    auto link = opened(root, trust);
    if (!link && root_key_) {
      try {
        link = opened(root, replace_key(claims_of(root).replacement(), *root_key_, trust));
      } catch (const Error&) {
        continue;
      }
    }
    if (!link) continue;
    trust = std::move(link->trust);
    keys_.insert_or_assign(std::move(root), std::move(link->key));
  }
}

const KeyRecord* KeyHistory::key_of(std::string_view signed_root) const {
  const auto found = keys_.find(signed_root);
  return found == keys_.end() ? nullptr : &found->second;
}

}  // namespace qianzhi::seal

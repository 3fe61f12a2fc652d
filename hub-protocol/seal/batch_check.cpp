#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/digest.h"
#include "hub-protocol/seal/parsed_state.h"

namespace qianzhi::seal {

namespace {

std::string place(const Group& group, std::string_view part) { return "group '" + group + "', " + std::string(part); }

void require(bool holds, const Group& group, std::string_view part) {
  if (!holds) throw Error(ErrorKind::corrupt, "QZ-SEAL-012", place(group, part));
}

[[noreturn]] void missing(const Group& group, std::string_view part) {
  throw Error(ErrorKind::corrupt, "QZ-SEAL-013", place(group, part));
}

[[noreturn]] void leaked(std::string_view what) { throw Error(ErrorKind::corrupt, "QZ-SEAL-014", what); }

}  // namespace

bool Parsed::signed_by(const KeyRecord& key) const {
  return std::any_of(state_->signatures.begin(), state_->signatures.end(), [&](const SignatureView& signature) {
    return signature.key_id == key.id && verify(key, Purpose::batch, state_->header_octets, signature.value);
  });
}

SignatureJudgement Parsed::judge_signatures(std::span<const KeyRecord> keys) const {
  const Header& named = header();
  SignatureJudgement judgement = seal::judge_signatures(keys, Purpose::batch, state_->header_octets, named.key_id,
                                                        named.second_key_id, state_->signatures);
  // The directory chooses the digests, never the message.
  const auto is_foreign = [&](const KeyRecord& key) { return key.suite != named.suite; };
  if (judgement.unknown.empty() && judgement.broken.empty() && std::any_of(keys.begin(), keys.end(), is_foreign))
    judgement.broken = "digest suite " + std::to_string(static_cast<int>(named.suite)) + " is not the directory's";
  return judgement;
}

void Parsed::check_contents() const {
  const auto digest = [&](std::string_view octets) { return digest_of(octets, header().suite); };
  for (const CarriedGroup& group : state_->groups) {
    const Group& name = state_->name(group);
    require(digest(group.manifest_octets) == state_->record.manifests[group.index], name, "manifest");
    require(digest(group.rows) == group.manifest.rows, name, "rows");
    for (const CarriedItem& item : group.items) {
      const ManifestItem& named = group.manifest.items[item.index];
      if (digest(item.block) != named.digest) require(false, name, "item " + std::string(named.item));
    }
  }
  if (state_->position && digest(*state_->position) != state_->record.position)
    throw Error(ErrorKind::corrupt, "QZ-SEAL-012", "source position");
}

bool Parsed::is_complete() const {
  return state_->groups.size() == state_->record.header.groups.size() &&
         std::all_of(state_->groups.begin(), state_->groups.end(),
                     [](const CarriedGroup& group) { return group.items.size() == group.manifest.items.size(); });
}

void Parsed::check_entitled(const Entitlement& entitlement) const {
  if (state_->position) leaked("source position");
  auto carried = state_->groups.begin();
  for (std::size_t i = 0; i < state_->record.header.groups.size(); ++i) {
    const Group& name = state_->record.header.groups[i];
    const bool here = carried != state_->groups.end() && carried->index == i;
    const std::set<std::string> granted = entitlement.items_in(name);
    if (granted.empty()) {
      if (here) leaked(place(name, "whole"));
      continue;
    }
    if (!here) missing(name, "whole");
    auto block = carried->items.begin();
    for (std::size_t k = 0; k < carried->manifest.items.size(); ++k) {
      const std::string item(carried->manifest.items[k].item);
      const bool item_here = block != carried->items.end() && block->index == k;
      const bool item_granted = granted.count(item) != 0;
      if (item_here && !item_granted) leaked(place(name, "item " + item));
      if (!item_here && item_granted) missing(name, "item " + item);
      if (item_here) ++block;
    }
    ++carried;
  }
}

}  // namespace qianzhi::seal

#include <algorithm>

#include "hub-protocol/seal/parsed_state.h"

namespace qianzhi::seal {

namespace {

// Reduction is what the hub does for each batch and receiver: it asks the clauses directly rather than build a set of
// items for each group.
std::vector<const Entitlement::Clause*> clauses_for(const Entitlement& entitlement, const Group& group) {
  std::vector<const Entitlement::Clause*> clauses;
  for (const Entitlement::Clause& clause : entitlement.clauses())
    if (clause.groups.contains(group)) clauses.push_back(&clause);
  return clauses;
}

std::size_t item_size(const CarriedItem& item) {
  const std::size_t number = item.index == 0 ? 0 : 1 + varint_size(item.index);
  return number + 1 + varint_size(item.block.size()) + item.block.size();
}

void put_group(Bytes& out, const CarriedGroup& group, const std::vector<const CarriedItem*>& items) {
  Bytes head;
  put_number(head, 1, group.index);
  put_octets(head, 2, group.manifest_octets);
  put_length(head, 3, group.rows.size());
  std::size_t size = head.size() + group.rows.size();
  for (const CarriedItem* item : items) size += 1 + varint_size(item_size(*item)) + item_size(*item);
  put_length(out, 3, size);
  out.append(head).append(group.rows);
  for (const CarriedItem* item : items) {
    put_length(out, 4, item_size(*item));
    put_number(out, 1, item->index);
    put_octets(out, 2, item->block);
  }
}

}  // namespace

Bytes Parsed::State::bare(std::size_t reserve) const {
  Bytes out;
  out.reserve(reserve);
  put_octets(out, 1, header_octets);
  for (const SignatureView& signature : signatures) {
    Bytes message;
    put_octets(message, 1, signature.key_id);
    put_octets(message, 2, signature.value);
    put_message(out, 2, message);
  }
  return out;
}

Bytes Parsed::reduced(const Entitlement& entitlement) const {
  Bytes out = state_->bare(state_->octets.size());
  for (const CarriedGroup& group : state_->groups) {
    const auto clauses = clauses_for(entitlement, state_->name(group));
    if (clauses.empty()) continue;
    std::vector<const CarriedItem*> items;
    for (const CarriedItem& item : group.items) {
      const std::string name(group.manifest.items[item.index].item);
      if (std::any_of(clauses.begin(), clauses.end(),
                      [&](const Entitlement::Clause* clause) { return clause->items.count(name) != 0; }))
        items.push_back(&item);
    }
    put_group(out, group, items);
  }
  out.shrink_to_fit();
  return out;
}

Bytes Parsed::bare() const { return state_->bare(state_->header_octets.size() + 512); }

}  // namespace qianzhi::seal

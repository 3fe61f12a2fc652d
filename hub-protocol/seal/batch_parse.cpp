#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/block_codec.h"
#include "hub-protocol/seal/digest.h"
#include "hub-protocol/seal/parsed_state.h"

namespace qianzhi::seal {

namespace {

constexpr Fault fault{ErrorKind::rejected, "QZ-SEAL-010", "sealed batch"};
constexpr Fault header_fault{ErrorKind::rejected, "QZ-SEAL-010", "header"};
constexpr Fault manifest_fault{ErrorKind::rejected, "QZ-SEAL-010", "manifest"};
constexpr std::size_t most_signatures = 4;

[[noreturn]] void too_much(std::string_view what) { throw Error(ErrorKind::full, "QZ-SEAL-011", what); }

SignatureView parse_signature(std::string_view octets) {
  SignatureView signature;
  WireReader reader(octets, fault);
  while (reader.next()) {
    switch (reader.field()) {
      case 1: signature.key_id = reader.text(); break;
      case 2: signature.value = reader.octets(); break;
      default: reader.unknown();
    }
  }
  return signature;
}

CarriedItem parse_item(std::string_view octets) {
  CarriedItem item;
  WireReader reader(octets, fault);
  while (reader.next()) {
    switch (reader.field()) {
      case 1: item.index = reader.number32(); break;
      case 2: item.block = reader.octets(); break;
      default: reader.unknown();
    }
  }
  return item;
}

CarriedGroup parse_group(std::string_view octets, const Limits& limits) {
  CarriedGroup group;
  WireReader reader(octets, fault);
  while (reader.next()) {
    switch (reader.field()) {
      case 1: group.index = reader.number32(); break;
      case 2: group.manifest_octets = reader.octets(); break;
      case 3: group.rows = reader.octets(); break;
      case 4: group.items.push_back(parse_item(reader.each_octets())); break;
      default: reader.unknown();
    }
  }
  group.manifest = decode_manifest(group.manifest_octets, limits, manifest_fault);
  for (std::size_t i = 0; i < group.items.size(); ++i) {
    if (group.items[i].index >= group.manifest.items.size()) fault.raise("an item block that no manifest names");
    if (i != 0 && group.items[i - 1].index >= group.items[i].index) fault.raise("item blocks are not in order");
  }
  return group;
}

void check_item_names(const Manifest& manifest) {
  std::vector<std::string_view> names;
  for (const ManifestItem& item : manifest.items) names.push_back(item.item);
  std::sort(names.begin(), names.end());
  if (std::adjacent_find(names.begin(), names.end()) != names.end()) manifest_fault.raise("an item is named twice");
}

void check_groups(const std::vector<CarriedGroup>& groups, std::size_t known) {
  if (groups.empty()) return;
  check_item_names(groups[0].manifest);
  const std::vector<ManifestItem>& first = groups[0].manifest.items;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (groups[i].index >= known) fault.raise("a group that the header does not name");
    if (i != 0 && groups[i - 1].index >= groups[i].index) fault.raise("groups are not in order");
    const std::vector<ManifestItem>& items = groups[i].manifest.items;
    if (!std::equal(items.begin(), items.end(), first.begin(), first.end(),
                    [](const ManifestItem& a, const ManifestItem& b) { return a.item == b.item; }))
      manifest_fault.raise("the groups of a batch name different items");
  }
}

// Before anything is decompressed: what the blocks declare must fit.
class OpenedSize {
 public:
  explicit OpenedSize(const Limits& limits) : limits_(limits) {}
  void add(std::string_view block) {
    const std::size_t size = raw_size(block, fault);
    if (size > limits_.block_octets || size > limits_.opened_octets - total_) too_much("octets after decompression");
    total_ += size;
  }

 private:
  const Limits& limits_;
  std::size_t total_ = 0;
};

}  // namespace

Parsed::Parsed(std::unique_ptr<State> state) : state_(std::move(state)) {}
Parsed::Parsed(Parsed&&) noexcept = default;
Parsed& Parsed::operator=(Parsed&&) noexcept = default;
Parsed::~Parsed() = default;

Parsed Parsed::from(std::string_view octets, const Limits& limits) {
  if (octets.size() > limits.batch_octets) too_much("octets");
  auto state = std::make_unique<State>();
  state->octets = octets;
  state->limits = limits;
  WireReader reader(state->octets, fault);
  while (reader.next()) {
    switch (reader.field()) {
      case 1: state->header_octets = reader.octets(); break;
      case 2: state->signatures.push_back(parse_signature(reader.each_octets())); break;
      case 3:
        if (state->groups.size() == limits.groups) too_much("groups");
        state->groups.push_back(parse_group(reader.each_octets(), limits));
        break;
      case 4: state->position = reader.octets(); break;
      default: reader.unknown();
    }
  }
  if (state->header_octets.size() > limits.header_octets) too_much("octets of header");
  if (state->signatures.size() > most_signatures) too_much("signatures");
  state->record = decode_header(state->header_octets, limits, header_fault);
  check_groups(state->groups, state->record.header.groups.size());
  if (state->position && state->record.position.is_zero()) fault.raise("a position that the header does not name");
  OpenedSize opened(limits);
  for (const CarriedGroup& group : state->groups) {
    opened.add(group.rows);
    for (const CarriedItem& item : group.items) opened.add(item.block);
  }
  if (state->position) opened.add(*state->position);
  state->digest = digest_of(state->header_octets, state->record.header.suite);
  return Parsed(std::move(state));
}

std::set<std::string> Header::keys() const {
  std::set<std::string> ids{key_id};
  if (!second_key_id.empty()) ids.insert(second_key_id);
  return ids;
}

const Header& Parsed::header() const { return state_->record.header; }
const Digest& Parsed::digest() const { return state_->digest; }
bool Parsed::is_bare() const { return state_->groups.empty(); }

}  // namespace qianzhi::seal

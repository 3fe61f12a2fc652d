// Small batches and a predictable source of randomness for the tests of hub-protocol/seal.
#pragma once

#include <string>
#include <vector>

#include "hub-protocol/seal/batch.h"
#include "hub-protocol/seal/key.h"

namespace qianzhi::test {

// The same octets in every run: golden vectors need their salts again.
class CountingRandom final : public Random {
 public:
  Bytes bytes(std::size_t size) override {
    Bytes octets;
    for (std::size_t i = 0; i < size; ++i) octets.push_back(static_cast<char>(next_++ & 0xFFU));
    return octets;
  }

 private:
  unsigned next_ = 1;
};

// The same one in all tests of a program.
inline const seal::SigningKey& provider_key() {
  static const seal::SigningKey key = seal::SigningKey::generate();
  return key;
}

inline seal::GroupRows group_rows(std::string group, std::vector<std::uint32_t> ordinals, std::size_t items) {
  seal::GroupRows rows{std::move(group), {}, std::vector<Column>(items)};
  for (const std::uint32_t ordinal : ordinals)
    rows.meta.push_back({Operation::upsert, ordinal, 7000 + ordinal / 2, 1'700'000'000'000'000 + ordinal});
  for (std::size_t i = 0; i < items; ++i)
    for (const std::uint32_t ordinal : ordinals)
      rows.items[i].append("v" + std::to_string(i) + "-" + std::to_string(ordinal));
  return rows;
}

// Three groups (unknown, 440103, 440104), items reg_no, name, capital; every operation and presence occurs.
inline seal::BatchContent small_content() {
  seal::BatchContent content;
  content.items = {"reg_no", "name", "capital"};
  content.groups.push_back(group_rows("", {3}, 3));
  content.groups.push_back(group_rows("440103", {0, 2, 5}, 3));
  content.groups.push_back(group_rows("440104", {1, 4}, 3));
  seal::GroupRows& mixed = content.groups[1];
  mixed.meta[1].operation = Operation::remove;
  mixed.meta[2].operation = Operation::withheld;
  mixed.items[1].clear();
  mixed.items[1].append("广州市\u4dae记商行");
  mixed.items[1].append_unchanged();
  mixed.items[1].append_unchanged();
  mixed.items[2].clear();
  mixed.items[2].append_null();
  mixed.items[2].append_unchanged();
  mixed.items[2].append_invalid("0000-00-00");
  return content;
}

inline seal::Header change_header(Position position = {1, 2}) {
  seal::Header header;
  header.stream = {"commerce-01", "commerce.opening_registration"};
  header.catalogue_version = 3;
  header.position = position;
  header.previous.octets.fill(0x11);
  header.time = 1'700'000'000'123'456;
  return header;
}

inline Entitlement entitled(GroupSet groups, std::set<std::string> items) {
  return Entitlement({{std::move(groups), std::move(items)}});
}

}  // namespace qianzhi::test

#include "hub-protocol/seal/header_codec.h"

#include <algorithm>

namespace qianzhi::seal {

namespace {

bool has_scope(BatchKind kind) { return kind == BatchKind::begin || kind == BatchKind::end; }
bool has_begin(BatchKind kind) { return kind == BatchKind::rows || kind == BatchKind::end; }

Bytes encode_group_set(const GroupSet& groups) {
  Bytes out;
  put_number(out, 1, groups.is_every() ? 1 : 0);
  for (const Group& group : groups.groups()) put_message(out, 2, group);
  return out;
}

GroupSet decode_group_set(std::string_view octets, const Fault& fault) {
  bool every = false;
  std::vector<Group> groups;
  WireReader reader(octets, fault);
  while (reader.next()) {
    switch (reader.field()) {
      case 1: every = reader.boolean(); break;
      case 2: groups.emplace_back(reader.each_text()); break;
      default: reader.unknown();
    }
  }
  if (every && !groups.empty()) fault.raise("a group set is both everything and a list");
  if (every) return GroupSet::every();
  if (std::adjacent_find(groups.begin(), groups.end(), std::greater_equal<>()) != groups.end())
    fault.raise("groups are not sorted and unique");
  return GroupSet::of({groups.begin(), groups.end()});
}

Digest decode_digest(std::string_view octets, const Fault& fault) {
  if (octets.size() != Digest::size) fault.raise("a digest does not have 32 octets");
  return Digest::from_bytes(octets);
}

// Empty stands for none.
Digest decode_optional_digest(std::string_view octets, const Fault& fault) {
  return octets.empty() ? Digest{} : decode_digest(octets, fault);
}

BatchKind decode_kind(std::uint32_t number, const Fault& fault) {
  if (number > static_cast<std::uint32_t>(BatchKind::end)) fault.raise("unknown kind");
  return static_cast<BatchKind>(number);
}

void decode_entry(std::string_view octets, HeaderRecord& record, const Fault& fault) {
  std::string_view partition, manifest;
  WireReader reader(octets, fault);
  while (reader.next()) {
    switch (reader.field()) {
      case 1: partition = reader.text(); break;
      case 2: manifest = reader.octets(); break;
      default: reader.unknown();
    }
  }
  std::vector<Group>& groups = record.header.groups;
  if (!groups.empty() && groups.back() >= partition) fault.raise("groups are not sorted and unique");
  groups.emplace_back(partition);
  record.manifests.push_back(decode_digest(manifest, fault));
}

bool is_key_id(std::string_view id) {
  return id.size() == 2 * Digest::size &&
         std::all_of(id.begin(), id.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

DigestSuite decode_suite(std::uint32_t number, const Fault& fault) {
  const auto suite = static_cast<DigestSuite>(number);
  if (number > 2 || (suite != DigestSuite::sha256 && suite != DigestSuite::sm3)) fault.raise("unknown digest suite");
  return suite;
}

void check_header(const Header& header, bool scope_given, const Fault& fault) {
  if (header.stream.agent.empty() || header.stream.topic.empty()) fault.raise("origin or topic is missing");
  if (!is_key_id(header.key_id)) fault.raise("key id is not 64 lower-case hexadecimal digits");
  if (!header.second_key_id.empty() && (!is_key_id(header.second_key_id) || header.second_key_id == header.key_id))
    fault.raise("the second key id is not another 64 lower-case hexadecimal digits");
  if (header.position.epoch == 0 || header.position.sequence == 0) fault.raise("epoch or sequence is missing");
  if (scope_given != has_scope(header.kind)) fault.raise("a group set does not go with this kind");
  if (scope_given && header.scope.is_empty()) fault.raise("a group set is empty");
  if (header.begin.is_zero() == has_begin(header.kind)) fault.raise("a begin digest does not go with this kind");
  if (!header.groups.empty() && !has_rows(header.kind)) fault.raise("groups do not go with this kind");
}

ManifestItem decode_manifest_item(std::string_view octets, const Fault& fault) {
  std::string_view item, digest;
  WireReader reader(octets, fault);
  while (reader.next()) {
    switch (reader.field()) {
      case 1: item = reader.text(); break;
      case 2: digest = reader.octets(); break;
      default: reader.unknown();
    }
  }
  if (item.empty()) fault.raise("an item has no name");
  return {item, decode_digest(digest, fault)};
}

}  // namespace

bool has_rows(BatchKind kind) { return !has_scope(kind); }

Bytes encode_header(const HeaderRecord& record) {
  const Header& header = record.header;
  Bytes out;
  out.reserve(256 + record.manifests.size() * 48);
  put_number(out, 1, header_format);
  put_number(out, 2, static_cast<std::uint64_t>(header.kind));
  put_octets(out, 3, header.stream.agent);
  put_octets(out, 4, header.key_id);
  put_number(out, 5, static_cast<std::uint64_t>(header.suite));
  put_octets(out, 6, header.stream.topic);
  put_number(out, 7, header.catalogue_version);
  put_number(out, 8, header.position.epoch);
  put_number(out, 9, header.position.sequence);
  put_octets(out, 10, header.previous.bytes());
  put_number(out, 11, static_cast<std::uint64_t>(header.time));
  for (std::size_t i = 0; i < header.groups.size(); ++i) {
    Bytes entry;
    put_octets(entry, 1, header.groups[i]);
    put_octets(entry, 2, record.manifests[i].bytes());
    put_message(out, 12, entry);
  }
  if (has_scope(header.kind)) put_message(out, 13, encode_group_set(header.scope));
  put_octets(out, 14, header.begin.bytes());
  put_octets(out, 15, record.position.bytes());
  put_octets(out, 16, header.second_key_id);
  return out;
}

HeaderRecord decode_header(std::string_view octets, const Limits& limits, const Fault& fault) {
  HeaderRecord record;
  Header& header = record.header;
  std::uint32_t format = 0;
  bool suite_given = false;
  bool scope_given = false;
  WireReader reader(octets, fault);
  while (reader.next()) {
    switch (reader.field()) {
      case 1: format = reader.number32(); break;
      case 2: header.kind = decode_kind(reader.number32(), fault); break;
      case 3: header.stream.agent = reader.text(); break;
      case 4: header.key_id = reader.text(); break;
      case 5:
        header.suite = decode_suite(reader.number32(), fault);
        suite_given = true;
        break;
      case 6: header.stream.topic = reader.text(); break;
      case 7: header.catalogue_version = reader.number(); break;
      case 8: header.position.epoch = reader.number(); break;
      case 9: header.position.sequence = reader.number(); break;
      case 10: header.previous = decode_optional_digest(reader.octets(), fault); break;
      case 11: header.time = static_cast<Micros>(reader.number()); break;
      case 12:
        if (header.groups.size() == limits.groups)
          throw Error(ErrorKind::full, "QZ-SEAL-011", "more groups than allowed");
        decode_entry(reader.each_octets(), record, fault);
        break;
      case 13:
        header.scope = decode_group_set(reader.octets(), fault);
        scope_given = true;
        break;
      case 14: header.begin = decode_optional_digest(reader.octets(), fault); break;
      case 15: record.position = decode_optional_digest(reader.octets(), fault); break;
      case 16: header.second_key_id = reader.text(); break;
      default: reader.unknown();
    }
  }
  if (format != header_format) fault.raise("unknown format");
  if (!suite_given) fault.raise("unknown digest suite");
  check_header(header, scope_given, fault);
  return record;
}

Bytes encode_manifest(const Manifest& manifest) {
  Bytes out;
  put_octets(out, 1, manifest.rows.bytes());
  for (const ManifestItem& item : manifest.items) {
    Bytes entry;
    put_octets(entry, 1, item.item);
    put_octets(entry, 2, item.digest.bytes());
    put_message(out, 2, entry);
  }
  return out;
}

Manifest decode_manifest(std::string_view octets, const Limits& limits, const Fault& fault) {
  Manifest manifest;
  std::string_view rows;
  WireReader reader(octets, fault);
  while (reader.next()) {
    switch (reader.field()) {
      case 1: rows = reader.octets(); break;
      case 2:
        if (manifest.items.size() == limits.items)
          throw Error(ErrorKind::full, "QZ-SEAL-011", "more items than allowed");
        manifest.items.push_back(decode_manifest_item(reader.each_octets(), fault));
        break;
      default: reader.unknown();
    }
  }
  manifest.rows = decode_digest(rows, fault);
  return manifest;
}

}  // namespace qianzhi::seal

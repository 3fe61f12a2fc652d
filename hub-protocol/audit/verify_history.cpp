#include "hub-protocol/audit/verify_history.h"

#include <algorithm>
#include <map>
#include <system_error>

#include "hub-protocol/audit/evidence_file.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/digest.h"
#include "hub-protocol/seal/directory.h"
#include "hub-protocol/seal/directory_trust.h"

namespace qianzhi::audit {

using seal::Verdict;

namespace {

struct HistoryReader {
  History& history;
  const seal::KeyHistory& keys;
  seal::VerifyReport& report;

  std::vector<Bytes> records_of(const std::filesystem::path& file) {
    std::vector<Bytes> records;
    std::error_code failed;
    if (!std::filesystem::exists(file, failed)) return records;
    try {
      read_evidence(file, [&](std::string_view octets) { records.emplace_back(octets); });
    } catch (const Error& error) {
      const bool is_ours = error.kind() == ErrorKind::unavailable;
      report.add(
          {is_ours ? Verdict::could_not_check : Verdict::malformed, file.string(), error.code(), error.detail()});
    }
    return records;
  }

  void add_root(const std::string& file, const Bytes& signed_root, const std::map<Digest, Bytes>& parts) {
    try {
      const KeyRecord* key = keys.key_of(signed_root);
      if (key == nullptr) throw Error(ErrorKind::corrupt, "QZ-SEAL-080", seal::signer_of(signed_root));
      const seal::RootContent root = seal::open_root(signed_root, *key);
      const auto is_there = [&](const Digest& part) { return parts.count(part) != 0; };
      if (!std::all_of(root.parts.begin(), root.parts.end(), is_there))
        return report.add({Verdict::incomplete, file, "QZ-SEAL-090",
                           "parts of directory " + std::to_string(root.version) + " are missing"});
      history.roots.insert(root.digest);
      add_trust(seal::open_directory(signed_root, parts, *key));
    } catch (const Error& error) {
      report.add({Verdict::untrusted, file, error.code(), error.detail()});
    }
  }

  // A key that is gone from the directory still proves what it signed while it was in it.
  void add_trust(const Directory& older) {
    const auto is_known = [](const std::vector<KeyRecord>& among, const KeyRecord& key) {
      return std::any_of(among.begin(), among.end(), [&](const KeyRecord& other) { return other.id == key.id; });
    };
    if (!is_known(history.hub_keys, older.hub_key)) history.hub_keys.push_back(older.hub_key);
    for (const auto& [id, agent] : older.agents) {
      AgentEntry& known = history.trust.agents.try_emplace(id, agent).first->second;
      for (const KeyRecord& key : agent.signing_keys)
        if (!is_known(known.signing_keys, key)) known.signing_keys.push_back(key);
    }
  }
};

}  // namespace

History read_history(const std::vector<std::filesystem::path>& folders, const Directory& trust,
                     const seal::KeyHistory& keys, seal::VerifyReport& report) {
  History history{trust, {trust.hub_key}, {}};
  HistoryReader reader{history, keys, report};
  for (const std::filesystem::path& folder : folders) {
    std::map<Digest, Bytes> parts;
    for (Bytes& part : reader.records_of(folder / parts_name)) {
      const Digest digest = seal::digest_of(part, trust.hub_key.suite);
      parts.emplace(digest, std::move(part));
    }
    const std::filesystem::path roots = folder / roots_name;
    for (const Bytes& root : reader.records_of(roots)) reader.add_root(roots.string(), root, parts);
  }
  return history;
}

}  // namespace qianzhi::audit

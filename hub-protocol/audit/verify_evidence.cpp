#include "hub-protocol/audit/verify_evidence.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <system_error>

#include "hub-protocol/audit/audit_log.h"
#include "hub-protocol/audit/checkpoint.h"
#include "hub-protocol/audit/evidence_file.h"
#include "hub-protocol/audit/verify_history.h"
#include "hub-protocol/audit/verify_ledger.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/digest.h"

namespace qianzhi::audit {

namespace {

namespace fs = std::filesystem;
using seal::Verdict;

struct Link {
  Digest digest;
  Digest previous;
  std::string file;
};

struct Signed {
  Checkpoint content;
  std::string file;
};

class TrailVerifier {
 public:
  TrailVerifier(const History& history, seal::VerifyReport& report)
      : history_(history), trust_(history.trust), report_(report) {}

  void read_folder(const fs::path& folder) {
    exported_.clear();
    reading(folder / entries_name, [&](const std::string& file, std::string_view octets) { add_entry(file, octets); });
    reading(folder / checkpoints_name,
            [&](const std::string& file, std::string_view octets) { add_checkpoint(file, octets); });
    check_ledger_file(folder / ledger_name);
  }
  void check();

 private:
  template <typename Visit>
  void reading(const fs::path& file, Visit&& visit) {
    try {
      read_evidence(file, [&](std::string_view octets) { visit(file.string(), octets); });
    } catch (const Error& error) {
      const bool is_ours = error.kind() == ErrorKind::unavailable;
      report_.add(
          {is_ours ? Verdict::could_not_check : Verdict::malformed, file.string(), error.code(), error.detail()});
    }
  }
  void add_entry(const std::string& file, std::string_view octets);
  void add_checkpoint(const std::string& file, std::string_view octets);
  void check_ledger_file(const fs::path& file);
  void check_chain();
  void check_checkpoints();
  bool has_checkpoint(std::uint64_t sequence, const Digest& digest) const {
    return std::any_of(checkpoints_.begin(), checkpoints_.end(), [&](const auto& one) {
      return one.second.content.sequence == sequence && one.second.content.digest == digest;
    });
  }
  bool is_kept(const std::string& root) const {
    return std::any_of(history_.roots.begin(), history_.roots.end(),
                       [&](const Digest& digest) { return digest.hex() == root; });
  }
  void altered(const std::string& file, const std::string& what) {
    report_.add({Verdict::tampered, file, "QZ-SEAL-088", what});
  }
  void missing(const std::string& file, const std::string& what) {
    report_.add({Verdict::incomplete, file, "QZ-SEAL-090", what});
  }

  const History& history_;
  const Directory& trust_;
  seal::VerifyReport& report_;
  std::map<std::uint64_t, Link> entries_;
  std::map<Digest, Signed> checkpoints_;  // by body: exports overlap
  std::set<std::string> exported_;        // digests of ledgers that this folder's entries name
};

void TrailVerifier::add_entry(const std::string& file, std::string_view octets) {
  const Stored stored = read_entry(octets);
  const Link link{seal::digest_of(octets, trust_.hub_key.suite), stored.previous, file};
  if (stored.entry.action == "evidence.export")
    for (const auto& [name, value] : stored.entry.details)
      if (name == "ledger") exported_.insert(value);
  if (stored.entry.action == "directory.publish")
    for (const auto& [name, value] : stored.entry.details)
      if (name == "digest" && !is_kept(value)) missing(file, "directory " + stored.entry.subject + " is not there");
  const auto [found, is_new] = entries_.try_emplace(stored.sequence, link);
  if (is_new) ++report_.entries;
  if (!is_new && found->second.digest != link.digest)
    altered(file, "entry " + std::to_string(stored.sequence) + " is another one in " + found->second.file);
}

void TrailVerifier::add_checkpoint(const std::string& file, std::string_view octets) {
  const std::string signer = signer_of_checkpoint(octets);
  const auto key = std::find_if(history_.hub_keys.begin(), history_.hub_keys.end(),
                                [&](const KeyRecord& known) { return known.id == signer; });
  if (key == history_.hub_keys.end())
    return report_.add({Verdict::untrusted, file, "QZ-SEAL-051", "checkpoint: key '" + signer + "' is not the hub's"});
  try {
    const Checkpoint checkpoint = open_checkpoint(octets, *key);
    if (checkpoints_.try_emplace(checkpoint.body, Signed{checkpoint, file}).second) ++report_.checkpoints;
  } catch (const Error& error) {
    const bool is_signature = error.code() == "QZ-SEAL-087";
    report_.add({is_signature ? Verdict::tampered : Verdict::malformed, file, error.code(), error.detail()});
  }
}

void TrailVerifier::check_ledger_file(const fs::path& file) {
  std::error_code failed;
  if (!fs::exists(file, failed)) return missing(file.string(), "the ledger is missing");
  LedgerVerifier ledger(trust_, file.string(), report_);
  Bytes all;
  reading(file, [&](const std::string&, std::string_view octets) {
    ledger.add(octets);
    all.append(seal::digest_of(octets, trust_.hub_key.suite).bytes());
  });
  ledger.finish();
  if (exported_.count(seal::digest_of(all, trust_.hub_key.suite).hex()) == 0)
    report_.add({Verdict::tampered, file.string(), "QZ-SEAL-094", "no entry of the trail names this ledger"});
}

void TrailVerifier::check_chain() {
  const Link* before = nullptr;
  std::uint64_t last = 0;
  for (const auto& [sequence, link] : entries_) {
    const std::string number = std::to_string(sequence);
    const bool follows = before != nullptr && sequence == last + 1;
    if (follows && link.previous != before->digest)
      altered(link.file, "entry " + number + " names another one before it");
    if (sequence == 1 && !link.previous.is_zero()) altered(link.file, "the first entry names one before it");
    if (!follows && sequence != 1) {
      // What lies before was exported and removed, or not asked for: a checkpoint stands for it.
      const bool stands = has_checkpoint(sequence - 1, link.previous);
      if (!stands || before != nullptr) missing(link.file, "entries before " + number + " are missing");
    }
    before = &link;
    last = sequence;
  }
}

void TrailVerifier::check_checkpoints() {
  std::vector<const Signed*> in_order;
  for (const auto& [body, signed_one] : checkpoints_) in_order.push_back(&signed_one);
  std::sort(in_order.begin(), in_order.end(),
            [](const Signed* a, const Signed* b) { return a->content.sequence < b->content.sequence; });
  const std::uint64_t first = entries_.empty() ? 0 : entries_.begin()->first;
  const Signed* before = nullptr;
  for (const Signed* one : in_order) {
    const Checkpoint& content = one->content;
    const std::string number = std::to_string(content.sequence);
    const auto entry = entries_.find(content.sequence);
    if (entry != entries_.end() && entry->second.digest != content.digest)
      altered(one->file, "the hub signed another entry " + number);
    if (entry == entries_.end() && content.sequence >= first)
      missing(one->file, "entries through " + number + " were signed and are missing");
    if (before != nullptr && before->content.sequence == content.sequence && before->content.digest != content.digest)
      altered(one->file, "the hub signed two entries " + number);
    if (before != nullptr && before->content.sequence < content.sequence && content.previous != before->content.body)
      missing(one->file, "a checkpoint before " + number + " is missing");
    before = one;
  }
  const std::uint64_t signed_through = before == nullptr ? 0 : before->content.sequence;
  if (!entries_.empty() && entries_.rbegin()->first > signed_through)
    report_.add({Verdict::incomplete, entries_.rbegin()->second.file, "QZ-SEAL-089",
                 "entries after " + std::to_string(signed_through) + " are under no checkpoint"});
}

void TrailVerifier::check() {
  check_chain();
  check_checkpoints();
}

std::vector<fs::path> folders_of_evidence(const fs::path& path) {
  std::vector<fs::path> folders;
  std::error_code failed;
  for (fs::recursive_directory_iterator entry(path, failed), end; !failed && entry != end; entry.increment(failed))
    if (entry->path().filename() == entries_name) folders.push_back(entry->path().parent_path());
  std::sort(folders.begin(), folders.end());
  return folders;
}

}  // namespace

bool has_evidence(const fs::path& path) { return !folders_of_evidence(path).empty(); }

void verify_evidence(const fs::path& path, const Directory& trust, const seal::KeyHistory& keys,
                     seal::VerifyReport& report) {
  const std::vector<fs::path> folders = folders_of_evidence(path);
  const History history = read_history(folders, trust, keys, report);
  TrailVerifier verifier(history, report);
  for (const fs::path& folder : folders) verifier.read_folder(folder);
  verifier.check();
}

std::vector<Bytes> roots_below(const fs::path& path) {
  std::vector<Bytes> roots;
  for (const fs::path& folder : folders_of_evidence(path)) {
    try {
      read_evidence(folder / roots_name, [&](std::string_view octets) { roots.emplace_back(octets); });
    } catch (const Error&) {
      continue;
    }
  }
  return roots;
}

}  // namespace qianzhi::audit

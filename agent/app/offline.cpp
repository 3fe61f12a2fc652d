// The verbs that need no running agent, no database and no network: explain, verify, export.
#include <cstdio>
#include <optional>

#include "agent/app/agent.h"
#include "agent/app/commands.h"
#include "agent/app/files.h"
#include "agent/app/kept.h"
#include "agent/config/loader.h"
#include "agent/store/store.h"
#include "hub-protocol/audit/verify_evidence.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/digest.h"
#include "hub-protocol/seal/directory.h"
#include "hub-protocol/seal/directory_trust.h"
#include "hub-protocol/seal/key.h"
#include "hub-protocol/seal/verify.h"
#include "hub-protocol/service/process.h"
#include "hub-protocol/wire/exchange.pb.h"

namespace qianzhi::app {

namespace {

struct Trusted {
  Directory directory;
  seal::KeyHistory keys;
};

// The newest directory, by the key of its time: which the pinned one announced, or one that followed it.
Trusted read_directory(const VerifyOptions& options) {
  const std::filesystem::path folder =
      std::filesystem::is_directory(options.path) ? options.path : options.path.parent_path();
  const std::filesystem::path file = options.directory.empty() ? folder / "directory.qzd" : options.directory;
  wire::DirectoryReply kept;
  if (!kept.ParseFromString(read_text(file))) throw Error(ErrorKind::misuse, "QZ-AGT-080", file.string());
  std::optional<KeyRecord> root_key;
  if (!options.root_key.empty()) root_key = seal::directory_key_from_pem(read_text(options.root_key));
  seal::KeyHistory keys(seal::directory_key_from_pem(read_text(options.directory_key)), std::move(root_key));
  std::vector<Bytes> roots = audit::roots_below(folder);
  roots.insert(roots.end(), kept.key_chain().begin(), kept.key_chain().end());
  roots.push_back(kept.signed_root());
  keys.walk(std::move(roots));
  const KeyRecord* key = keys.key_of(kept.signed_root());
  if (key == nullptr) throw Error(ErrorKind::corrupt, "QZ-SEAL-080", seal::signer_of(kept.signed_root()));
  std::map<Digest, Bytes> parts;
  for (const std::string& part : kept.parts()) parts[seal::digest_of(part, key->suite)] = part;
  return {seal::open_directory(kept.signed_root(), parts, *key), keys};
}

bool has_batches(const std::filesystem::path& path) {
  std::error_code failed;
  for (std::filesystem::recursive_directory_iterator entry(path, failed), end; !failed && entry != end;
       entry.increment(failed))
    if (entry->path().extension() == ".qzb") return true;
  return false;
}

std::string two_languages(seal::Verdict verdict) {
  switch (verdict) {
    case seal::Verdict::good: return "完好 / good";
    case seal::Verdict::tampered: return "被改动 / tampered";
    case seal::Verdict::incomplete: return "不完整 / incomplete";
    case seal::Verdict::untrusted: return "不可信或已过期 / untrusted or expired";
    case seal::Verdict::malformed: return "格式错误 / malformed";
    case seal::Verdict::could_not_check: return "无法校验 / could not check";
  }
  return {};
}

}  // namespace

std::string read_text(const std::filesystem::path& file) { return service::read_whole(file, "QZ-AGT-080"); }

int verify(const VerifyOptions& options) {
  std::optional<Trusted> trust;
  try {
    trust = read_directory(options);
  } catch (const Error& error) {
    service::tell(error);
    return static_cast<int>(error.kind() == ErrorKind::corrupt ? seal::Verdict::untrusted
                                                               : seal::Verdict::could_not_check);
  }
  // Evidence need not have batches beside it.
  const bool with_evidence = audit::has_evidence(options.path);
  seal::VerifyReport report;
  if (!with_evidence || has_batches(options.path)) report = seal::verify_files(options.path, trust->directory);
  if (with_evidence) audit::verify_evidence(options.path, trust->directory, trust->keys, report);
  if (options.json) {
    std::printf("%s\n", seal::to_json(report).c_str());
    return static_cast<int>(report.verdict);
  }
  for (const seal::Finding& finding : report.findings)
    std::printf("%s: %s  %s %s\n", finding.file.c_str(), two_languages(finding.verdict).c_str(), finding.code.c_str(),
                finding.detail.c_str());
  std::printf("%s: %zu 批 batches, %zu 行 rows\n", two_languages(report.verdict).c_str(), report.batches, report.rows);
  if (with_evidence)
    std::printf("%zu 条审计 audit entries, %zu 个检查点 checkpoints, %zu 张回执 receipts\n", report.entries,
                report.checkpoints, report.receipts);
  return static_cast<int>(report.verdict);
}

int export_batches(const ExportOptions& options) {
  yaml::Diagnostics diagnostics;
  const config::Config config = config::load_config(options.config, diagnostics);
  diagnostics.throw_if_errors();
  SystemRandom random;
  const store::Store store(store_options(config, true), from_hex(config::read_secret(config.queue.key)), random);
  std::filesystem::create_directories(options.to);
  std::vector<std::string> topics = store.topics();
  std::erase_if(topics, [&](const auto& topic) { return !options.topic.empty() && options.topic != topic; });
  const auto written = each_kept_batch(store, topics, [&](const std::string& topic, const store::KeptBatch& batch) {
    service::write_whole(options.to / (topic + "-" + to_text(batch.head.position) + ".qzb"), batch.octets);
  });
  const auto root = store.value("directory/root");
  if (root) {
    wire::DirectoryReply kept;
    kept.set_signed_root(*root);
    for (const auto& [name, octets] : store.values_with_prefix("directory/part/")) kept.add_parts(octets);
    for (const auto& [name, octets] : store.values_with_prefix("directory/chain/")) kept.add_key_chain(octets);
    service::write_whole(options.to / "directory.qzd", kept.SerializeAsString());
  }
  std::printf("%zu 批已导出到 batches exported to %s\n校验 verify: qianzhi verify %s --directory-key %s\n",
              static_cast<std::size_t>(written), options.to.c_str(), options.to.c_str(),
              config.exchange.directory_key.c_str());
  return 0;
}

}  // namespace qianzhi::app

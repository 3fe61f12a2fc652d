#include "hub-protocol/hub/export.h"

#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/content.h"
#include "hub-protocol/hub/log_schema.h"
#include "hub-protocol/seal/directory.h"
#include "hub-protocol/seal/key.h"
#include "hub-protocol/service/process.h"
#include "hub-protocol/sqlite/database.h"
#include "hub-protocol/wire/exchange.pb.h"

namespace qianzhi::hub {

namespace {

// The registry of a hub that never ran is not there.
Directory content_of(const HubConfig& config, DigestSuite suite) {
  if (!std::filesystem::exists(config.registry)) return seal::in_suite(config.content, suite);
  sqlite::Database file(config.registry, {sqlite::Access::read_only, true, {}, 5000});
  return compile_content(config, registry::View(file), suite);
}

// The root comes from the store, its parts from configuration and registry: they are the same octets as long as it is
// unchanged.
bool write_directory(const HubConfig& config, const Bytes& signed_root, const std::filesystem::path& to) {
  if (signed_root.empty()) return false;
  const seal::SigningKey key = seal::directory_key_from_file(config.directory_key);
  Directory content = content_of(config, key.record().suite);
  content.hub_key = seal::SigningKey::from_file(config.signing_key).in_suite(key.record().suite).record();
  const seal::SealedDirectory sealed = seal::seal_directory(content, key);
  const seal::RootContent root = seal::open_root(signed_root, key.record());
  wire::DirectoryReply reply;
  reply.set_signed_root(signed_root);
  for (const Digest& digest : root.parts)
    if (sealed.parts.count(digest) == 0) return false;
  for (const auto& [digest, part] : sealed.parts) reply.add_parts(part);
  // The way here from every key that signed before.
  if (std::filesystem::exists(config.registry)) {
    sqlite::Database file(config.registry, {sqlite::Access::read_only, true, {}, 5000});
    for (const registry::Record& announced : registry::View(file).all(registry::kind::directory_key))
      reply.add_key_chain(announced.body);
  }
  service::write_whole(to / "directory.qzd", reply.SerializeAsString());
  return true;
}

}  // namespace

ExportReport export_log(const HubConfig& config, const std::filesystem::path& to, const ExportFilter& filter) {
  sqlite::Database log(config.store, {sqlite::Access::read_only, true, {}, 5000});
  const sqlite::Transaction view(log, false);
  if (log.scalar("PRAGMA application_id") != log_application_id)
    throw Error(ErrorKind::misuse, "QZ-HUB-029", config.store.string());
  ExportReport report;
  std::filesystem::create_directories(to / "evidence");
  auto streams = log.prepare(
      "SELECT id, agent, topic FROM stream WHERE (?1 = '' OR agent = ?1) AND (?2 = '' OR topic = ?2) "
      "ORDER BY agent, topic");
  streams.bind(1, filter.agent).bind(2, filter.topic);
  while (streams.step()) {
    const std::string name = streams.text(1) + "-" + streams.text(2) + "-";
    const auto place = [](const sqlite::Statement& row) { return to_text(Position{row.number(0), row.number(1)}); };
    auto batches = log.prepare("SELECT epoch, sequence, octets FROM batch WHERE stream = ? ORDER BY place");
    batches.bind(1, streams.integer(0));
    for (; batches.step(); ++report.batches)
      service::write_whole(to / (name + place(batches) + ".qzb"), batches.view(2));
    auto pairs = log.prepare("SELECT epoch, sequence, held, offered, id FROM evidence WHERE stream = ? ORDER BY id");
    pairs.bind(1, streams.integer(0));
    for (; pairs.step(); ++report.evidence) {
      const std::string pair = name + place(pairs) + "-" + pairs.text(4);
      service::write_whole(to / "evidence" / (pair + "-held.qzb"), pairs.view(2));
      service::write_whole(to / "evidence" / (pair + "-offered.qzb"), pairs.view(3));
    }
  }
  auto root = log.prepare("SELECT signed_root FROM hub");
  report.with_directory = root.step() && write_directory(config, root.text(0), to);
  return report;
}

}  // namespace qianzhi::hub

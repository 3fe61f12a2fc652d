#include "agent/app/kept.h"

#include "agent/app/agent.h"
#include "agent/app/files.h"
#include "agent/config/loader.h"
#include "agent/flow/directory_keeper.h"
#include "hub-protocol/command/progress.h"
#include "hub-protocol/seal/key.h"
#include "hub-protocol/yaml/catalogue.h"

namespace qianzhi::app {

namespace {

constexpr std::size_t read_at_once = 8U << 20U;

}  // namespace

config::Config load_or_throw(const std::filesystem::path& file) {
  yaml::Diagnostics diagnostics;
  config::Config config = config::load_config(file, diagnostics);
  diagnostics.throw_if_errors();
  return config;
}

std::shared_ptr<const Directory> kept_directory(const config::Config& config) {
  if (!std::filesystem::exists(config.queue.path)) throw Error(ErrorKind::unavailable, "QZ-AGT-081", "no queue file");
  SystemRandom random;
  const SystemClock clock;
  store::Store store(store_options(config, true), from_hex(config::read_secret(config.queue.key)), random);
  const flow::DirectoryKeeper keeper(store, clock,
                                     seal::directory_key_from_pem(read_text(config.exchange.directory_key)));
  if (!keeper.current()) throw Error(ErrorKind::unavailable, "QZ-AGT-081", "no directory kept");
  return keeper.current();
}

Catalogue catalogue_for(const config::Config& config, const std::filesystem::path& folder) {
  if (folder.empty()) return kept_directory(config)->catalogue;
  yaml::Diagnostics diagnostics;
  Catalogue catalogue = yaml::load_catalogue(folder, diagnostics);
  diagnostics.throw_if_errors();
  return catalogue;
}

std::uint64_t each_kept_batch(const store::Store& store, const std::vector<std::string>& topics,
                              const std::function<void(const std::string& topic, const store::KeptBatch&)>& take) {
  std::uint64_t total = 0;
  for (const std::string& topic : topics) total += store.waiting_after(topic, {}).batches;
  const SystemClock clock;
  command::Progress progress(clock, total);
  std::uint64_t done = 0;
  for (const std::string& topic : topics) {
    Position after;
    for (auto batches = store.batches_after(topic, after, read_at_once); !batches.empty();
         batches = store.batches_after(topic, after, read_at_once)) {
      for (const store::KeptBatch& batch : batches) {
        take(topic, batch);
        progress.at(++done);
      }
      after = batches.back().head.position;
    }
  }
  return done;
}

}  // namespace qianzhi::app

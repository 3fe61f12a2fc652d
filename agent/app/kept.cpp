#include "agent/app/kept.h"

#include "agent/app/agent.h"
#include "agent/app/files.h"
#include "agent/config/loader.h"
#include "agent/flow/directory_keeper.h"
#include "hub-protocol/seal/key.h"
#include "hub-protocol/yaml/catalogue.h"

namespace qianzhi::app {

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

}  // namespace qianzhi::app

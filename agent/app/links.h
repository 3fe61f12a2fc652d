// The agent's ways to the hub, one a stage: by network, or by files in a folder, as its configuration says.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/config/config.h"
#include "agent/flow/deliver.h"
#include "agent/flow/uplink.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/client/file_link.h"
#include "hub-protocol/client/https_link.h"
#include "hub-protocol/yaml/diagnostics.h"

namespace qianzhi::app {

// How people name the way to the hub: its URL, or the folders.
std::string way_to_hub(const config::ExchangeConfig& exchange);

// Whether the keys and certificates that a way by files needs can be used; nothing to say about one by network.
void check_way(const config::Config& config, const Clock& clock, yaml::Diagnostics& diagnostics);

// Of a way by network.
HttpsLinkOptions network_options(const config::Config& config);

// One call, for people who wait for its end. Through a folder it is said on standard output how long that may take.
wire::DirectoryReply ask_hub(const config::Config& config, const Clock& clock);

// A link by network, of its own. Throws Error(rejected, QZ-LINK-151) where the way is by files.
std::unique_ptr<HubLink> new_link(const config::Config& config);

// One call that only reads, with the identity in this file (key and certificates) instead of the configured one.
void try_identity(const config::Config& config, const std::filesystem::path& identity);

class Links {
 public:
  // All must outlive it.
  Links(const config::Config& config, const Clock& clock, Random& random);

  // Of the stage with this name; it lives as long as this object.
  HubLink& open(const std::string& stage);
  // What goes over a way that takes minutes goes in larger pieces and less often.
  void suit(flow::UplinkParts& parts) const;
  void suit(flow::DeliverParts& parts) const;

  // Thread-safe, after the last open(). What waits for a gateway for longer than is usual, or meets trouble.
  std::vector<flow::Notice> notices() const;
  // Steady time at which a call of this stage that takes long was last seen alive; 0 where none takes long.
  Micros last_sign(const std::string& stage) const;

 private:
  const config::Config& config_;
  const Clock& clock_;
  Random& random_;
  std::vector<std::unique_ptr<HubLink>> links_;
  std::map<std::string, const FileLink*> file_links_;  // by the name of the stage
};

}  // namespace qianzhi::app

// Private to Agent: everything that it owns. Internal to this folder.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/app/agent.h"
#include "agent/app/links.h"
#include "agent/flow/answerer.h"
#include "agent/flow/capture.h"
#include "agent/flow/clock_watch.h"
#include "agent/flow/courier.h"
#include "agent/flow/deliver.h"
#include "agent/flow/directory_keeper.h"
#include "agent/flow/pump.h"
#include "agent/flow/requests.h"
#include "agent/flow/table_asker.h"
#include "agent/flow/uplink.h"
#include "agent/identity/renewal.h"
#include "hub-protocol/seal/key.h"

namespace qianzhi::app {

struct Agent::State {
  State(const config::Config& the_config, const Clock& the_clock, Random& the_random, AdapterFactory the_adapters,
        store::Breakpoint the_breakpoint, std::function<void(const Error&)> on_fatal);

  adapter::Adapter& new_adapter(const config::DatabaseConfig& database) {
    opened.push_back(adapters(database));
    return *opened.back();
  }

  void ring_captures() {
    for (const auto& capture : captures) pump.ring(*capture);
  }

  void ring_answerers() {
    for (const auto& answerer : answerers) pump.retry(*answerer);
    for (const auto& asker : askers) pump.retry(*asker);
  }

  void retry_all() {
    for (const auto& capture : captures) pump.retry(*capture);
    pump.retry(*uplink);
    pump.retry(*courier);
    for (const auto& deliver : delivers) pump.retry(*deliver);
    ring_answerers();
  }

  void on_wish(bool restored) {
    ring_captures();
    if (!restored) return;
    uplink->forget_session();
    pump.ring(*uplink);
  }

  void add_requests(Random& random);
  void add_answerers();
  void add_askers();
  void add_captures();
  void add_uplink();
  void add_delivers();
  void add_courier();
  void add_renewal();

  config::Config config;
  const Clock& clock;
  AdapterFactory adapters;
  store::Breakpoint breakpoint;
  seal::SigningKey key;
  flow::Sealer sealer;
  store::Store store;
  flow::DirectoryKeeper directory;
  std::unique_ptr<flow::Requests> requests;
  flow::Mailbox mailbox;
  flow::Matters matters;
  Links links;
  HubLink* control_link = nullptr;  // for what an operator waits for; null by files
  std::vector<std::unique_ptr<adapter::Adapter>> opened;
  std::vector<std::unique_ptr<flow::Capture>> captures;
  std::unique_ptr<flow::Uplink> uplink;
  std::vector<std::unique_ptr<flow::Deliver>> delivers;
  std::vector<std::unique_ptr<flow::Answerer>> answerers;
  std::vector<std::unique_ptr<flow::TableAsker>> askers;
  std::unique_ptr<flow::Courier> courier;
  std::unique_ptr<identity::Renewal> renewal;
  flow::ClockWatch clock_watch;
  flow::Pump pump;  // last: its threads use everything above
  Micros started;
};

}  // namespace qianzhi::app

// Courier: what concerns the agent as a whole and not one target: the directory and the wishes of subscribers. Runs in
// every agent, also in one that only provides. It fetches the first directory.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "agent/flow/directory_keeper.h"
#include "agent/flow/mailbox.h"
#include "agent/flow/matters.h"
#include "agent/flow/requests.h"
#include "agent/flow/stage.h"
#include "agent/store/store.h"
#include "hub-protocol/client/hub_link.h"

namespace qianzhi::flow {

struct CourierParts {
  store::Store& store;
  DirectoryKeeper& directory;
  HubLink& link;
  std::function<void(bool restored)> on_wish;
  std::function<void()> on_directory;  // a new one is in force
  std::function<void()> on_interrupt;
  std::uint32_t wait_ms = 25'000;
  const Clock* clock = nullptr;  // compared with the hub's; none: not compared
  Mailbox* mailbox = nullptr;    // of stages that write to other agents; none: none does
  // The hub answers again after it did not, or is in another life (R5.1): it may not know what it knew.
  std::function<void()> on_return = {};
  Matters* matters = nullptr;    // none: they are not asked for
  Requests* requests = nullptr;  // likewise
};

class Courier final : public Stage {
 public:
  Courier(std::string agent, CourierParts parts) : agent_(std::move(agent)), parts_(std::move(parts)) {}

  std::string name() const override { return "courier"; }
  Progress run_once() override;
  void interrupt() override {
    if (parts_.on_interrupt) parts_.on_interrupt();
  }

 private:
  std::vector<Notice> notices_of(const wire::FetchReply& reply) const;
  void take_letters(const wire::FetchReply& reply) const;

  std::string agent_;
  CourierParts parts_;
  bool reached_ = false;                    // the last fetch was answered
  std::optional<Incarnation> incarnation_;  // of the last answer
};

}  // namespace qianzhi::flow

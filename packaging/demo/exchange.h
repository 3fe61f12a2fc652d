// The hub and the agents as running programs, and what they say of themselves.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "packaging/demo/agent_status.h"
#include "packaging/demo/process.h"
#include "packaging/demo/site.h"
#include "packaging/demo/waiter.h"

namespace qianzhi::demo {

class Exchange {
 public:
  Exchange(Site& site, Waiter& waiter) : site_(site), waiter_(waiter) {}

  // Starts the hub, without the one that joins later, and returns its address.
  std::string start_hub();
  // Puts the member that joins into the running hub's directory, and waits until the agents have that.
  void reload_hub();
  void start_agent(const Member& member);

  // Asks every started agent. Throws Error(misuse, QZ-DEM-001) with its last words if a program ended.
  void look();
  const std::map<std::string, AgentStatus>& statuses() const { return statuses_; }  // by member id
  const PublicationLine* publication(const std::string& topic) const;
  const LaneLine* lane(const std::string& member, const std::string& topic) const;
  std::string page_of(const std::string& member) const;

  // As of the last look. Empty: everything sealed is receipted and applied at each receiver, and each has the full
  // history. Otherwise one thing that is not.
  std::string awaited(const std::map<std::string, std::vector<std::string>>& receivers) const;
  // Grows while anything moves.
  std::uint64_t progress() const;
  // What is not as it should be, a line each.
  std::vector<std::string> troubles() const;

  // Agents first, then the hub.
  std::vector<Usage> stop();

 private:
  std::uint16_t wait_for_port(Process& process, const std::filesystem::path& file) const;

  Site& site_;
  Waiter& waiter_;
  std::unique_ptr<Process> hub_;
  std::vector<std::unique_ptr<Process>> agents_;
  std::map<std::string, PageAddress> pages_;
  std::map<std::string, AgentStatus> statuses_;
};

}  // namespace qianzhi::demo

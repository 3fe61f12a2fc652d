// What an agent's status page says (GET /api/status), as far as the demonstration looks at it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace qianzhi::demo {

struct PublicationLine {
  std::string topic;
  std::uint64_t sealed = 0;  // rows, refilled ones included
  std::uint64_t receipted = 0;
  std::uint64_t waiting = 0;  // rows sealed and not receipted
  std::string last;           // "epoch.sequence"
  std::string last_receipted;
  bool refills = false;  // a refill is open or wanted
  std::string trouble;   // code and detail; empty: it flows
};

struct LaneLine {
  std::string topic;
  std::string origin;
  std::string mark;  // "epoch.sequence"
  std::string head;
  bool is_complete = false;
  std::uint64_t applied = 0;  // rows written or removed
  std::string trouble;
};

struct QuarantineLine {
  std::string topic;
  std::string code;
  std::string detail;
};

struct AgentStatus {
  bool is_reached = false;
  std::string verdict;
  std::uint64_t directory_version = 0;
  std::vector<PublicationLine> publications;
  std::vector<LaneLine> lanes;
  std::vector<QuarantineLine> quarantine;
  std::vector<std::string> troubles;  // of stages, and notices
};

// Where an agent's page is, and the token that lets programs read it.
struct PageAddress {
  std::uint16_t port = 0;
  std::string token;
  std::filesystem::path config;  // of the agent
};

// From what `qianzhi run --port-file` wrote.
PageAddress page_in(const std::filesystem::path& port_file, const std::filesystem::path& config);

// Never throws for an agent that does not answer: is_reached is false then.
AgentStatus status_of(const PageAddress& page);

// How many batches `mark` is behind `last` in the same epoch; in another one, all of the newer.
std::uint64_t batches_behind(const std::string& mark, const std::string& last);

}  // namespace qianzhi::demo

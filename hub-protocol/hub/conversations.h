// What the hub remembers of agents that reach it by files: of each conversation the number answered last and the very
// octets of that answer, on stable storage before the answer goes out. A lost memory does no harm (agents begin again);
// an older file that comes again does none either.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/envelope/folder.h"

namespace qianzhi::hub {

struct Conversation {
  Micros begun = 0;  // as the agent says
  std::uint64_t number = 0;
  Digest request;  // of the file that was answered

  bool operator==(const Conversation&) const = default;
};

inline constexpr std::size_t conversations_per_agent = 64;

// Belongs to one thread. Agents and conversations are those of verified files; a conversation is its 32 digits.
class Conversations {
 public:
  // Makes the folder; what is damaged in it counts as never seen. Throws Error(unavailable or full, QZ-LINK-128).
  explicit Conversations(const std::filesystem::path& folder);

  std::optional<Conversation> find(const std::string& agent, const std::string& id) const;
  // A conversation that is not known was forgotten, or is new, which it is only if it began later than this: of one
  // agent those that began first are forgotten first.
  Micros forgotten_until(const std::string& agent) const;
  // Of a conversation that find() knows; empty if its file is gone. Throws as the constructor.
  Bytes reply(const std::string& agent, const std::string& id) const;
  // Replaces what was known of it, and forgets another one if there are too many. Throws as the constructor; then
  // nothing has changed.
  void keep(const std::string& agent, const std::string& id, const Conversation& conversation, const Bytes& reply);

 private:
  using OfAgent = std::map<std::string, Conversation>;  // by id
  static OfAgent::const_iterator first_begun(const OfAgent& all);

  Folder folder_;
  std::map<std::string, OfAgent> known_;
};

}  // namespace qianzhi::hub

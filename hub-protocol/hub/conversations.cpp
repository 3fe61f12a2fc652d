#include "hub-protocol/hub/conversations.h"

#include <algorithm>
#include <limits>
#include <system_error>

#include "hub-protocol/envelope/file_form.h"
#include "hub-protocol/envelope/message.h"

namespace qianzhi::hub {

namespace {

constexpr std::size_t kept_limit = file_limit + (1U << 20U);
constexpr const char* code = "QZ-LINK-128";

std::string file_of(const std::string& agent, const std::string& id) { return agent + "-" + id; }

std::filesystem::path made(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  return folder;
}

std::optional<wire::KeptConversation> kept_in(const Folder& folder, const std::string& name) {
  const auto octets = folder.read(name, kept_limit);
  const auto body = octets ? unframed(*octets) : std::nullopt;
  wire::KeptConversation kept;
  if (!body || !kept.ParseFromArray(body->data(), static_cast<int>(body->size()))) return std::nullopt;
  if (kept.request().size() != Digest::size || file_of(kept.agent(), to_hex(kept.conversation())) != name)
    return std::nullopt;
  return kept;
}

}  // namespace

Conversations::Conversations(const std::filesystem::path& folder) : folder_(made(folder), code) {
  for (const std::string& name : folder_.names(std::numeric_limits<std::size_t>::max())) {
    const auto kept = kept_in(folder_, name);
    if (kept)
      known_[kept->agent()][to_hex(kept->conversation())] = {kept->begun(), kept->number(),
                                                             Digest::from_bytes(kept->request())};
    else
      folder_.remove(name);
  }
}

std::optional<Conversation> Conversations::find(const std::string& agent, const std::string& id) const {
  const auto all = known_.find(agent);
  if (all == known_.end()) return std::nullopt;
  const auto found = all->second.find(id);
  return found == all->second.end() ? std::nullopt : std::optional(found->second);
}

Conversations::OfAgent::const_iterator Conversations::first_begun(const OfAgent& all) {
  return std::min_element(all.begin(), all.end(),
                          [](const auto& a, const auto& b) { return a.second.begun < b.second.begun; });
}

Micros Conversations::forgotten_until(const std::string& agent) const {
  const auto all = known_.find(agent);
  // Before there were too many nothing was ever forgotten.
  if (all == known_.end() || all->second.size() < conversations_per_agent) return std::numeric_limits<Micros>::min();
  return first_begun(all->second)->second.begun;
}

Bytes Conversations::reply(const std::string& agent, const std::string& id) const {
  const auto kept = kept_in(folder_, file_of(agent, id));
  return kept ? kept->reply() : Bytes();
}

void Conversations::keep(const std::string& agent, const std::string& id, const Conversation& conversation,
                         const Bytes& reply) {
  wire::KeptConversation kept;
  kept.set_agent(agent);
  kept.set_conversation(from_hex(id));
  kept.set_begun(conversation.begun);
  kept.set_number(conversation.number);
  kept.set_request(conversation.request.bytes());
  kept.set_reply(reply);
  folder_.put(file_of(agent, id), framed(kept.SerializeAsString()));
  OfAgent& all = known_[agent];
  all[id] = conversation;
  if (all.size() <= conversations_per_agent) return;
  const auto first = first_begun(all);
  folder_.remove(file_of(agent, first->first));
  all.erase(first);
}

}  // namespace qianzhi::hub

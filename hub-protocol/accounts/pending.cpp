#include "hub-protocol/accounts/pending.h"

#include <algorithm>
#include <cstdio>

#include "hub-protocol/accounts/account.pb.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::accounts {

namespace {

constexpr std::string_view policy_id = "hub";
constexpr std::string_view counter_kind = "pending-counter";

// So that they sort as numbers.
std::string id_of(std::uint64_t number) {
  char text[24];
  std::snprintf(text, sizeof text, "%012llu", static_cast<unsigned long long>(number));
  return text;
}

Pending pending_from(const registry::Record& record) {
  PendingMessage message;
  if (!message.ParseFromString(record.body) || message.role() > 3)
    throw Error(ErrorKind::corrupt, "QZ-HUB-061", "pending " + record.id);
  return {message.number(),
          message.verb(),
          {message.words().begin(), message.words().end()},
          message.attachment(),
          message.asked_by(),
          message.time(),
          message.expires(),
          static_cast<Role>(message.role())};
}

}  // namespace

std::vector<std::string> four_eyes(const registry::View& view) {
  const auto record = view.find(policy_kind, policy_id);
  if (!record) return {};
  PolicyMessage message;
  if (!message.ParseFromString(record->body)) throw Error(ErrorKind::corrupt, "QZ-HUB-061", "policy");
  return {message.four_eyes().begin(), message.four_eyes().end()};
}

void put_four_eyes(registry::Change& change, const std::vector<std::string>& verbs) {
  PolicyMessage message;
  for (const std::string& verb : verbs) message.add_four_eyes(verb);
  change.put(policy_kind, policy_id, message.SerializeAsString());
}

bool is_named(const std::vector<std::string>& verbs, std::string_view verb) {
  return std::any_of(verbs.begin(), verbs.end(), [&](const std::string& named) {
    return verb == named ||
           (verb.size() > named.size() && verb.substr(0, named.size()) == named && verb[named.size()] == ' ');
  });
}

std::vector<Pending> pending(const registry::View& view, Micros now) {
  std::vector<Pending> waiting;
  for (const registry::Record& record : view.all(pending_kind))
    if (Pending one = pending_from(record); one.expires > now) waiting.push_back(std::move(one));
  return waiting;
}

Pending pending_numbered(const registry::View& view, std::uint64_t number, Micros now) {
  const auto record = view.find(pending_kind, id_of(number));
  if (!record) throw Error(ErrorKind::misuse, "QZ-HUB-279", std::to_string(number));
  Pending found = pending_from(*record);
  if (found.expires <= now)
    throw Error(ErrorKind::misuse, "QZ-HUB-279", std::to_string(number) + ": 已过期 / it expired");
  return found;
}

std::uint64_t add_pending(registry::Change& change, Pending pending) {
  if (pending.attachment.size() > pending_attachment_limit)
    throw Error(ErrorKind::misuse, "QZ-HUB-288", std::to_string(pending.attachment.size()) + " octets to wait");
  const std::uint64_t number = change.history(counter_kind, "hub").size() + 1;
  change.put(counter_kind, "hub", std::to_string(number));
  PendingMessage message;
  message.set_number(number);
  message.set_verb(pending.verb);
  for (std::string& word : pending.words) message.add_words(std::move(word));
  message.set_attachment(std::move(pending.attachment));
  message.set_asked_by(pending.asked_by);
  message.set_time(change.now());
  message.set_expires(change.now() + pending_validity);
  message.set_role(static_cast<std::uint32_t>(pending.role));
  change.put(pending_kind, id_of(number), message.SerializeAsString());
  return number;
}

void remove_pending(registry::Change& change, std::uint64_t number) { change.remove(pending_kind, id_of(number)); }

}  // namespace qianzhi::accounts

#include "hub-protocol/hub/permission.h"

#include <algorithm>

#include "hub-protocol/accounts/pending.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/hub/json_rows.h"

namespace qianzhi::hub {

namespace {

[[noreturn]] void refuse_caller(const Verb& verb, Office& office, const Caller& caller, const char* code) {
  office.registry.note({caller.actor, "verb.refused", std::string(verb.name), code});
  std::string needed = std::string(accounts::title_zh(verb.role)) + " " + std::string(accounts::name_of(verb.role));
  throw Error(ErrorKind::rejected, code, std::string(verb.name) + ": " + needed);
}

// The reason, if the glass is broken.
std::optional<std::string> take_break_glass(std::vector<std::string>& words) {
  const auto option = std::find(words.begin(), words.end(), "--break-glass");
  if (option == words.end()) return std::nullopt;
  if (option + 1 == words.end() || (option + 1)->empty())
    throw Error(ErrorKind::misuse, "QZ-HUB-051", "--break-glass REASON");
  std::string reason = *(option + 1);
  words.erase(option, option + 2);
  return reason;
}

void break_glass(const Verb& verb, Office& office, const Caller& caller, const std::string& reason) {
  if (!caller.is_root || caller.way != Caller::Way::machine) refuse_caller(verb, office, caller, "QZ-HUB-277");
  audit::Entry entry{caller.actor, "break-glass", std::string(verb.name), ""};
  entry.purpose = reason;
  office.registry.note(entry);
  log(LogLevel::error, "break-glass", caller.actor.name + ": " + std::string(verb.name) + ": " + reason);
}

bool may(const registry::View& view, const Verb& verb, const Caller& caller) {
  const auto account = accounts::find(view, caller.actor.name);
  if (account && account->disabled) return false;
  if (verb.role == Role::anyone) return true;
  if (caller.way == Caller::Way::machine && !accounts::is_enforced(view)) return true;
  return account && account->role == verb.role;
}

bool must_wait(const registry::View& view, const Verb& verb) {
  if (verb.role == Role::anyone || verb.four_eyes == FourEyes::never || !accounts::is_enforced(view)) return false;
  const std::vector<std::string> policy = accounts::four_eyes(view);
  if (verb.four_eyes == FourEyes::whenever) return !policy.empty();
  return accounts::is_named(policy, verb.name);
}

}  // namespace

Permit permit(const Verb& verb, Office& office, const Caller& caller, std::vector<std::string>& words) {
  if (const auto reason = take_break_glass(words)) {
    break_glass(verb, office, caller, *reason);
    return Permit::at_once;
  }
  bool allowed = false;
  bool waits = false;
  office.registry.read([&](const registry::View& view) {
    allowed = may(view, verb, caller);
    waits = allowed && must_wait(view, verb);
  });
  if (!allowed) refuse_caller(verb, office, caller, "QZ-HUB-270");
  return waits ? Permit::second_person : Permit::at_once;
}

std::string keep_pending(const Verb& verb, Office& office, const audit::Actor& actor,
                         const std::vector<std::string>& words, std::string_view attachment) {
  std::uint64_t number = 0;
  office.registry.change(actor, [&](registry::Change& change) {
    accounts::Pending pending;
    pending.verb = verb.name;
    pending.words = words;
    pending.attachment = attachment;
    pending.asked_by = actor.name;
    pending.role = verb.role;
    number = accounts::add_pending(change, std::move(pending));
    std::string said;
    for (const std::string& word : words) said += (said.empty() ? "" : " ") + word;
    change.note({{},
                 "pending.ask",
                 "pending " + std::to_string(number),
                 "",
                 "",
                 "",
                 {{"verb", said}, {"attachment", std::to_string(attachment.size())}}});
  });
  if (std::find(words.begin(), words.end(), "--json") != words.end()) return json_object({{"pending", number}}) + "\n";
  const std::string id = std::to_string(number);
  return "已登记，等待另一位" + std::string(accounts::title_zh(verb.role)) + "批准 / kept, waits for another " +
         std::string(accounts::name_of(verb.role)) + " administrator: qianzhi-hub approve " + id + "\n";
}

}  // namespace qianzhi::hub

// Four eyes: what waits for a second person, and which verbs do.
#include "hub-protocol/accounts/pending.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/json_rows.h"
#include "hub-protocol/hub/verbs.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::hub {

namespace {

std::string words_text(const std::vector<std::string>& words, char mark) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : std::string(1, mark)) + word;
  return text;
}

std::uint64_t number_of(const std::string& text) {
  const auto number = yaml::parse_integer(text);
  if (!number) throw Error(ErrorKind::misuse, "QZ-HUB-051", text);
  return *number;
}

// Throws Error(rejected, QZ-HUB-278): who asked does not decide, nor does another role, nor is a request good for more
// than its asker still is.
void require_judge(const registry::View& view, const accounts::Pending& pending, const std::string& judge) {
  const auto refuse = [](const char* why) { throw Error(ErrorKind::rejected, "QZ-HUB-278", why); };
  const auto account = accounts::find(view, judge);
  if (judge == pending.asked_by) refuse("由本人提出 / asked for by the same person");
  if (!account || account->disabled || account->role != pending.role) refuse("角色不符 / not of its role");
  const auto asker = accounts::find(view, pending.asked_by);
  if (!asker || asker->disabled || asker->role != pending.role) refuse("提出人已无此权限 / who asked may not any more");
}

// An attempt that is refused is audited, too.
accounts::Pending judged(Office& office, const Ask& ask, std::uint64_t number) {
  accounts::Pending pending;
  try {
    office.registry.read([&](const registry::View& view) {
      pending = accounts::pending_numbered(view, number, office.clock.now());
      require_judge(view, pending, ask.actor.name);
    });
  } catch (const Error& error) {
    office.registry.note({ask.actor, "verb.refused", "pending " + std::to_string(number), error.code()});
    throw;
  }
  return pending;
}

void close_pending(Office& office, const Ask& ask, const accounts::Pending& pending, const char* action,
                   const std::string& reason) {
  office.registry.change(ask.actor, [&](registry::Change& change) {
    accounts::remove_pending(change, pending.number);
    audit::Entry entry{{}, action, "pending " + std::to_string(pending.number), ""};
    entry.purpose = reason;
    entry.details = {{"verb", words_text(pending.words, ' ')}, {"asked_by", pending.asked_by}};
    change.note(entry);
  });
}

std::string approve_pending(Office& office, Ask& ask) {
  const std::uint64_t number = number_of(ask.words.next("NUMBER"));
  ask.words.finish();
  const accounts::Pending pending = judged(office, ask, number);
  const Verb* verb = find_verb(pending.words);
  if (verb == nullptr || verb->name != pending.verb) throw Error(ErrorKind::misuse, "QZ-HUB-051", pending.verb);
  // Closed first: after a crash in between it is asked for again, never done twice.
  close_pending(office, ask, pending, "pending.approve", "");
  try {
    return carry_out(*verb, office, {audit::ActorKind::operator_, pending.asked_by}, pending.words, pending.attachment);
  } catch (const Error& error) {
    office.registry.note({ask.actor, "pending.failed", "pending " + std::to_string(number), error.code()});
    throw;
  }
}

std::string refuse_pending(Office& office, Ask& ask) {
  const std::uint64_t number = number_of(ask.words.next("NUMBER"));
  const std::string reason = ask.words.required("reason");
  ask.words.finish();
  accounts::Pending pending;
  office.registry.read([&](const registry::View& view) {
    pending = accounts::pending_numbered(view, number, office.clock.now());
    // Who asked may take it back.
    if (pending.asked_by != ask.actor.name) require_judge(view, pending, ask.actor.name);
  });
  close_pending(office, ask, pending, "pending.refuse", reason);
  return std::to_string(number) + "\n";
}

std::string list_pending(Office& office, Ask& ask) {
  ask.words.finish();
  std::vector<accounts::Pending> all;
  office.registry.read([&](const registry::View& view) { all = accounts::pending(view, office.clock.now()); });
  std::string text;
  std::vector<std::string> rows;
  for (const accounts::Pending& one : all) {
    text += std::to_string(one.number) + "\t" + words_text(one.words, ' ') + "\t" + one.asked_by + "\t" +
            std::string(accounts::name_of(one.role)) + "\t" + to_text(one.time) + "\t" + to_text(one.expires) + "\n";
    rows.push_back(json_object({{"number", one.number},
                                {"verb", words_text(one.words, ' ')},
                                {"attachment_octets", one.attachment.size()},
                                {"asked_by", one.asked_by},
                                {"role", accounts::name_of(one.role)},
                                {"time", to_text(one.time)},
                                {"expires", to_text(one.expires)}}));
  }
  return ask.json ? json_array(rows) + "\n" : text;
}

// All of it, so that nobody approves what he or she did not see.
std::string show_pending(Office& office, Ask& ask) {
  const std::uint64_t number = number_of(ask.words.next("NUMBER"));
  ask.words.finish();
  accounts::Pending one;
  office.registry.read(
      [&](const registry::View& view) { one = accounts::pending_numbered(view, number, office.clock.now()); });
  if (!ask.json) return words_text(one.words, ' ') + "\n" + one.attachment;
  return json_object({{"number", one.number},
                      {"verb", words_text(one.words, ' ')},
                      {"asked_by", one.asked_by},
                      {"attachment", one.attachment}}) +
         "\n";
}

// Every role concerned must have two people, or nothing of it could ever be done.
void require_pairs(const registry::View& view, const std::vector<std::string>& named) {
  for (const std::string& name : named) {
    bool is_known = false;
    for (const Verb* verb : all_verbs()) {
      if (verb->role == Role::anyone || !accounts::is_named({name}, verb->name)) continue;
      is_known = true;
      if (accounts::enabled_of(view, verb->role) < 2)
        throw Error(ErrorKind::misuse, "QZ-HUB-280",
                    std::string(verb->name) + ": " + std::string(accounts::name_of(verb->role)));
    }
    if (!is_known) throw Error(ErrorKind::misuse, "QZ-HUB-051", "没有这样的命令 no such verb: " + name);
  }
  if (!named.empty() && accounts::enabled_of(view, Role::security) < 2)
    throw Error(ErrorKind::misuse, "QZ-HUB-280", "policy set: security");
}

std::string set_policy(Office& office, Ask& ask) {
  const std::string name = ask.words.next("four-eyes");
  std::string list = ask.words.next("VERB,VERB|none");
  ask.words.finish();
  if (name != "four-eyes") throw Error(ErrorKind::misuse, "QZ-HUB-051", name);
  std::vector<std::string> verbs;
  if (list != "none") {
    for (list += ','; !list.empty(); list.erase(0, list.find(',') + 1))
      if (list.find(',') != 0) verbs.push_back(list.substr(0, list.find(',')));
  }
  office.registry.change(ask.actor, [&](registry::Change& change) {
    require_pairs(change, verbs);
    accounts::put_four_eyes(change, verbs);
    change.note({{}, "policy.set", "four-eyes", "", "", "", {{"verbs", words_text(verbs, ',')}}});
  });
  return "four-eyes: " + (verbs.empty() ? std::string("none") : words_text(verbs, ',')) + "\n";
}

std::string show_policy(Office& office, Ask& ask) {
  ask.words.finish();
  std::vector<std::string> verbs;
  office.registry.read([&](const registry::View& view) { verbs = accounts::four_eyes(view); });
  if (ask.json) return json_object({{"four_eyes", words_text(verbs, ',')}}) + "\n";
  return "four-eyes: " + (verbs.empty() ? std::string("none") : words_text(verbs, ',')) + "\n";
}

const Verb pending_table[] = {
    {"pending", "", "等待第二人批准的操作", "what waits for a second person", Role::anyone, list_pending},
    {"pending show", "NUMBER", "查看等待中的操作及其附件", "show what waits, with its attachment", Role::anyone,
     show_pending},
    {"approve",
     "NUMBER",
     "批准并执行他人提出的操作",
     "approve what another person asked for, and do it",
     Role::anyone,
     approve_pending,
     {},
     FourEyes::never,
     false},
    {"refuse", "NUMBER --reason TEXT", "拒绝等待中的操作", "refuse what waits", Role::anyone, refuse_pending},
    {"policy set",
     "four-eyes VERB,VERB|none",
     "规定哪些操作须两人",
     "say which verbs need two people",
     Role::security,
     set_policy,
     {},
     FourEyes::whenever},
    {"policy show", "", "须两人批准的操作", "what needs two people", Role::anyone, show_policy},
};

}  // namespace

std::span<const Verb> pending_verbs() { return pending_table; }

}  // namespace qianzhi::hub

// The streams of a running hub, its backups, and how it is.
#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/verbs.h"

namespace qianzhi::hub {

namespace {

// One command on one stream.
std::string on_stream(Office& office, Ask& ask, const char* action, void (Exchange::*run)(const StreamId&)) {
  const std::string agent = ask.words.next("AGENT");
  const StreamId stream{agent, ask.words.next("TOPIC")};
  ask.words.finish();
  (office.exchange.*run)(stream);
  office.registry.note({ask.actor, action, "stream " + to_text(stream), ""});
  return to_text(stream) + ": 完成 / done\n";
}

std::string approve_stream_epoch(Office& office, Ask& ask) {
  return on_stream(office, ask, "stream.approve-epoch", &Exchange::approve_epoch);
}

std::string resume_stream(Office& office, Ask& ask) {
  return on_stream(office, ask, "stream.resume", &Exchange::resume_stream);
}

std::string trim_stream(Office& office, Ask& ask) { return on_stream(office, ask, "stream.trim", &Exchange::trim); }

std::string recover_hub(Office& office, Ask& ask) {
  const bool accepted = ask.words.flag("accept-configuration");
  ask.words.finish();
  office.recover(accepted);
  office.registry.note({ask.actor, "hub.recover", "hub", ""});
  return "recover: 完成 / done\n";
}

std::string back_up_hub(Office& office, Ask& ask) {
  const std::string directory = ask.words.has_next() ? ask.words.next("DIRECTORY") : "";
  ask.words.finish();
  const std::string made = office.back_up(directory);
  office.registry.note({ask.actor, "hub.backup", made, ""});
  return made + "\n";
}

std::string hub_status(Office& office, Ask& ask) {
  ask.words.finish();
  bool is_enforced = false;
  office.registry.read([&](const registry::View& view) { is_enforced = accounts::is_enforced(view); });
  if (is_enforced) return office.status_text();
  return office.status_text() +
         "还没有安全管理员账户：能打开控制套接字的人都拥有全部权限 / there is no security account yet: whoever may "
         "open the "
         "control socket may do everything\n";
}

const Verb stream_table[] = {
    {"status", "", "当前状态", "what it is doing", Role::anyone, hub_status},
    {"approve-epoch", "AGENT TOPIC", "批准新纪元", "allow one more new epoch today", Role::system,
     approve_stream_epoch},
    {"resume", "AGENT TOPIC", "恢复已中止的数据流", "end a halt", Role::system, resume_stream},
    {"recover",
     "[--accept-configuration]",
     "恢复备份之后",
     "after a restore",
     Role::system,
     recover_hub,
     {"accept-configuration"}},
    {"backup",
     "[DIRECTORY]",
     "在线备份",
     "write a backup while everything goes on",
     Role::system,
     back_up_hub,
     {},
     FourEyes::by_policy,
     false},
    {"trim", "AGENT TOPIC", "清理已被全量取代的批次", "drop what a complete refill replaced", Role::system,
     trim_stream},
};

}  // namespace

std::span<const Verb> stream_verbs() { return stream_table; }

}  // namespace qianzhi::hub

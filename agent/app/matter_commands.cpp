#include "agent/app/matter_commands.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <algorithm>
#include <sstream>

#include "hub-protocol/base/calendar.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/document.h"
#include "hub-protocol/wire/matter_text.h"

namespace qianzhi::app {

namespace {

constexpr std::size_t shown_digits = 12;

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');)
    if (!part.empty()) parts.push_back(part);
  return parts;
}

[[noreturn]] void cannot(const std::string& what) { throw Error(ErrorKind::rejected, "QZ-AGT-145", what); }

// Those that are given; the others stay as they are.
void narrow(Grant& terms, const std::string& items, const std::string& groups, const std::string& until) {
  const std::vector<std::string> names = split(items);
  const std::vector<std::string> areas = split(groups);
  if (!names.empty()) terms.items = {names.begin(), names.end()};
  if (!areas.empty()) terms.groups = GroupSet::of({areas.begin(), areas.end()});
  if (until.empty()) return;
  const auto end = end_of_day(until);
  if (!end) cannot("YYYY-MM-DD: " + until);
  terms.not_after = *end;
}

const AgentEntry& own_entry(const Directory& directory, const std::string& agent) {
  const AgentEntry* self = directory.agent(agent);
  if (self == nullptr) cannot("the directory does not know " + agent);
  return *self;
}

std::shared_ptr<const Directory> directory_of(Agent& agent) {
  auto directory = agent.directory();
  if (!directory) throw Error(ErrorKind::unavailable, "QZ-AGT-021", "no directory yet");
  return directory;
}

// What became of it, for people.
std::string told(const flow::DocumentFate& fate) {
  if (!fate.is_sent)
    return "已保存，恢复联系后发送 / kept, sent when the exchange can be reached (" + fate.detail + ")\n" +
           to_hex(fate.id).substr(0, shown_digits) + "\n";
  if (!fate.code.empty()) throw Error(ErrorKind::rejected, fate.code, fate.detail);
  return "交换中心已受理 / the exchange has taken it\n" + to_hex(fate.id).substr(0, shown_digits) + "\n";
}

using Word = std::function<std::string(std::size_t)>;

std::string request_access(Agent& agent, const std::string& user, const Word& word) {
  const auto directory = directory_of(agent);
  Grant terms;
  terms.topic = word(1);
  terms.department = own_entry(*directory, agent.snapshot().agent).department;
  terms.purpose = word(5);
  terms.basis = word(6);
  narrow(terms, word(2), word(3), word(4));
  wire::DocumentBody body;
  body.set_person(user);
  seal::write_terms(terms, *body.mutable_request()->mutable_terms());
  body.mutable_request()->set_reason(word(7));
  body.mutable_request()->set_contact(word(8));
  return told(agent.say(std::move(body)));
}

// The one provider of whom rows of this topic come; several: it must be said.
std::string origin_of(const Directory& directory, const std::string& topic, const std::string& origin) {
  if (!origin.empty()) return origin;
  const std::vector<std::string> providers = directory.providers_of(topic);
  if (providers.size() != 1) cannot("--origin: " + std::to_string(providers.size()) + " providers");
  return providers[0];
}

std::string object(Agent& agent, const std::string& user, const Word& word) {
  const auto directory = directory_of(agent);
  wire::DocumentBody body;
  body.set_person(user);
  wire::Objection& objection = *body.mutable_objection();
  objection.set_topic(word(1));
  objection.set_origin(origin_of(*directory, word(1), word(2)));
  for (std::string& value : split(word(3))) *objection.add_key() = std::move(value);
  objection.set_item(word(4));
  objection.set_held(word(5));
  objection.set_claimed(word(6));
  objection.set_reason(word(7));
  return told(agent.say(std::move(body)));
}

std::string answer(Agent& agent, const std::string& user, const Word& word, bool approved) {
  const wire::Matter matter = agent.matters().find(word(1));
  wire::DocumentBody body;
  body.set_person(user);
  body.set_matter(matter.id());
  if (matter.kind() == wire::OBJECTION) {
    body.mutable_answer()->set_accepted(approved);
    body.mutable_answer()->set_reason(word(2));
    return told(agent.say(std::move(body)));
  }
  wire::AccessDecision& decision = *body.mutable_decision();
  decision.set_approved(approved);
  decision.set_reason(word(2));
  wire::DocumentBody request;
  if (matter.documents().empty() || !request.ParseFromString(matter.documents(0).body())) cannot(word(1));
  Grant terms = seal::read_terms(request.request().terms());
  if (approved) narrow(terms, word(3), word(4), word(5));
  seal::write_terms(terms, *decision.mutable_terms());
  return told(agent.say(std::move(body)));
}

// satisfied: the correction came, which nobody but people can see if neither the old nor the right value was stated.
std::string close(Agent& agent, const std::string& user, const Word& word, bool satisfied) {
  wire::DocumentBody body;
  body.set_person(user);
  body.set_matter(agent.matters().find(word(1)).id());
  body.mutable_closing()->set_satisfied(satisfied);
  body.mutable_closing()->set_reason(word(2));
  return told(agent.say(std::move(body)));
}

Poco::JSON::Object json_of(const wire::Matter& matter) {
  Poco::JSON::Object object;
  object.set("id", to_hex(matter.id()));
  object.set("kind", matter.kind() == wire::ACCESS ? "access" : "objection");
  object.set("state", std::string(name_of(matter.state())));
  object.set("topic", matter.topic());
  object.set("department", matter.department());
  object.set("opened", qianzhi::to_text(matter.opened()));
  object.set("deadline", qianzhi::to_text(matter.deadline()));
  if (matter.closed() != 0) object.set("closed", qianzhi::to_text(matter.closed()));
  if (!matter.grant().empty()) object.set("grant", matter.grant());
  return object;
}

std::string list(Agent& agent, bool json) {
  Poco::JSON::Array array;
  std::string text;
  for (const wire::Matter& matter : agent.matters().all()) {
    array.add(json_of(matter));
    text += to_hex(matter.id()).substr(0, shown_digits) + "\t" +
            (matter.kind() == wire::ACCESS ? "访问申请 access" : "数据异议 objection") + "\t" +
            std::string(title_of(matter.state())) + "\t" + matter.department() + "\t" + matter.topic() + "\t" +
            qianzhi::to_text(matter.opened()) + "\n";
  }
  if (!json) return text.empty() ? "没有事项 / no matters\n" : text;
  std::ostringstream out;
  array.stringify(out);
  return out.str() + "\n";
}

std::string terms_text(const Grant& terms) {
  std::string items;
  for (const std::string& item : terms.items) items += (items.empty() ? "" : ",") + item;
  return "    数据项 items " + (items.empty() ? "*" : items) + "  分组 groups " + to_text(terms.groups) +
         "  至 until " + last_day_text(terms.not_after) + "\n    目的 purpose " + terms.purpose + "  依据 basis " +
         terms.basis + "\n";
}

std::string said(const wire::DocumentBody& body) {
  std::string text = "  " + qianzhi::to_text(body.time()) + "  " + body.sender() + " (" + body.person() + ")  ";
  switch (body.content_case()) {
    case wire::DocumentBody::kRequest:
      return text + "申请 requests: " + body.request().reason() + "  " + body.request().contact() + "\n" +
             terms_text(seal::read_terms(body.request().terms()));
    case wire::DocumentBody::kDecision:
      text += (body.decision().approved() ? "同意 approves: " : "拒绝 refuses: ") + body.decision().reason() + "\n";
      return body.decision().approved() ? text + terms_text(seal::read_terms(body.decision().terms())) : text;
    case wire::DocumentBody::kObjection: {
      const wire::Objection& objection = body.objection();
      text += "异议 objects: " + objection.reason() + "\n    主键 key";
      for (const std::string& value : objection.key()) text += " " + value;
      return text + "  数据项 item " + objection.item() + "  现值 held " + objection.held() + "  应为 claimed " +
             objection.claimed() + "\n";
    }
    case wire::DocumentBody::kAnswer:
      return text + (body.answer().accepted() ? "认可 accepts: " : "拒绝 refuses: ") + body.answer().reason() + "\n";
    case wire::DocumentBody::kClosing:
      return text + (body.closing().satisfied() ? "已更正 corrected " : "撤回 withdraws: ") + body.closing().reason() +
             "\n";
    default: return text + "?\n";
  }
}

std::string show(Agent& agent, const Word& word, bool json) {
  const wire::Matter matter = agent.matters().find(word(1));
  if (json) {
    std::ostringstream out;
    json_of(matter).stringify(out);
    return out.str() + "\n";
  }
  std::string text = to_hex(matter.id()) + "  " + std::string(title_of(matter.state())) + "  " + matter.department() +
                     "  " + matter.topic() + "  " + matter.grant() + "\n";
  for (const wire::Document& document : matter.documents()) {
    wire::DocumentBody body;
    if (body.ParseFromString(document.body())) text += said(body);
  }
  for (const wire::OperatorDecision& decision : matter.decisions())
    text += "  " + qianzhi::to_text(decision.time()) + "  交换中心 exchange (" + decision.person() + ")  " +
            (decision.approved() ? "批准 approves: " : "拒绝 refuses: ") + decision.reason() + "\n";
  return text;
}

}  // namespace

std::optional<std::string> matter_command(Agent& agent, const service::Call& call) {
  const std::string& verb = call.words[0];
  const Word word = [&](std::size_t i) { return i < call.words.size() ? call.words[i] : std::string(); };
  if (verb == "request-access") return request_access(agent, call.user, word);
  if (verb == "object") return object(agent, call.user, word);
  if (verb == "matter-approve") return answer(agent, call.user, word, true);
  if (verb == "matter-refuse") return answer(agent, call.user, word, false);
  if (verb == "matter-withdraw") return close(agent, call.user, word, false);
  if (verb == "matter-confirm") return close(agent, call.user, word, true);
  if (verb == "matter-list" || verb == "matter-list-json") return list(agent, verb != "matter-list");
  if (verb == "matter-show" || verb == "matter-show-json") return show(agent, word, verb != "matter-show");
  return std::nullopt;
}

}  // namespace qianzhi::app

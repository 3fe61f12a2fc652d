// Requests for access and objections, as the operator sees and decides them.
#include <map>

#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/json_rows.h"
#include "hub-protocol/hub/terms.h"
#include "hub-protocol/hub/verbs.h"
#include "hub-protocol/seal/directory_parts.h"
#include "hub-protocol/seal/document.h"
#include "hub-protocol/wire/matter_text.h"

namespace qianzhi::hub {

namespace {

constexpr std::size_t shown_digits = 12;

bool is_overdue(const wire::Matter& matter, Micros now) {
  const bool waits =
      matter.state() == wire::MATTER_WAITS_FOR_PROVIDER || matter.state() == wire::MATTER_WAITS_FOR_OPERATOR;
  return waits && now > matter.deadline();
}

using Fields = std::vector<std::pair<std::string, std::string>>;

// In the order in which people read them.
Fields fields_of(const wire::Matter& matter) {
  Fields fields{{"id", to_hex(matter.id())},
                {"state", std::string(name_of(matter.state()))},
                {"topic", matter.topic()},
                {"department", matter.department()},
                {"opened", to_text(matter.opened())},
                {"deadline", to_text(matter.deadline())}};
  if (matter.closed() != 0) fields.emplace_back("closed", to_text(matter.closed()));
  if (!matter.grant().empty()) fields.emplace_back("grant", matter.grant());
  wire::DocumentBody body;
  if (matter.documents().empty() || !body.ParseFromString(matter.documents(0).body()) || !body.has_request())
    return fields;
  const Grant terms = seal::read_terms(body.request().terms());
  for (const auto& [name, value] : details_of(terms))
    if (name != "topic" && name != "department") fields.emplace_back(name, value);
  fields.insert(fields.end(), {{"purpose", terms.purpose},
                               {"basis", terms.basis},
                               {"reason", body.request().reason()},
                               {"contact", body.request().contact()},
                               {"person", body.person()}});
  return fields;
}

std::string json_of(const wire::Matter& matter, Micros now) {
  JsonFields fields;
  for (const auto& [name, value] : fields_of(matter)) fields.emplace_back(name, value);
  std::vector<std::string> providers;
  for (const std::string& provider : matter.providers()) providers.push_back(JsonValue(provider).text());
  fields.emplace_back("providers", JsonValue::raw(json_array(providers)));
  fields.emplace_back("overdue", is_overdue(matter, now));
  return json_object(fields);
}

std::string list(Office& office, Ask& ask, wire::MatterKind kind) {
  const bool open = ask.words.flag("open");
  ask.words.finish();
  const Micros now = office.clock.now();
  std::string text;
  std::vector<std::string> rows;
  for (const wire::Matter& matter : office.matters.all()) {
    if (matter.kind() != kind || (open && matter.closed() != 0)) continue;
    rows.push_back(json_of(matter, now));
    text += to_hex(matter.id()).substr(0, shown_digits) + "\t" + std::string(title_of(matter.state())) +
            (is_overdue(matter, now) ? " 超期 OVERDUE" : "") + "\t" + matter.department() + "\t" + matter.topic() +
            "\t" + to_text(matter.opened()) + "\n";
  }
  if (ask.json) return json_array(rows) + "\n";
  return text.empty() ? "没有 / none\n" : text;
}

std::string list_access(Office& office, Ask& ask) { return list(office, ask, wire::ACCESS); }
std::string list_objections(Office& office, Ask& ask) { return list(office, ask, wire::OBJECTION); }

// What was said, in order. An objection's key and values belong to the two departments alone.
std::string said(const wire::Document& document) {
  wire::DocumentBody body;
  if (!body.ParseFromString(document.body())) return {};
  std::string text = "  " + to_text(body.time()) + "\t" + body.sender() + "\t" + body.person() + "\t";
  switch (body.content_case()) {
    case wire::DocumentBody::kRequest: return text + "申请 request\t" + body.request().reason() + "\n";
    case wire::DocumentBody::kDecision:
      return text + (body.decision().approved() ? "同意 approves\t" : "拒绝 refuses\t") + body.decision().reason() +
             "\n";
    case wire::DocumentBody::kObjection:
      return text + "异议 objects\t" + body.objection().item() + "\t" + body.objection().reason() + "\n";
    case wire::DocumentBody::kAnswer:
      return text + (body.answer().accepted() ? "认可 accepts\t" : "拒绝 refuses\t") + body.answer().reason() + "\n";
    case wire::DocumentBody::kClosing:
      return text + (body.closing().satisfied() ? "已更正 corrected\t" : "撤回 withdraws\t") + body.closing().reason() +
             "\n";
    default: return text + "?\n";
  }
}

std::string show(Office& office, Ask& ask) {
  const wire::Matter& matter = office.matters.find(ask.words.next("ID"));
  ask.words.finish();
  if (ask.json) return json_of(matter, office.clock.now()) + "\n";
  std::string text = to_hex(matter.id()) + "\t" + std::string(title_of(matter.state())) + "\n";
  for (const auto& [name, value] : fields_of(matter))
    if (name != "id" && name != "state") text += "  " + name + "\t" + value + "\n";
  for (const std::string& provider : matter.providers()) text += "  provider\t" + provider + "\n";
  for (const wire::Document& document : matter.documents()) text += said(document);
  for (const wire::OperatorDecision& decision : matter.decisions())
    text += "  " + to_text(decision.time()) + "\t" + decision.person() + "\t" +
            (decision.approved() ? "中心批准 approved\t" : "中心拒绝 refused\t") + decision.reason() + "\n";
  return text;
}

std::string approve(Office& office, Ask& ask) {
  const std::string id = ask.words.next("ID");
  const std::string reason = ask.words.option("reason", "");
  Grant terms = office.matters.grantable(office.matters.find(id));
  take_terms(ask.words, terms);
  ask.words.finish();
  office.matters.decide(ask.actor, id, true, reason, &terms);
  return terms.id + "\n";
}

std::string refuse_access(Office& office, Ask& ask) {
  const std::string id = ask.words.next("ID");
  const std::string reason = ask.words.required("reason");
  ask.words.finish();
  office.matters.decide(ask.actor, id, false, reason);
  return id + "\n";
}

struct Tally {
  int opened = 0;
  int answered_in_time = 0;
  int answered_late = 0;
  int overdue = 0;
  int accepted = 0;
  int corrected = 0;
  int refused = 0;
  int withdrawn = 0;
};

void count(const wire::Matter& matter, Micros now, Tally& tally) {
  ++tally.opened;
  for (const wire::Document& document : matter.documents()) {
    wire::DocumentBody body;
    if (!body.ParseFromString(document.body()) || !body.has_answer()) continue;
    ++(body.time() <= matter.deadline() ? tally.answered_in_time : tally.answered_late);
    ++(body.answer().accepted() ? tally.accepted : tally.refused);
  }
  if (matter.state() == wire::MATTER_CORRECTED) ++tally.corrected;
  if (matter.state() == wire::MATTER_WITHDRAWN) ++tally.withdrawn;
  if (is_overdue(matter, now)) ++tally.overdue;
}

std::string statistics(Office& office, Ask& ask) {
  ask.words.finish();
  std::map<std::pair<std::string, std::string>, Tally> tallies;
  for (const wire::Matter& matter : office.matters.all())
    if (matter.kind() == wire::OBJECTION)
      count(matter, office.clock.now(), tallies[{matter.providers(0), matter.topic()}]);
  std::string text =
      "提供方 provider\t主题 topic\t提出 opened\t按期答复 in time\t逾期答复 late\t超期未答 overdue\t认可 accepted\t"
      "已更正 corrected\t拒绝 refused\t撤回 withdrawn\n";
  std::vector<std::string> rows;
  for (const auto& [who, tally] : tallies) {
    const std::pair<const char*, int> figures[] = {{"opened", tally.opened},      {"in_time", tally.answered_in_time},
                                                   {"late", tally.answered_late}, {"overdue", tally.overdue},
                                                   {"accepted", tally.accepted},  {"corrected", tally.corrected},
                                                   {"refused", tally.refused},    {"withdrawn", tally.withdrawn}};
    JsonFields fields{{"provider", who.first}, {"topic", who.second}};
    text += who.first + "\t" + who.second;
    for (const auto& [name, figure] : figures) {
      fields.emplace_back(name, figure);
      text += "\t" + std::to_string(figure);
    }
    text += "\n";
    rows.push_back(json_object(fields));
  }
  return ask.json ? json_array(rows) + "\n" : text;
}

const Verb matter_table[] = {
    {"access list", "[--open]", "访问申请", "requests for access", Role::anyone, list_access, {"open"}},
    {"access show", "ID", "一件申请的内容与经过", "one request and what became of it", Role::anyone, show},
    {"access approve", "ID [--items A,B] [--groups G,H] [--until DATE] [--reason R]", "批准申请，可以缩小",
     "grant what was asked for, or less", Role::security, approve},
    {"access refuse", "ID --reason R", "拒绝申请", "refuse a request", Role::security, refuse_access},
    {"objection list", "[--open]", "数据异议", "objections to data", Role::anyone, list_objections, {"open"}},
    {"objection show", "ID", "一件异议的经过", "one objection and what became of it", Role::anyone, show},
    {"objection statistics", "", "异议统计", "how objections were answered", Role::anyone, statistics},
};

}  // namespace

std::span<const Verb> matter_verbs() { return matter_table; }

}  // namespace qianzhi::hub

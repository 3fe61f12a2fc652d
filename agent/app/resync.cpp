#include "agent/app/resync.h"

#include <Poco/JSON/Object.h>

#include <algorithm>
#include <sstream>

#include "agent/flow/quarantine.h"
#include "agent/flow/shape.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::app {

namespace {

constexpr const char* shape_stop = "QZ-AGT-032";

GroupSet groups_of(const std::string& list) {
  if (list.empty()) return GroupSet::every();
  std::set<Group> groups;
  std::istringstream text(list);
  for (std::string group; std::getline(text, group, ',');)
    if (!group.empty()) groups.insert(group);
  return GroupSet::of(groups);
}

// Published: what is to be refilled is noted in the stream. False: this agent does not publish the topic. confirm is an
// answer to what was shown: kept for later it would accept what nobody has seen.
bool want(Agent& agent, const std::string& topic, const GroupSet& groups, bool confirm) {
  bool known = false;
  agent.store().update([&](store::StoreTransaction& transaction) {
    auto state = transaction.stream(topic);
    known = state.has_value();
    if (!state) return;
    if (groups.is_empty() || (!groups.is_every() && !state->area.covers(groups)))
      throw Error(ErrorKind::rejected, "QZ-AGT-106", topic + ": " + to_text(groups));
    state->wanted = state->wanted.unite(groups);
    transaction.put_stream(topic, *state);
    if (confirm && state->stopped_code == shape_stop) transaction.put_value(flow::accepted_name(topic), "1");
  });
  return known;
}

struct Answer {
  std::string topic;
  GroupSet groups;
  bool published = false;
  bool received = false;
  bool confirmed = false;
  status::PublicationStatus line;
};

std::string text_of(const Answer& answer) {
  std::string text = "已请求补传 / a refill was asked for: " + answer.topic + " " + to_text(answer.groups) + "\n";
  if (answer.received) text += "  将请提供方补传 / the providers are asked for it\n";
  if (!answer.published) return text;
  const flow::TableProgress& progress = answer.line.progress;
  text += "  读表 reads table " + answer.line.table + "：" +
          (progress.estimated < 0 ? std::string("行数未知 rows unknown")
                                  : "约 about " + std::to_string(progress.estimated) + " 行 rows") +
          (answer.groups.is_every() ? "" : "，只发送这些分区 of which only those of the groups are sent") + "\n";
  if (progress.limit != 0)
    text += "  限速 limited to " + std::to_string(progress.limit) + " 行/秒 rows/s" +
            (progress.limited_until != 0 ? "，现在生效 which holds now\n" : "，现在不生效 which does not hold now\n");
  if (answer.confirmed) text += "  已接受表的现有结构 / the table is taken as it is now\n";
  if (!answer.line.code.empty() && !answer.confirmed)
    text +=
        "  该发布已停止，处理后才开始 / the publication is stopped, it begins once that is cured: " + answer.line.code +
        " " + answer.line.detail + "\n";
  else if (!answer.line.refill.empty())
    text += "  正在进行的补传结束后开始 / it begins when the one under way has ended: " + describe(progress) + "\n";
  return text + "  进度见 / progress: qianzhi status\n";
}

// 64-bit numbers as text, as in the status.
std::string json_of(const Answer& answer) {
  Poco::JSON::Object object;
  object.set("topic", answer.topic);
  object.set("groups", to_text(answer.groups));
  object.set("published", answer.published);
  object.set("received", answer.received);
  object.set("confirmed", answer.confirmed);
  const flow::TableProgress& progress = answer.line.progress;
  if (answer.published && progress.estimated >= 0) object.set("estimated", std::to_string(progress.estimated));
  if (progress.limit != 0) object.set("limit", std::to_string(progress.limit));
  if (progress.limited_until != 0) object.set("limited_until", std::to_string(progress.limited_until));
  object.set("waits_for_refill", !answer.line.refill.empty());
  object.set("stopped", answer.confirmed ? std::string() : answer.line.code);
  std::ostringstream text;
  object.stringify(text);
  return text.str() + "\n";
}

}  // namespace

std::string resync(Agent& agent, const std::vector<std::string>& words) {
  const auto argument = [&](std::size_t i) { return i < words.size() ? words[i] : std::string(); };
  Answer answer;
  answer.topic = argument(1);
  answer.groups = groups_of(argument(2));
  const status::Snapshot before = agent.snapshot();
  for (const status::PublicationStatus& line : before.publications)
    if (line.topic == answer.topic) answer.line = line;
  answer.confirmed = argument(3) == "confirm" && answer.line.code == shape_stop;
  answer.published = want(agent, answer.topic, answer.groups, answer.confirmed);
  for (const flow::LaneStatus& lane : before.lanes) {
    if (lane.topic != answer.topic) continue;
    flow::ask_again(agent.store(), answer.topic);
    answer.received = true;
  }
  if (!answer.published && !answer.received) throw Error(ErrorKind::rejected, "QZ-AGT-071", answer.topic);
  agent.retry_all();
  return words[0] == "resync-json" ? json_of(answer) : text_of(answer);
}

}  // namespace qianzhi::app

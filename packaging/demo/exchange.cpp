#include "packaging/demo/exchange.h"

#include <algorithm>
#include <charconv>

#include "hub-protocol/base/error.h"

namespace qianzhi::demo {

namespace {

void expect_running(Process& process) {
  if (!process.is_running())
    throw Error(ErrorKind::misuse, "QZ-DEM-001", process.name() + " ended:\n" + process.last_words());
}

}  // namespace

std::uint16_t Exchange::wait_for_port(Process& process, const std::filesystem::path& file) const {
  std::uint16_t port = 0;
  waiter_.until(process.name(), 60, [&] {
    expect_running(process);
    const std::string text = text_of(file);
    std::from_chars(text.data(), text.data() + text.size(), port);
    return port != 0;
  });
  return port;
}

std::string Exchange::start_hub() {
  const std::filesystem::path port_file = site_.directory() / "hub.port";
  const std::string config = site_.write_hub_config(false).string();
  hub_ = std::make_unique<Process>(
      "qianzhi-hub", Launch{{site_.program("qianzhi-hub"), "run", "-c", config, "--port-file", port_file.string()},
                            site_.directory(),
                            site_.log("hub.log")});
  return "https://127.0.0.1:" + std::to_string(wait_for_port(*hub_, port_file));
}

void Exchange::reload_hub() {
  look();
  const auto before = statuses_;
  site_.write_hub_config(true);
  hub_->signal(SIGHUP);
  waiter_.until("新目录 the new directory", 60, [&] {
    look();
    return std::all_of(before.begin(), before.end(), [&](const auto& entry) {
      return statuses_.at(entry.first).directory_version > entry.second.directory_version;
    });
  });
}

void Exchange::start_agent(const Member& member) {
  const std::filesystem::path port_file = member.directory / "status.port";
  agents_.push_back(std::make_unique<Process>(
      member.agent,
      Launch{{site_.program("qianzhi"), "run", "-c", member.config().string(), "--port-file", port_file.string()},
             member.directory,
             site_.log(member.agent + ".log")}));
  wait_for_port(*agents_.back(), port_file);
  pages_[member.id] = page_in(port_file, member.config());
}

void Exchange::look() {
  expect_running(*hub_);
  for (const auto& agent : agents_) expect_running(*agent);
  for (const auto& [id, page] : pages_) {
    AgentStatus status = status_of(page);
    // A page that was late once keeps what was known.
    if (status.is_reached) statuses_[id] = std::move(status);
  }
}

const PublicationLine* Exchange::publication(const std::string& topic) const {
  for (const auto& [id, status] : statuses_)
    for (const PublicationLine& line : status.publications)
      if (line.topic == topic) return &line;
  return nullptr;
}

const LaneLine* Exchange::lane(const std::string& member, const std::string& topic) const {
  const auto status = statuses_.find(member);
  if (status == statuses_.end()) return nullptr;
  const auto found = std::find_if(status->second.lanes.begin(), status->second.lanes.end(),
                                  [&](const LaneLine& line) { return line.topic == topic; });
  return found == status->second.lanes.end() ? nullptr : &*found;
}

std::string Exchange::page_of(const std::string& member) const {
  const PageAddress& page = pages_.at(member);
  return "http://127.0.0.1:" + std::to_string(page.port) + "/\n    登录 to sign in: " + site_.program("qianzhi") +
         " web -c " + page.config.string();
}

std::string Exchange::awaited(const std::map<std::string, std::vector<std::string>>& receivers) const {
  for (const auto& [topic, members] : receivers) {
    const PublicationLine* sent = publication(topic);
    if (sent == nullptr) return topic + ": no status page";
    if (sent->refills) return topic + ": refill";
    if (sent->waiting != 0 || sent->last != sent->last_receipted)
      return topic + ": receipted " + sent->last_receipted + " of " + sent->last;
    for (const std::string& member : members) {
      if (pages_.count(member) == 0) continue;
      const LaneLine* line = lane(member, topic);
      if (line == nullptr) return topic + " -> " + member + ": no lane";
      if (line->mark != sent->last) return topic + " -> " + member + ": applied " + line->mark + " of " + sent->last;
      if (!line->is_complete) return topic + " -> " + member + ": history incomplete";
      if (!line->trouble.empty()) return topic + " -> " + member + ": " + line->trouble;
    }
  }
  return {};
}

std::uint64_t Exchange::progress() const {
  std::uint64_t sum = 0;
  for (const auto& [id, status] : statuses_) {
    for (const PublicationLine& line : status.publications) sum += line.sealed + line.receipted;
    for (const LaneLine& line : status.lanes) sum += line.applied + batches_behind("", line.mark);
  }
  return sum;
}

std::vector<std::string> Exchange::troubles() const {
  std::vector<std::string> all;
  for (const auto& [id, status] : statuses_) {
    for (const std::string& trouble : status.troubles) all.push_back(id + ": " + trouble);
    for (const PublicationLine& line : status.publications)
      if (!line.trouble.empty()) all.push_back(id + " -> " + line.topic + ": " + line.trouble);
    for (const LaneLine& line : status.lanes)
      if (!line.trouble.empty()) all.push_back(id + " <- " + line.topic + ": " + line.trouble);
  }
  return all;
}

std::vector<Usage> Exchange::stop() {
  std::vector<Usage> usages;
  for (const auto& agent : agents_) agent->signal(SIGTERM);
  for (const auto& agent : agents_) usages.push_back(agent->stop());
  if (hub_) usages.push_back(hub_->stop());
  return usages;
}

}  // namespace qianzhi::demo

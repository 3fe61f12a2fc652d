#include "hub-protocol/hub/file_port.h"

#include <algorithm>
#include <chrono>
#include <exception>

#include "hub-protocol/base/log.h"
#include "hub-protocol/envelope/file_form.h"

namespace qianzhi::hub {

namespace {

constexpr const char* folder_code = "QZ-LINK-128";

}  // namespace

FilePort::Place::Place(FilePlace given, const char* code)
    : plan(std::move(given)), in(plan.in, code), out(plan.out, code) {}

FilePort::FilePort(FilePortOptions options, Handlers handlers, std::function<void(const Error&)> fatal,
                   const Clock& clock, FileAudit audit, Breakpoint breakpoint)
    : options_(std::move(options)),
      handlers_(std::move(handlers)),
      clock_(clock),
      audit_(std::move(audit)),
      breakpoint_(std::move(breakpoint)),
      party_(std::make_shared<const Party>(options_.files, PartyRole::hub)),
      conversations_(options_.kept),
      clerk_(
          handlers_, conversations_, clock,
          [this](const std::string& agent, const Error& error) { report(agent, error); }, std::move(fatal),
          breakpoint_) {
  for (const FilePlace& place : options_.places) {
    places_.emplace_back(place, folder_code);
    try {
      places_.back().out.remove_parts(clock.now());
    } catch (const Error&) {
      // It is away: the first turn says so.
    }
  }
}

FilePort::~FilePort() { stop(); }

void FilePort::report(const std::string& where, const Error& error) const {
  if (audit_)
    audit_(where, error);
  else
    log("hub files " + where, error);
}

void FilePort::reload() {
  auto next = std::make_shared<const Party>(options_.files, PartyRole::hub);
  const std::lock_guard guard(mutex_);
  party_ = std::move(next);
}

std::map<std::string, FilePort::Waiting> FilePort::waiting_in(const Folder& out) const {
  std::map<std::string, Waiting> all;
  for (const std::string& text : out.names(options_.limits.names)) {
    const auto name = parse_file_name(text);
    const auto state = name && name->is_reply ? out.state_of(text) : std::nullopt;
    if (!state) continue;
    Waiting& waiting = all[name->agent];
    ++waiting.files;
    waiting.octets += state->size;
  }
  return all;
}

void FilePort::put_aside(Place& place, const std::string& text, const Error& error) {
  place.in.set_aside(text, error, clock_.now());
  place.unready.erase(text);
  place.last_fault = error.code() + " " + text;
  ++place.set_aside;
  report(text, error);
}

bool FilePort::take(Place& place, const std::string& text, const FileName& name,
                    std::map<std::string, Waiting>& waiting) {
  const auto state = place.in.state_of(text);
  if (!state) return false;
  const Micros now = clock_.steady();
  const auto unready = place.unready.find(text);
  const bool is_still = unready != place.unready.end() && unready->second.state == *state;
  const bool is_given_up = is_still && now - unready->second.since >= options_.limits.settle;
  if (is_still && !is_given_up) return false;
  if (!state->is_regular || state->size > file_limit)
    throw Error(ErrorKind::rejected, "QZ-LINK-121", "no file, or one over the limit");
  const auto octets = place.in.read(text, file_limit);
  const auto body = octets ? unframed(*octets) : std::nullopt;
  if (!body) {
    if (is_given_up) throw Error(ErrorKind::rejected, "QZ-LINK-130", std::to_string(state->size) + " octets came");
    place.unready[text] = {*state, now};
    return false;
  }
  place.unready.erase(text);
  const FileAnswer answer = clerk_.answer(*party_, name, *body, sha256_of(*octets), place.plan.agent);
  ++place.counts[answer.outcome];
  if (!answer.file.empty()) {
    FileName reply = name;
    reply.is_reply = true;
    place.out.put(to_text(reply), answer.file);
    place.answered = clock_.now();
    ++waiting[name.agent].files;
    waiting[name.agent].octets += answer.file.size();
  }
  if (breakpoint_) breakpoint_("file.after_publish");
  // What cannot be removed is not answered again at every turn.
  place.unready[text] = {*state, now};
  place.in.remove(text);
  place.unready.erase(text);
  return true;
}

bool FilePort::try_to_take(Place& place, const std::string& text, const FileName& name,
                           std::map<std::string, Waiting>& waiting) {
  try {
    return take(place, text, name, waiting);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::unavailable || error.kind() == ErrorKind::full) throw;
    put_aside(place, text, error);
  } catch (const std::exception& fault) {
    // Its agent sends it again, and the others do not wait for it.
    put_aside(place, text, Error(ErrorKind::misuse, "QZ-LINK-111", fault.what()));
  }
  return true;
}

// Of each agent in order, beginning behind the one whose turn was last.
std::vector<std::pair<FileName, std::string>> FilePort::requests_in(Place& place) const {
  std::vector<std::pair<FileName, std::string>> requests;
  const std::vector<std::string> names = place.in.names(options_.limits.names);
  for (const std::string& text : names)
    if (const auto name = parse_file_name(text)) requests.emplace_back(*name, text);
  std::sort(requests.begin(), requests.end());
  std::erase_if(place.unready, [&](const auto& entry) {
    return std::none_of(requests.begin(), requests.end(), [&](const auto& r) { return r.second == entry.first; });
  });
  const auto next = std::find_if(requests.begin(), requests.end(),
                                 [&](const auto& request) { return request.first.agent > place.turned; });
  std::rotate(requests.begin(), next, requests.end());
  if (names.size() == options_.limits.names) place.crowded = place.in.path().string();
  return requests;
}

std::size_t FilePort::turn_of(Place& place) {
  place.crowded.clear();
  std::map<std::string, Waiting> waiting = waiting_in(place.out);
  std::map<std::string, std::size_t> taken;
  std::size_t done = 0;
  for (const auto& [name, text] : requests_in(place)) {
    if (done >= options_.limits.files) break;
    if (taken[name.agent] >= options_.limits.requests) continue;
    const Waiting& held = waiting[name.agent];
    if (held.files >= options_.limits.replies || held.octets >= options_.limits.reply_octets) {
      place.crowded = place.out.path().string() + ": " + name.agent;
      continue;
    }
    if (!try_to_take(place, text, name, waiting)) continue;
    place.turned = name.agent;
    ++done;
    ++taken[name.agent];
  }
  return done;
}

std::size_t FilePort::turn() {
  const std::lock_guard guard(mutex_);
  std::size_t done = 0;
  for (Place& place : places_) {
    std::string fault;
    try {
      done += turn_of(place);
      if (!place.crowded.empty()) throw Error(ErrorKind::full, "QZ-LINK-129", place.crowded);
    } catch (const Error& error) {
      fault = error.code() + " " + error.detail();
      if (fault != place.fault) report(place.in.path().string(), error);
    } catch (const std::exception& error) {
      fault = error.what();
      if (fault != place.fault) log(LogLevel::error, "hub files", fault);
    }
    place.fault = fault;
  }
  return done;
}

void FilePort::start() {
  if (places_.empty() || thread_.joinable()) return;
  thread_ = std::thread([this] { run(); });
}

void FilePort::run() {
  std::unique_lock guard(end_mutex_);
  while (!ends_) {
    guard.unlock();
    const std::size_t done = turn();
    guard.lock();
    if (done != 0) continue;
    end_changed_.wait_for(guard, std::chrono::microseconds(options_.limits.scan), [&] { return ends_; });
  }
}

void FilePort::stop() {
  {
    const std::lock_guard guard(end_mutex_);
    ends_ = true;
  }
  end_changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::string FilePort::status_text() const {
  const std::lock_guard guard(mutex_);
  std::string text;
  for (const Place& place : places_) {
    const auto count = [&](FileOutcome outcome) {
      const auto found = place.counts.find(outcome);
      return std::to_string(found == place.counts.end() ? 0 : found->second);
    };
    text += "文件目录 files " + place.in.path().string() +
            (place.plan.agent.empty() ? "" : " (" + place.plan.agent + ")") + "  已答复 answered " +
            count(FileOutcome::answered) + "  重复 repeated " + count(FileOutcome::repeated) + "  过时 dropped " +
            count(FileOutcome::dropped) + "  拒绝 unwelcome " + count(FileOutcome::unwelcome) +
            "  重新开始 begun again " + count(FileOutcome::begins_again) + "  剔除 set aside " +
            std::to_string(place.set_aside) + "  未完整 not whole " + std::to_string(place.unready.size()) +
            "  最近答复 last answer " + (place.answered == 0 ? "-" : to_text(place.answered)) + "\n";
    if (!place.fault.empty()) text += "  故障 FAULT " + place.fault + "\n";
    if (!place.last_fault.empty()) text += "  最近剔除 last set aside " + place.last_fault + "\n";
  }
  return text;
}

}  // namespace qianzhi::hub

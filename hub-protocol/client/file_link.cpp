#include "hub-protocol/client/file_link.h"

#include <algorithm>
#include <chrono>

#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/client/calls.h"

namespace qianzhi {

namespace {

constexpr std::size_t most_names = 10'000;
constexpr std::size_t conversation_octets = 16;
constexpr int most_beginnings = 3;
constexpr Micros sweep_interval = 600'000'000;
constexpr std::uint32_t good = 200;

// Those of the hub's certificates that are good now.
std::vector<Bytes> hubs_of(const Party& party, const std::filesystem::path& file, Micros now) {
  std::vector<Bytes> good_ones;
  std::string fault;
  for (const Bytes& certificate : certificates_of(file)) {
    const std::string found = party.fault_of(certificate, now);
    if (found.empty())
      good_ones.push_back(certificate);
    else
      fault = found;
  }
  if (good_ones.empty()) throw Error(ErrorKind::misuse, "QZ-LINK-018", file.string() + ": " + fault);
  return good_ones;
}

}  // namespace

void check_file_keys(const FileLinkOptions& options, Micros now) {
  hubs_of(Party(options.files, PartyRole::agent), options.hub_certificate, now);
}

FileLink::FileLink(FileLinkOptions options, const Clock& clock, Random& random, Pause pause)
    : options_(std::move(options)),
      clock_(clock),
      random_(random),
      given_pause_(std::move(pause)),
      out_(options_.out, "QZ-LINK-019"),
      in_(options_.in, "QZ-LINK-019") {
  begin_conversation(0);
}

void FileLink::begin_conversation(Micros after) {
  conversation_ = random_.bytes(conversation_octets);
  begun_ = std::max(clock_.now(), after + 1);
  number_ = 0;
}

FileLink::Sent FileLink::seal(const char* call, const std::string& body) {
  const Party party(options_.files, PartyRole::agent);
  wire::FileMessage message;
  message.set_version(file_version);
  message.set_direction(wire::FILE_REQUEST);
  message.set_agent(options_.agent);
  message.set_conversation(conversation_);
  message.set_number(++number_);
  message.set_begun(begun_);
  message.set_call(call);
  message.set_body(body);
  const std::vector<Bytes> hubs = hubs_of(party, options_.hub_certificate, clock_.now());
  std::vector<Digest> keys;
  for (const Bytes& certificate : hubs) {
    keys.push_back(public_key_of(certificate));
    message.add_readers(keys.back().bytes());
  }
  Bytes file = framed(party.seal(content_of(message), hubs));
  if (file.size() > file_limit)
    throw Error(ErrorKind::rejected, "QZ-LINK-109", std::to_string(file.size()) + " octets in one file");
  const Digest digest = sha256_of(file);
  return {name_of(message), std::move(file), digest, std::move(keys), party};
}

wire::FileMessage FileLink::open(const Sent& sent, std::string_view body, const FileName& name) const {
  const Opened opened = sent.party.open(body, clock_.now());
  // Another server of the exchange, or whoever stole its certificate, is not our hub.
  const Digest signer = public_key_of(opened.signer);
  if (std::find(sent.hubs.begin(), sent.hubs.end(), signer) == sent.hubs.end())
    throw Error(ErrorKind::rejected, "QZ-LINK-123", "signed by another key than that of hub_certificate");
  wire::FileMessage message = message_of(opened.content, name, public_key_of(sent.party.certificate()));
  if (message.answers() != sent.digest.bytes())
    throw Error(ErrorKind::rejected, "QZ-LINK-124", "it answers another request");
  return message;
}

std::optional<wire::FileMessage> FileLink::look(const Sent& sent) {
  FileName awaited = sent.name;
  awaited.is_reply = true;
  const std::string name = to_text(awaited);
  const auto state = in_.state_of(name);
  if (!state) {
    unready_.reset();
    return std::nullopt;
  }
  const Micros now = clock_.steady();
  const bool is_still = unready_ && unready_->state == *state;
  const bool is_given_up = is_still && now - unready_->since >= options_.settle;
  if (is_still && !is_given_up) return std::nullopt;
  try {
    if (!state->is_regular || state->size > file_limit)
      throw Error(ErrorKind::rejected, "QZ-LINK-121", "no file, or one over the limit");
    const auto octets = in_.read(name, file_limit);
    const auto body = octets ? unframed(*octets) : std::nullopt;
    if (body) {
      wire::FileMessage message = open(sent, *body, awaited);
      in_.remove(name);
      return message;
    }
    if (is_given_up) throw Error(ErrorKind::rejected, "QZ-LINK-130", name);
    unready_ = Unready{*state, now};
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::rejected) throw;
    in_.set_aside(name, error, clock_.now());
    unready_.reset();
    log("hub", error);
    tell([&](FileWait& wait) { wait.fault = error.code() + " " + error.detail(); });
  }
  return std::nullopt;
}

void FileLink::abandon(const Sent& sent, const char* code, const std::string& detail) {
  try {
    out_.remove(to_text(sent.name));
  } catch (const Error&) {
    // The hub does no harm with it: the conversation is over.
  }
  begin_conversation(begun_);
  tell([](FileWait& wait) { wait.since = 0; });
  throw Error(ErrorKind::unavailable, code, detail);
}

void FileLink::repeat(const Sent& sent) {
  if (out_.state_of(to_text(sent.name))) return;
  out_.put(to_text(sent.name), sent.file);
  tell([](FileWait& wait) { ++wait.repeats; });
}

wire::FileMessage FileLink::await(const Sent& sent) {
  const std::string name = to_text(sent.name);
  out_.put(name, sent.file);
  tell([&](FileWait& wait) { wait = {clock_.now(), name, false, 0, {}, wait.answered}; });
  const Micros begun = clock_.steady();
  Micros repeat_at = begun + options_.repeat;
  unready_.reset();
  while (true) {
    try {
      if (auto message = look(sent)) {
        out_.remove(name);
        tell([&](FileWait& wait) { wait = {0, {}, false, 0, {}, clock_.now()}; });
        return std::move(*message);
      }
      const bool is_collected = !out_.state_of(name).has_value();
      tell([&](FileWait& wait) { wait.is_collected = wait.is_collected || is_collected; });
      if (clock_.steady() >= repeat_at) {
        repeat_at = clock_.steady() + options_.repeat;
        repeat(sent);
      }
    } catch (const Error& error) {
      // A folder that is away for a while is waited for like an answer.
      tell([&](FileWait& wait) { wait.fault = error.code() + " " + error.detail(); });
    }
    {
      const std::lock_guard lock(mutex_);
      if (interrupted_) break;
    }
    if (clock_.steady() - begun >= options_.timeout) {
      const FileWait told = waiting();
      abandon(sent, "QZ-LINK-016",
              name + (told.is_collected ? ": collected" : ": never collected") +
                  (told.fault.empty() ? "" : "; " + told.fault));
    }
    pause(options_.look);
  }
  abandon(sent, "QZ-LINK-008", "the call was interrupted");
}

wire::FileMessage FileLink::exchange(const char* call, const std::string& body) {
  for (int i = 0; i < most_beginnings; ++i) {
    wire::FileMessage message = await(seal(call, body));
    if (message.status() != begin_again) return message;
    // It was not carried out, or its repeat does no harm: as after a reply that was lost.
    begin_conversation(std::max(begun_, message.begin_after()));
  }
  throw Error(ErrorKind::unavailable, "QZ-LINK-126", std::to_string(most_beginnings) + " times in a row");
}

template <typename Answer, typename Question>
Answer FileLink::ask(const char* call, const Question& question) {
  rest_until(quiet_until_);
  sweep();
  const Micros begun = clock_.steady();
  const wire::FileMessage message = exchange(call, question.SerializeAsString());
  quiet_until_ = message.status() == good ? 0 : begun + options_.poll;
  if (message.status() != good) throw_problem(static_cast<int>(message.status()), message.body());
  Answer answer;
  if (!answer.ParseFromString(message.body()))
    throw Error(ErrorKind::unavailable, "QZ-LINK-007", "the body is not the expected message");
  return answer;
}

wire::SessionReply FileLink::session(const wire::SessionRequest& request) {
  rest_until(session_at_);
  session_at_ = clock_.steady() + options_.poll;
  return ask<wire::SessionReply>("session", request);
}

wire::PostReply FileLink::post(const wire::PostRequest& request) { return ask<wire::PostReply>("batches", request); }

wire::FetchReply FileLink::fetch(const wire::FetchRequest& request) {
  rest_until(request.wait_ms() != 0 ? std::max(fetch_at_, quiet_until_) : quiet_until_);
  wire::FetchRequest asked = request;
  asked.set_wait_ms(0);
  const Micros begun = clock_.steady();
  wire::FetchReply reply = ask<wire::FetchReply>("fetch", asked);
  fetch_at_ = has_news(asked, reply) ? 0 : begun + options_.poll;
  return reply;
}

wire::DirectoryReply FileLink::directory(const wire::DirectoryRequest& request) {
  return ask<wire::DirectoryReply>("directory", request);
}

wire::AppliedReply FileLink::applied(const wire::AppliedRequest& request) {
  return ask<wire::AppliedReply>("applied", request);
}

wire::ParcelsReply FileLink::parcels(const wire::ParcelsRequest& request) {
  return ask<wire::ParcelsReply>("parcels", request);
}

wire::MattersReply FileLink::matters(const wire::MattersRequest& request) {
  return ask<wire::MattersReply>("matters", request);
}

void FileLink::interrupt() {
  const std::lock_guard lock(mutex_);
  interrupted_ = true;
  interrupted_changed_.notify_all();
}

void FileLink::pause(Micros time) {
  sign_ = clock_.steady();
  if (given_pause_) return given_pause_(time);
  std::unique_lock lock(mutex_);
  interrupted_changed_.wait_for(lock, std::chrono::microseconds(time), [&] { return interrupted_; });
}

void FileLink::rest_until(Micros steady) {
  while (clock_.steady() < steady) {
    pause(std::min(options_.look, steady - clock_.steady()));
    const std::lock_guard lock(mutex_);
    if (interrupted_) throw Error(ErrorKind::unavailable, "QZ-LINK-008", "the call was interrupted");
  }
}

// What came twice or too late, and what an earlier run of this agent left. Another process of this agent may wait for
// its own answer, which is not that old.
void FileLink::sweep() {
  if (clock_.steady() < sweep_at_) return;
  sweep_at_ = clock_.steady() + sweep_interval;
  const Micros before = clock_.now() - options_.timeout - options_.settle;
  out_.remove_parts(before);
  for (const Folder* folder : {&in_, &out_}) {
    for (const std::string& text : folder->names(most_names)) {
      const auto name = parse_file_name(text);
      if (!name || name->agent != options_.agent || name->is_reply != (folder == &in_)) continue;
      const auto state = folder->state_of(text);
      if (state && state->changed < before) folder->remove(text);
    }
  }
}

FileWait FileLink::waiting() const {
  const std::lock_guard lock(mutex_);
  return wait_;
}

void FileLink::tell(const std::function<void(FileWait&)>& change) {
  const std::lock_guard lock(mutex_);
  change(wait_);
}

}  // namespace qianzhi

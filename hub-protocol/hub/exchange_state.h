// Private to Exchange: what it holds in memory, and the steps that its calls share.
//
// Locks, always in this order: the log's writer (LogWrite), then `lock`. Stream records, the hub's state and the
// directory change only while both are held, so holding either is enough to read them. Signatures are made and checked
// outside both.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <tuple>

#include "hub-protocol/hub/exchange.h"
#include "hub-protocol/hub/log.h"
#include "hub-protocol/hub/rights.h"
#include "hub-protocol/hub/shown.h"
#include "hub-protocol/seal/receipt.h"

namespace qianzhi::wire {
class Comparison;
}

namespace qianzhi::hub {

struct StreamEntry {
  std::shared_ptr<const StreamRecord> record;
  bool epoch_waits = false;
  Bytes newest;  // bare header of the head; empty: not read yet
  // The receipt last made, given again while nothing in it changed: a repeat gets the same octets.
  seal::ReceiptContent receipted;
  wire::Receipt receipt;
};

struct Session {
  Bytes id;
  Micros used = 0;  // steady time of the newest post; 0: none yet
};

// What fetch() needs of one stream, taken together.
struct StreamView {
  std::shared_ptr<const StreamRecord> record;  // of an unknown stream: nothing but its name
  Bytes newest;
};

struct Exchange::State {
  State(const ExchangeOptions& exchange_options, const Clock& exchange_clock, Random& exchange_random,
        seal::SigningKey key, Breakpoint exchange_breakpoint);

  ExchangeOptions options;
  std::vector<KeyRecord> directory_keys;  // newest last
  const Clock& clock;
  Random& random;
  seal::SigningKey hub_key;
  Breakpoint breakpoint;
  Log log;

  mutable std::mutex lock;
  mutable std::condition_variable changed;
  std::uint64_t change_count = 0;
  bool waiting_ends = false;
  bool failed = false;
  std::map<StreamId, StreamEntry> streams;
  std::shared_ptr<const HubState> hub;
  std::map<std::string, Session> sessions;
  std::map<std::string, AgentPresence> presence;  // of admitted callers only
  // By provider, then by asker and topic: a newer wish takes the place of an older one.
  std::map<std::string, std::map<std::pair<std::string, std::string>, wire::Wish>> wishes;
  // By receiver, then by sender and stream: a newer letter takes the place of an older one.
  using LetterKey = std::tuple<std::string, std::string, std::string>;
  std::map<std::string, std::map<LetterKey, wire::Letter>> letters;
  std::size_t kept_octets = 0;  // of all letters' bodies
  std::shared_ptr<const Rights> rights;
  std::map<Digest, Bytes> older_parts;  // of the directory before: someone may still be fetching it
  std::uint64_t fetches = 0;
  std::function<std::uint64_t(const std::string& caller)> matters_for;  // set before the first call
  std::function<bool(const std::string& caller)> parcels_for;           // likewise

  void reach(std::string_view point) const {
    if (breakpoint) breakpoint(point);
  }
  // An entry of the audit trail that this agent caused.
  void tell_audit(const std::string& agent, const char* action, const std::string& subject,
                  std::string_view outcome = {}, std::vector<std::pair<std::string, std::string>> details = {}) const {
    if (options.audit)
      options.audit(
          {{audit::ActorKind::agent, agent}, action, subject, std::string(outcome), "", "", std::move(details)});
  }
  // Tells everybody who waits. `lock` is held.
  void tell_waiting();

  // The directory in force, if it knows and enables the caller. Throws Error(rejected, QZ-HUB-001), and
  // Error(corrupt, QZ-HUB-030) after the store failed.
  std::shared_ptr<const Rights> admit(const std::string& caller) const;
  // Notes that an admitted caller was heard of.
  void heard(const std::string& caller, Micros AgentPresence::*call);
  // Bare header of the head, which is not none; read once.
  Bytes newest_of(const StreamRecord& record);
  StopReason stop_reason() const;
  std::shared_ptr<const StreamRecord> record_of(const StreamId& stream) const;
  StreamView view_of(const StreamId& stream) const;
  // The hub's signed word on the stream as it is now.
  wire::Receipt receipt_of(const StreamId& stream);
  // Makes a committed record visible. newest: bare header of a new head, or empty. Both locks are held.
  void publish(const StreamRecord& record, Bytes newest);

  // R6.5. Stops the hub if what is shown proves that it was restored. Throws Error(rejected): QZ-HUB-012 a directory
  // that is not in the history was shown without its signed root, QZ-HUB-013 an unknown incarnation without a receipt.
  struct RestoreCheck;
  struct PostRun;
  struct PageMaker;
  void look_for_restore(const std::string& caller, const Shown& shown);
  void write_state(LogWrite& write, HubState state);

  // Keeps what the caller may ask for, for the provider's next fetch.
  void keep_wishes(const std::string& caller, const wire::FetchRequest& request, const Rights& in_force, Micros now);
  bool may_write(const wire::Comparison& content, const Rights& in_force, Micros now) const;
  // Those that their parties may write go to the receiver's next fetch. Throws Error(rejected) for one that the caller
  // did not sign.
  void keep_letters(const std::string& caller, const wire::FetchRequest& request, const Rights& in_force, Micros now);
  void give_letters(const std::string& caller, const Rights& in_force, Micros now, wire::FetchReply& reply);
  // A page for each mark, what the caller may have under this directory; `first` of them is served first.
  void make_pages(const std::string& caller, const wire::FetchRequest& request, const Rights& in_force,
                  std::size_t first, Micros now, wire::FetchReply& reply);
  // One durable change of a stream that exists. Throws Error(misuse, QZ-HUB-027) for another.
  void change_stream(const StreamId& stream, const std::function<void(LogWrite&, StreamRecord&)>& change);

  // R6.8: these heads are in a finished backup. Those that the log does not hold are passed over.
  void secure(const std::vector<StreamRecord>& held);

  // Runs a call; remembers and reports a failed store.
  template <typename Call>
  auto guarded(Call&& call) {
    try {
      return call();
    } catch (const Error& error) {
      note_failure(error);
      throw;
    }
  }
  void note_failure(const Error& error);
};

void write_value(const Rights& rights, wire::DirectoryReference& reference);
[[noreturn]] void reject_request(std::string_view detail);  // Error(rejected, QZ-HUB-011)

// Most of anything in one request.
inline constexpr int request_limit = 4096;

}  // namespace qianzhi::hub

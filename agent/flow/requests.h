// Requests and their answers at the agent, both ways (PROTOCOL.md section 17). What is asked is sealed to each
// provider, kept in the store and sent until the hub has it; answers are kept as they came, sealed. What is asked of us
// is kept until the answerer of its service settles it. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agent/flow/directory_keeper.h"
#include "agent/flow/opening_keys.h"
#include "agent/flow/stage.h"
#include "agent/store/store.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/client/hub_link.h"
#include "hub-protocol/model/rows.h"
#include "hub-protocol/seal/key.h"
#include "hub-protocol/seal/parcel.h"
#include "hub-protocol/seal/parcel_content.h"

namespace qianzhi::flow {

// Open requests, to all providers together, above which nothing more is asked.
inline constexpr std::uint64_t most_open_requests = 20'000;

struct RequestParts {
  std::string agent;
  store::Store& store;
  DirectoryKeeper& directory;
  const Clock& clock;
  Random& random;
  const seal::SigningKey& key;
  std::optional<seal::DecryptionKey> opens;    // none: this agent neither asks nor answers
  std::function<void()> on_outgoing;           // something is to be sent
  std::function<void()> on_asked;              // something is to be answered
  Micros keep = 400 * Micros{86'400'000'000};  // inquiries and their answers, after the deadline
};

// What is asked, of whom, and why.
struct InquiryDraft {
  std::string service;                 // topic that is answered
  std::vector<std::string> providers;  // agents; empty: all that provide it
  seal::Questions questions;           // of its key items, each once; a longer list is several inquiries
  std::string purpose;
  std::string basis;
  Micros within = 0;  // until the deadline
  Bytes appeal;       // id of an earlier inquiry of ours that this one questions again, or empty
};

// One collected answer: who answered what, who has not, who refused.
struct ProviderAnswer {
  std::string provider;
  store::RequestState state = store::RequestState::to_send;
  std::string code;       // of a refusal
  Micros settled = 0;     // 0: not yet
  seal::Answers answers;  // of an answered one
};

struct Inquiry {
  Bytes id;
  std::string service;
  std::string purpose;
  std::string basis;
  Bytes appeal;
  Micros made = 0;
  Micros deadline = 0;
  seal::Questions questions;
  std::vector<ProviderAnswer> providers;

  // Nothing more will come.
  bool is_over() const;
};

// A request that waits for our answer, opened.
struct AskedRequest {
  store::KeptRequest request;
  seal::ParcelHead head;
  seal::Questions questions;
};

class Requests {
 public:
  explicit Requests(RequestParts parts);

  // Checked against the directory in force, sealed and kept; returns its id. Throws Error(rejected): QZ-AGT-150 what is
  // asked is not what the service takes, 151 nobody may be asked (no grant, no provider, no key of theirs), 152 the
  // purpose is not one of the service's, 153 no encryption key; Error(full, QZ-AGT-154).
  Bytes ask(const InquiryDraft& draft);
  // Throws Error(rejected, QZ-AGT-155) if there is none. An answer that does not open is told by its code.
  Inquiry inquiry(const Bytes& id) const;

  // There is a key, and so something to take.
  bool can_open() const { return parts_.opens.has_value(); }
  // Something waits to be sent.
  bool has_outgoing() const { return outgoing_; }
  // Sends what waits, asks and answers. Returns whether something was sent. Throws as the link does.
  bool send(HubLink& link);
  // Takes what waits at the hub; its word comes with the next call once it is kept here. Throws as the link does.
  void receive(HubLink& link);
  // The hub may not know what it knew: what is not over is sent again.
  void send_again();

  // Requests that wait for our answer, oldest first, few at a time, as far as `wanted` says so; it is shown each
  // without its content, once. One that does not open is refused by itself; one to a key that only the directory has
  // waits for the configuration.
  std::vector<AskedRequest> asked(const std::function<bool(const store::KeptRequest&)>& wanted);
  // Settle one.
  void answer(const AskedRequest& asked, const seal::Answers& answers);
  void refuse(const AskedRequest& asked, const std::string& code);

  // What is over is ended, what is old forgotten. Cheap; call now and then.
  void expire();
  std::vector<Notice> notices() const;

 private:
  std::vector<std::string> providers_of(const InquiryDraft& draft, const Directory& directory,
                                        const Topic& topic) const;
  store::KeptRequest seal_ask(const InquiryDraft& draft, const store::KeptInquiry& inquiry, const AgentEntry& provider,
                              const Directory& directory, const Bytes& content) const;
  Bytes take(const wire::Parcel& parcel);
  void take_ask(const wire::Parcel& parcel, const seal::ParcelHead& head);
  void take_reply(const wire::Parcel& parcel, const seal::ParcelHead& head);
  seal::Answers open_answers_in(const wire::Parcel& parcel, const seal::ParcelHead& head) const;
  void settle(const store::KeptRequest& request, const wire::ParcelVerdict& verdict);
  void keep_reply(const AskedRequest& asked, const wire::Parcel& parcel, const std::string& code);
  seal::ParcelHead reply_head(const AskedRequest& asked, seal::ParcelKind kind) const;
  ProviderAnswer told(const store::KeptRequest& request) const;
  void note_trouble(const Error& error);

  RequestParts parts_;
  OpeningKeys keys_;
  std::mutex sending_;    // one at a time
  std::mutex receiving_;  // likewise
  std::atomic<bool> outgoing_{false};
  std::vector<Bytes> taken_;          // kept here, and not yet told to the hub
  Micros later_ = 0;                  // steady time before which nothing is sent: the hub has no room
  std::atomic<Micros> expire_at_{0};  // steady
  mutable std::mutex lock_;           // of what follows
  std::string trouble_;               // why parcels were not taken, newest; empty: none
};

}  // namespace qianzhi::flow

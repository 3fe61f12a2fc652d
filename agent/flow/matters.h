// Matters at the agent: requests for access and objections (wire/matter.proto). What this agent says is signed, kept in
// the store and sent until the hub took or refused it; what the hub has is kept as it was last heard. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "agent/flow/stage.h"
#include "agent/store/store.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/client/hub_link.h"
#include "hub-protocol/model/directory.h"
#include "hub-protocol/seal/key.h"
#include "hub-protocol/wire/matter.pb.h"

namespace qianzhi::flow {

struct MatterContext {
  std::string agent;
  store::Store& store;
  const Clock& clock;
  Random& random;
  const seal::SigningKey& key;
};

// The hub's word on a document.
// An accepted objection to a row.
struct Awaited {
  Bytes matter;
  wire::Objection objection;
};

struct DocumentFate {
  Bytes id;
  bool is_sent = false;  // false: it waits; the hub could not be reached
  std::string code;      // empty: taken
  std::string detail;
};

class Matters {
 public:
  // Reads what the store holds.
  explicit Matters(MatterContext context);

  // Signs it, keeps it, and tries to send it at once. content: without id, sender and time. Its fate is final unless it
  // was not sent; then it goes with a later sync(). link: of the caller's thread; null where a call takes long.
  DocumentFate say(wire::DocumentBody content, HubLink* link);

  // Sends what waits and takes what is new. Refusals of what say() could not send are told by notices until the program
  // ends. Throws as the link does.
  void sync(HubLink& link);
  // Greatest revision that was heard: what a fetch shows.
  std::uint64_t revision() const;
  // hub_revision: of a fetch's reply.
  bool is_due(std::uint64_t hub_revision) const;

  // Newest first.
  std::vector<wire::Matter> all() const;
  // By the first eight or more hexadecimal digits of its id. Throws Error(rejected, QZ-AGT-140).
  wire::Matter find(std::string_view id) const;
  // What waits for this department's word, and what the hub refused.
  std::vector<Notice> notices(const Directory* directory) const;
  // Of one stream, by the row's key (key_of() of aside.h).
  std::multimap<std::string, Awaited> awaited(const StreamId& stream) const;
  // The corrected row came: the hub is told with the next sync(), once.
  void corrected(const Bytes& matter);

 private:
  Bytes keep(wire::DocumentBody content);
  std::vector<std::pair<std::string, wire::Document>> waiting() const;
  void take(const wire::MattersReply& reply, bool from_the_start);
  void settle(const std::string& name, const wire::DocumentVerdict& verdict);

  MatterContext context_;
  mutable std::mutex lock_;
  std::map<Bytes, wire::Matter> matters_;
  std::set<Bytes> corrected_;              // said since this program began
  std::map<Bytes, DocumentFate> refused_;  // by the document's id
  std::uint64_t revision_ = 0;
  bool has_waiting_ = false;
  std::mutex syncing_;  // one call at a time
};

}  // namespace qianzhi::flow

// The agent's one SQLite file: streams, checkpoints, sealed batches (the outbox), quarantine, directory.
// One writer connection; stages hand it closures, and closures that wait together are committed together, each in its
// own savepoint. Safe to call from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/store/requests.h"
#include "agent/store/state.h"
#include "agent/store/vault.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::store {

// A batch ready to be written: encryption is done before the writer is asked.
struct LockedBatch {
  KeptBatch batch;  // octets are locked
};

// What a closure may do. Only binds and steps: no I/O, no crypto, no waiting, no nesting.
class StoreTransaction {
 public:
  explicit StoreTransaction(sqlite::Database& database, std::int64_t& queued) : database_(database), queued_(queued) {}

  std::optional<StreamState> stream(std::string_view topic);
  void put_stream(std::string_view topic, const StreamState& state);

  SourcePosition checkpoint(std::string_view source);
  void put_checkpoint(std::string_view source, const SourcePosition& position);

  void append(const LockedBatch& batch);
  // All kept batches of the stream: never sent any more, kept for the operator (R5.4).
  void supersede(std::string_view topic);
  // Deletes kept batches up to here (R5.7). Returns their rows.
  std::uint64_t prune(std::string_view topic, const Position& through);

  std::int64_t set_aside(const QuarantineEntry& entry, std::string_view locked_row);
  void release(std::int64_t id);
  // Drops capture or apply entries of this key: a later valid full row supersedes them.
  void release_key(QuarantineSide side, std::string_view topic, std::string_view origin, std::string_view key);

  // R3.3. Replaces the row of the same id; row.kept is locked.
  void put_known(std::string_view topic, const KnownRow& row);
  void erase_known(std::string_view topic, std::int64_t id);
  void erase_known(std::string_view topic);  // all of the topic

  std::optional<KeptRequest> request(bool is_ours, std::string_view peer, std::string_view id);
  void put_request(const KeptRequest& request);  // in place of the one before
  void put_inquiry(const KeptInquiry& inquiry);  // its content is locked
  // Ours without an answer at their deadline become `expired`; what was asked of us loses its content at its own, and
  // becomes `missed` if the hub never had the answer, and is erased later; ours, and inquiries, whose deadline was
  // before forget_before are erased. Returns how many changed, without those.
  std::uint64_t expire_requests(Micros now, Micros forget_before);

  // Rows of a request table that were asked as this inquiry: by their tags. Nothing of it was told there yet.
  void put_asked(std::string_view name, std::string_view inquiry, const std::vector<Bytes>& tags);
  // Of an inquiry of a request table: so many of its requests were over when it was told there; done: nothing will
  // follow. negative: nothing counts as told.
  void put_told(std::string_view inquiry, std::int64_t told, bool done);

  std::optional<Bytes> value(std::string_view name);
  void put_value(std::string_view name, std::string_view octets);
  void erase_value(std::string_view name);

 private:
  sqlite::Database& database_;
  std::int64_t& queued_;
};

struct StoreOptions {
  std::filesystem::path file;
  std::string vfs;
  std::uint64_t max_octets = 0;  // of kept batches; 0: no limit
  bool read_only = false;        // for export and plan beside a running agent: update() throws Error(misuse)
  Cipher cipher = Cipher::aes_256_gcm;
};

using Breakpoint = std::function<void(std::string_view)>;

class Store {
 public:
  // Checks the file's integrity when it was not closed cleanly. Throws Error(corrupt, QZ-AGT-013).
  Store(const StoreOptions& options, Bytes key, Random& random, Breakpoint breakpoint = {});
  ~Store();

  // Returns after the durable commit. An Error thrown by the closure undoes its savepoint and comes out here. After an
  // I/O error nothing is accepted any more (pitfall 36): Error(corrupt) now and at each later call.
  void update(const std::function<void(StoreTransaction&)>& closure);

  LockedBatch lock(KeptBatch batch) const;
  std::int64_t set_aside(StoreTransaction& transaction, const QuarantineEntry& entry) const;

  std::vector<std::string> topics() const;
  std::optional<StreamState> stream(std::string_view topic) const;
  SourcePosition checkpoint(std::string_view source) const;
  std::optional<Bytes> value(std::string_view name) const;
  std::vector<std::pair<std::string, Bytes>> values_with_prefix(std::string_view prefix) const;
  // For values that must not be readable at rest: bound to their name. open_value() throws Error(corrupt, QZ-AGT-011).
  Bytes lock_value(std::string_view name, std::string_view octets) const;
  Bytes open_value(std::string_view name, std::string_view locked) const;

  // Erases a value so that nothing of it is left in the files; durable when it returns. Where another process reads the
  // store meanwhile, the write-ahead log goes on holding it until it is written anew from its beginning.
  void erase_secret(std::string_view name);

  KeptInquiry lock(KeptInquiry inquiry) const;
  std::optional<KeptInquiry> inquiry(std::string_view id) const;  // opened
  std::vector<KeptInquiry> inquiries(std::size_t limit) const;    // newest first, without content
  // Likewise those that put_asked() entered under this name and that are not told as done.
  std::vector<KeptInquiry> inquiries_of(std::string_view name, std::size_t limit) const;
  std::optional<KeptRequest> request(bool is_ours, std::string_view peer, std::string_view id) const;
  // Oldest first, at most max_octets together but at least one.
  std::vector<KeptRequest> requests(RequestState state, std::size_t max_octets) const;
  // Without content.
  std::vector<KeptRequest> newest_requests(RequestState state, std::size_t limit) const;
  // Asked of us and to be answered, oldest first, as far as they are wanted; at most max_octets together but at least
  // one. `wanted` is shown each without its content, once.
  std::vector<KeptRequest> requests_to_answer(const std::function<bool(const KeptRequest&)>& wanted,
                                              std::size_t max_octets) const;
  // Whether there is one of which this holds; looks at the oldest first, and holds up other readers meanwhile.
  bool any_request(RequestState state, const std::function<bool(const KeptRequest&)>& is_it) const;
  // By provider. Without content: ask and answer are empty.
  std::vector<KeptRequest> requests_of(std::string_view inquiry, bool with_content) const;
  // The inquiry that this row of a request table was asked as.
  std::optional<Bytes> asked(std::string_view name, std::string_view tag) const;
  // Inquiries of a request table of which more is known than was told there, in no certain order, at most `limit`.
  std::vector<Bytes> untold(std::string_view name, std::size_t limit) const;
  // Whether StoreTransaction::expire_requests() would change anything.
  bool has_expired_requests(Micros now, Micros forget_before) const;
  // That wait for others, or for us.
  std::uint64_t open_requests(bool is_ours) const;

  // Kept batches of a stream after this place, in order, opened, at most max_octets together but at least one; up to
  // the first that was not sealed before `before` (0: all).
  std::vector<KeptBatch> batches_after(std::string_view topic, const Position& after, std::size_t max_octets,
                                       Micros before = 0) const;
  // The kept, not superseded batch that names this digest as previous, without its octets.
  std::optional<KeptBatch> batch_following(std::string_view topic, const Digest& previous) const;
  bool keeps(std::string_view topic, const Digest& digest) const;
  // Keeps it, at this very place.
  bool keeps(std::string_view topic, const Head& head) const;
  std::uint64_t rows_through(std::string_view topic, const Position& after, const Position& through) const;
  struct Waiting {
    std::uint64_t batches = 0;
    std::uint64_t rows = 0;
    Micros oldest = 0;
  };
  // Looks at each of them.
  Waiting waiting_after(std::string_view topic, const Position& after) const;
  // When the first of them was sealed; 0: there is none.
  Micros first_after(std::string_view topic, const Position& after) const;

  // Known rows of a topic after this id, in its order, at most `limit`, without what is kept.
  std::vector<KnownRow> known_after(std::string_view topic, std::int64_t id, std::size_t limit) const;
  // Those of these ids that are there, opened.
  std::vector<KnownRow> known(std::string_view topic, const std::vector<std::int64_t>& ids) const;
  // The greatest id of a known row of the topic, 0 if there is none.
  std::int64_t last_known(std::string_view topic) const;
  // row.kept, locked.
  Bytes lock_known(std::string_view topic, const KnownRow& row) const;
  // For tags and digests of known rows.
  Tagger tagger() const;

  std::vector<QuarantineEntry> quarantine(bool with_rows) const;
  std::uint64_t quarantined(std::string_view topic) const;

  std::uint64_t queued_octets() const;
  bool is_full() const;
  // Grows with each update.
  std::uint64_t version() const;
  // An I/O or integrity fault of this file: the process must acknowledge nothing more and end (pitfall 36). What others
  // report of theirs, under whatever code, does not count.
  bool has_failed() const;
  std::string integrity() const;  // "ok" or what SQLite found

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianzhi::store

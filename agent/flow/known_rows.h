// What the agent's store knows of the rows of one publication as they were last sent (R3.3): a tag for the key, a
// digest of the values, and what a delete or a move needs. The store's rows are written by the caller, in the
// transaction that seals what was read. Belongs to capture's thread.
//
// Rows are numbered in the order they were written. A key may have more than one: the last one counts, and one without
// a digest says that the row is gone. load() finds what no longer counts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "agent/flow/known_index.h"
#include "agent/store/store.h"

namespace qianzhi::flow {

// To be stored in the transaction that seals what was read, each row only if it is sealed or is no row of the
// publication.
struct KnownChange {
  store::KnownRow row;  // kept is locked; of what no longer counts only the id
  bool gone = false;
  bool adopted = false;  // only its key was known: to be stored, not sent
};

class KnownRows {
 public:
  // table: columns, key and old columns as they will be given. store must outlive it.
  KnownRows(std::string topic, const adapter::SourceTable& table, const store::Store& store);

  const std::string& topic() const { return topic_; }

  // The index, 32 octets a row in memory, while rows are compared. New is that nothing was met.
  void load();
  void unload() { index_.reset(); }
  bool is_loaded() const { return index_.has_value(); }
  void forget_met();

  // Loads if needed. One change a row of the chunk, nothing where the row is known as it is; old: the old columns as
  // they are known, unchanged for a row that is new.
  struct Compared {
    std::vector<std::optional<KnownChange>> changes;
    std::vector<Column> old;
  };
  // digest: one text a row that stands for its values, or empty: the values themselves. A publication keeps to one.
  Compared compare(const std::vector<Column>& columns, const Column& digest = {});
  // Rows of a chunk that differ from what is known, by their digests; loads if needed. Those that do not are met.
  std::vector<std::size_t> differing(const std::vector<Column>& columns, const Column& digest);
  // Loads if needed, and meets nothing: of each row, whether it is known as it is, and so was sent as it is.
  std::vector<bool> as_known(const std::vector<Column>& columns, const Column& digest = {});
  // Loaded.
  bool is_empty() const { return index_->size() == 0; }
  // The key's columns of these rows.
  std::vector<Column> keys_of(const std::vector<Column>& columns, const std::vector<std::size_t>& rows) const;

  // What capture read of rows, without comparing: a row with an unchanged value is known by its key only, and a
  // comparison takes it as it then is. Costs no look into the store.
  std::vector<KnownChange> note(const std::vector<adapter::ChangeMeta>& meta, const std::vector<Column>& columns);

  // Loaded. Ids of rows that were not met, ascending, greater than after.
  std::vector<std::int64_t> unmet(std::int64_t after, std::size_t limit) const;
  // Those rows as removes, as far as they are there.
  struct Gone {
    std::vector<Column> columns;
    std::vector<Column> old;
    std::vector<KnownChange> changes;
  };
  Gone gone(const std::vector<std::int64_t>& ids) const;

  // At most `limit` that no longer count, found by load(); to be erased with the next transaction.
  std::vector<KnownChange> take_stale(std::size_t limit);

  // These are in the store now.
  void stored(const std::vector<KnownChange>& changes);

  // Loaded: whether such a row is known.
  bool holds(const Bytes& tag) { return index_->find(tag) != nullptr; }

  Bytes tag_of(const std::vector<Column>& columns, std::size_t row);

 private:
  Bytes digest_of(const std::vector<Column>& columns, const Column& digest, std::size_t row);
  void append_old(std::int64_t id, std::vector<Column>& old) const;
  store::KnownRow row_of(std::int64_t id, const std::vector<Column>& kept, std::size_t row, Bytes tag,
                         Bytes digest) const;
  std::int64_t next_id();

  std::string topic_;
  adapter::SourceTable table_;
  Bytes shape_;                    // other columns are other values
  std::vector<std::size_t> key_;   // in columns
  std::vector<std::size_t> kept_;  // key, then old columns that are not of it
  std::vector<std::size_t> old_;
  const store::Store& store_;
  store::Tagger tagger_;
  std::optional<KnownIndex> index_;
  std::int64_t last_id_ = -1;  // -1: not looked for yet
  std::vector<std::int64_t> stale_;
};

}  // namespace qianzhi::flow

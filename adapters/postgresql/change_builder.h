// Turns row messages of the stream into TableChanges. Knows the relations the stream has announced.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/postgresql/pgoutput.h"

namespace qianzhi::postgresql {

class ChangeBuilder {
 public:
  // names[i]: schema and name of tables[i]. Two entries may name one table.
  ChangeBuilder(const std::vector<adapter::SourceTable>& tables,
                std::vector<std::pair<std::string, std::string>> names);

  // Before the messages of a new connection: relations are announced again.
  void forget_relations() { relations_.clear(); }

  // A table is described anew. Events: schema_changed if a listed column is missing or if deletes would not name the
  // key; reshaped if a column has another type than when it was looked at last; unseen_changes if another table took
  // the name.
  void relation(const RelationMessage& message, std::vector<adapter::TableEvent>& events);

  // True if a row of this relation counts as a change of ours (and so as an ordinal): by name alone, so that the count
  // is the same when the transaction comes again.
  bool is_ours(Oid relation) const;
  std::vector<std::size_t> tables_of(Oid relation) const;

  // Appends what the message does to each table it concerns.
  void row(MessageKind kind, const RowMessage& message, const adapter::ChangeMeta& meta,
           std::vector<adapter::TableEvent>& events);

  // The table was looked at: its columns are of these types, as far as they are there (0). Empty: nothing is known.
  void looked(std::size_t table, const std::vector<Oid>& types);
  // Tables of which no row is read until the server announces them again: to be told at every read.
  void add_lasting(std::vector<adapter::TableEvent>& events) const;

  std::size_t rows() const { return rows_; }
  std::size_t octets() const { return octets_; }
  // What was appended since the last call.
  std::vector<adapter::TableChanges> take();

 private:
  // How the attributes of an announced relation feed one table of ours.
  struct Feed {
    std::size_t table = 0;
    std::vector<std::size_t> columns;      // attribute of each column
    std::vector<std::size_t> old_columns;  // attribute of each old column
    std::vector<std::size_t> key;          // attribute of each key column
    std::vector<bool> is_key;              // by column
  };
  struct Relation {
    bool is_named = false;  // has the name of one of our tables
    std::vector<Form> forms;
    std::vector<bool> in_identity;
    std::vector<Feed> feeds;
  };

  bool make_feed(const RelationMessage& message, std::size_t table, Feed& feed,
                 std::vector<adapter::TableEvent>& events);
  adapter::TableChanges& changes_of(std::size_t table);
  void append_remove(const Relation& relation, const Feed& feed, const RowMessage& message, adapter::ChangeMeta meta);
  void append_upsert(const Relation& relation, const Feed& feed, const RowMessage& message, bool key_changed,
                     const adapter::ChangeMeta& meta, std::vector<adapter::TableEvent>& events);
  void append_old(const Relation& relation, const Feed& feed, const RowMessage& message,
                  adapter::TableChanges& changes);
  void append_new(const Relation& relation, std::size_t attribute, const RowMessage& message, Column& column);

  const std::vector<adapter::SourceTable>& tables_;
  std::vector<std::pair<std::string, std::string>> names_;
  std::vector<std::vector<Oid>>
      types_;             // by table and column, as of the last look, or of the first announcement; 0: neither
  std::vector<Oid> ids_;  // relation id by table; 0: not seen
  std::vector<std::string> keyless_;  // by table: why its identity does not do; empty: it does
  std::unordered_map<Oid, Relation> relations_;
  std::vector<std::size_t> slot_;  // by table: place in changes_ + 1; 0: none
  std::vector<adapter::TableChanges> changes_;
  std::size_t rows_ = 0;
  std::size_t octets_ = 0;
};

}  // namespace qianzhi::postgresql

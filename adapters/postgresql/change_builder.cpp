#include "adapters/postgresql/change_builder.h"

#include <algorithm>
#include <optional>

#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

using adapter::TableEventKind;

std::optional<std::size_t> attribute_of(const RelationMessage& message, const std::string& name) {
  for (std::size_t i = 0; i < message.attributes.size(); ++i)
    if (message.attributes[i].name == name) return i;
  return std::nullopt;
}

const TupleValue& value_at(const Tuple& tuple, std::size_t attribute) {
  if (attribute >= tuple.size())
    throw Error(ErrorKind::corrupt, "QZ-PG-015", "a row has fewer columns than its table announced");
  return tuple[attribute];
}

std::size_t octets_of(const Tuple& tuple) {
  std::size_t octets = 0;
  for (const auto& value : tuple) octets += value.text.size() + 1;
  return octets;
}

}  // namespace

ChangeBuilder::ChangeBuilder(const std::vector<adapter::SourceTable>& tables,
                             std::vector<std::pair<std::string, std::string>> names)
    : tables_(tables),
      names_(std::move(names)),
      ids_(tables.size(), 0),
      keyless_(tables.size()),
      slot_(tables.size(), 0) {
  for (const auto& table : tables_) types_.emplace_back(table.columns.size(), 0);
}

void ChangeBuilder::relation(const RelationMessage& message, std::vector<adapter::TableEvent>& events) {
  Relation relation;
  for (const auto& attribute : message.attributes) {
    relation.forms.push_back(form_of(attribute.type));
    relation.in_identity.push_back(attribute.in_identity || message.identity == 'f');
  }
  for (std::size_t table = 0; table < tables_.size(); ++table) {
    if (names_[table].first != message.schema || names_[table].second != message.name) continue;
    relation.is_named = true;
    if (ids_[table] != 0 && ids_[table] != message.id)
      events.push_back({table, TableEventKind::unseen_changes, "another table took the name " + tables_[table].table});
    ids_[table] = message.id;
    Feed feed;
    keyless_[table].clear();
    if (make_feed(message, table, feed, events)) relation.feeds.push_back(std::move(feed));
  }
  relations_[message.id] = std::move(relation);
}

bool ChangeBuilder::make_feed(const RelationMessage& message, std::size_t table, Feed& feed,
                              std::vector<adapter::TableEvent>& events) {
  const adapter::SourceTable& wanted = tables_[table];
  feed.table = table;
  const auto lost = [&](const std::string& detail) {
    events.push_back({table, TableEventKind::schema_changed, detail});
    return false;
  };
  for (std::size_t i = 0; i < wanted.columns.size(); ++i) {
    const auto attribute = attribute_of(message, wanted.columns[i]);
    if (!attribute) return lost("column " + wanted.columns[i] + " is not in the stream any more");
    const Oid type = message.attributes[*attribute].type;
    // What follows is read as the stream says. Told at each announcement until somebody has looked: what was read may
    // be thrown away unseen.
    if (types_[table][i] == 0) types_[table][i] = type;
    if (types_[table][i] != type)
      events.push_back({table, TableEventKind::reshaped, "the type of column " + wanted.columns[i] + " changed"});
    feed.columns.push_back(*attribute);
    feed.is_key.push_back(std::find(wanted.key.begin(), wanted.key.end(), wanted.columns[i]) != wanted.key.end());
  }
  for (const auto& name : wanted.key) {
    const auto attribute = attribute_of(message, name);
    if (!attribute) return lost("key column " + name + " is not in the stream any more");
    if (!message.attributes[*attribute].in_identity && message.identity != 'f')
      return lost(keyless_[table] = "the replica identity does not hold key column " + name);
    feed.key.push_back(*attribute);
  }
  for (const auto& name : wanted.old_columns) {
    const auto attribute = attribute_of(message, name);
    if (!attribute) return lost("column " + name + " is not in the stream any more");
    feed.old_columns.push_back(*attribute);
  }
  return true;
}

void ChangeBuilder::looked(std::size_t table, const std::vector<Oid>& types) {
  if (types.size() == types_[table].size()) types_[table] = types;
}

void ChangeBuilder::add_lasting(std::vector<adapter::TableEvent>& events) const {
  for (std::size_t table = 0; table < keyless_.size(); ++table)
    if (!keyless_[table].empty()) events.push_back({table, TableEventKind::schema_changed, keyless_[table]});
}

bool ChangeBuilder::is_ours(Oid relation) const {
  const auto found = relations_.find(relation);
  if (found == relations_.end())
    throw Error(ErrorKind::corrupt, "QZ-PG-015", "a row of a table that was not announced");
  return found->second.is_named;
}

std::vector<std::size_t> ChangeBuilder::tables_of(Oid relation) const {
  std::vector<std::size_t> tables;
  const auto found = relations_.find(relation);
  if (found == relations_.end()) return tables;
  for (const auto& feed : found->second.feeds) tables.push_back(feed.table);
  return tables;
}

void ChangeBuilder::row(MessageKind kind, const RowMessage& message, const adapter::ChangeMeta& meta,
                        std::vector<adapter::TableEvent>& events) {
  const Relation& relation = relations_.at(message.relation);
  octets_ += octets_of(message.new_values) + octets_of(message.old_values);
  for (const Feed& feed : relation.feeds) {
    if (kind == MessageKind::remove) {
      append_remove(relation, feed, message, meta);
      continue;
    }
    const bool key_changed =
        message.old_kind != 0 && std::any_of(feed.key.begin(), feed.key.end(), [&](std::size_t attribute) {
          const TupleValue& after = value_at(message.new_values, attribute);
          return after.kind == 't' && value_at(message.old_values, attribute).text != after.text;
        });
    if (key_changed) append_remove(relation, feed, message, meta);
    append_upsert(relation, feed, message, key_changed, meta, events);
  }
}

adapter::TableChanges& ChangeBuilder::changes_of(std::size_t table) {
  if (slot_[table] == 0) {
    adapter::TableChanges changes;
    changes.table = table;
    changes.columns.resize(tables_[table].columns.size());
    changes.old.resize(tables_[table].old_columns.size());
    changes_.push_back(std::move(changes));
    slot_[table] = changes_.size();
  }
  return changes_[slot_[table] - 1];
}

void ChangeBuilder::append_remove(const Relation& relation, const Feed& feed, const RowMessage& message,
                                  adapter::ChangeMeta meta) {
  adapter::TableChanges& changes = changes_of(feed.table);
  for (std::size_t i = 0; i < feed.columns.size(); ++i) {
    if (!feed.is_key[i]) {
      changes.columns[i].append_unchanged();
      continue;
    }
    append_value(relation.forms[feed.columns[i]], value_at(message.old_values, feed.columns[i]).text,
                 changes.columns[i]);
  }
  append_old(relation, feed, message, changes);
  meta.operation = Operation::remove;
  changes.meta.push_back(meta);
  ++rows_;
}

void ChangeBuilder::append_upsert(const Relation& relation, const Feed& feed, const RowMessage& message,
                                  bool key_changed, const adapter::ChangeMeta& meta,
                                  std::vector<adapter::TableEvent>& events) {
  adapter::TableChanges& changes = changes_of(feed.table);
  const std::size_t row = changes.meta.size();
  bool incomplete = false;
  for (std::size_t i = 0; i < feed.columns.size(); ++i) {
    append_new(relation, feed.columns[i], message, changes.columns[i]);
    incomplete = incomplete || changes.columns[i].presence(row) == Presence::unchanged;
  }
  // A row under a new key has nothing at the target that an unchanged value could be kept from.
  if (key_changed && incomplete)
    events.push_back({feed.table, TableEventKind::unseen_changes,
                      "a key changed and the server did not send the row's out-of-line values"});
  if (key_changed || message.old_kind == 0) {
    for (auto& column : changes.old) column.append_unchanged();
  } else {
    append_old(relation, feed, message, changes);
  }
  changes.meta.push_back(meta);
  ++rows_;
}

void ChangeBuilder::append_old(const Relation& relation, const Feed& feed, const RowMessage& message,
                               adapter::TableChanges& changes) {
  for (std::size_t i = 0; i < feed.old_columns.size(); ++i) {
    const std::size_t attribute = feed.old_columns[i];
    const bool known = message.old_kind == 'O' || (message.old_kind == 'K' && relation.in_identity[attribute]);
    const TupleValue value = known ? value_at(message.old_values, attribute) : TupleValue{'u', {}};
    if (value.kind == 't') {
      append_value(relation.forms[attribute], value.text, changes.old[i]);
    } else if (value.kind == 'n') {
      changes.old[i].append_null();
    } else {
      changes.old[i].append_unchanged();
    }
  }
}

void ChangeBuilder::append_new(const Relation& relation, std::size_t attribute, const RowMessage& message,
                               Column& column) {
  const TupleValue* value = &value_at(message.new_values, attribute);
  // Out of line and not touched: with full identity the old row has it (pitfall 6).
  if (value->kind == 'u' && message.old_kind == 'O') value = &value_at(message.old_values, attribute);
  if (value->kind == 't') {
    append_value(relation.forms[attribute], value->text, column);
  } else if (value->kind == 'n') {
    column.append_null();
  } else {
    column.append_unchanged();
  }
}

std::vector<adapter::TableChanges> ChangeBuilder::take() {
  std::vector<adapter::TableChanges> taken = std::move(changes_);
  changes_.clear();
  std::fill(slot_.begin(), slot_.end(), 0);
  rows_ = 0;
  octets_ = 0;
  return taken;
}

}  // namespace qianzhi::postgresql

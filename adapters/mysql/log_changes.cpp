#include "adapters/mysql/log_changes.h"

#include <algorithm>

#include "adapters/mysql/binlog_query.h"
#include "adapters/mysql/binlog_value.h"

namespace qianzhi::mysql {

namespace {

using State = RowImage::Value::State;

std::optional<std::size_t> logged_column(const LoggedTable& logged, const std::string& name) {
  for (std::size_t i = 0; i < logged.columns.size(); ++i)
    if (is_same_name(logged.columns[i].name, name)) return i;
  return std::nullopt;
}

bool differs(const RowImage& before, const RowImage& after, const std::vector<std::size_t>& columns) {
  return std::any_of(columns.begin(), columns.end(), [&](std::size_t i) {
    return before.values[i].state != after.values[i].state || before.values[i].octets != after.values[i].octets;
  });
}

bool is_logged(const RowImage& image, const std::vector<std::size_t>& columns) {
  return std::none_of(columns.begin(), columns.end(),
                      [&](std::size_t i) { return image.values[i].state == State::absent; });
}

}  // namespace

LogChanges::LogChanges(const std::vector<adapter::SourceTable>& tables, Charsets& charsets)
    : tables_(tables), charsets_(charsets), names_(tables.size()), catalog_(tables.size()), slot_(tables.size(), 0) {}

bool LogChanges::is_ours(const LoggedTable& logged) const {
  return std::any_of(names_.begin(), names_.end(), [&](const auto& name) {
    return is_same_name(name.first, logged.schema) && is_same_name(name.second, logged.name);
  });
}

std::vector<Feed> LogChanges::feeds_of(const LoggedTable& logged) const {
  std::vector<Feed> feeds;
  for (std::size_t table = 0; table < tables_.size(); ++table) {
    if (!is_same_name(names_[table].first, logged.schema) || !is_same_name(names_[table].second, logged.name)) continue;
    const adapter::SourceTable& wanted = tables_[table];
    Feed feed;
    feed.table = table;
    if (!logged.has_names) feed.problem = "binlog_row_metadata was not FULL: the names of columns are not logged";
    feed.forms.assign(logged.columns.size(), Form::text);
    const auto find = [&](const std::string& name) -> std::size_t {
      const auto found = logged_column(logged, name);
      if (!found) {
        if (feed.problem.empty()) feed.problem = "column " + name + " was not there when the row was written";
        return 0;
      }
      const std::string why = unreadable(logged.columns[*found], charsets_);
      if (!why.empty() && feed.problem.empty()) feed.problem = "column " + name + " " + why;
      const CatalogColumn* known = catalog_[table] ? catalog_[table]->find(name) : nullptr;
      if (known != nullptr) feed.forms[*found] = known->form;
      return *found;
    };
    for (const auto& name : wanted.columns) {
      feed.columns.push_back(find(name));
      feed.is_key.push_back(std::find(wanted.key.begin(), wanted.key.end(), name) != wanted.key.end());
    }
    for (const auto& name : wanted.old_columns) feed.old_columns.push_back(find(name));
    for (const auto& name : wanted.key) feed.key.push_back(find(name));
    feeds.push_back(std::move(feed));
  }
  return feeds;
}

bool LogChanges::append(const Feed& feed, const LoggedTable& logged, const RowsCursor& row,
                        const adapter::ChangeMeta& meta) {
  const RowImage& before = row.before();
  const RowImage& after = row.after();
  if (row.kind() != RowsKind::remove && !is_logged(after, feed.columns)) return false;
  if (row.kind() != RowsKind::insert && !(is_logged(before, feed.key) && is_logged(before, feed.old_columns)))
    return false;
  switch (row.kind()) {
    case RowsKind::insert: append_upsert(feed, logged, after, nullptr, meta); break;
    case RowsKind::remove: append_remove(feed, logged, before, meta); break;
    case RowsKind::update: {
      const bool moved = differs(before, after, feed.key);
      if (moved) append_remove(feed, logged, before, meta);
      append_upsert(feed, logged, after, moved ? nullptr : &before, meta);
      break;
    }
  }
  return true;
}

adapter::TableChanges& LogChanges::changes_of(std::size_t table) {
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

void LogChanges::append_value(const Feed& feed, const LoggedTable& logged, std::size_t column, const RowImage& image,
                              Column& values) {
  const RowImage::Value& value = image.values[column];
  if (value.state == State::null) return values.append_null();
  append_logged(logged.columns[column], feed.forms[column], value.octets, charsets_, values);
  octets_ += value.octets.size() + 1;
}

void LogChanges::append_remove(const Feed& feed, const LoggedTable& logged, const RowImage& before,
                               adapter::ChangeMeta meta) {
  adapter::TableChanges& changes = changes_of(feed.table);
  for (std::size_t i = 0; i < feed.columns.size(); ++i)
    if (feed.is_key[i])
      append_value(feed, logged, feed.columns[i], before, changes.columns[i]);
    else
      changes.columns[i].append_unchanged();
  for (std::size_t i = 0; i < feed.old_columns.size(); ++i)
    append_value(feed, logged, feed.old_columns[i], before, changes.old[i]);
  meta.operation = Operation::remove;
  changes.meta.push_back(meta);
  ++rows_;
}

void LogChanges::append_upsert(const Feed& feed, const LoggedTable& logged, const RowImage& after,
                               const RowImage* before, const adapter::ChangeMeta& meta) {
  adapter::TableChanges& changes = changes_of(feed.table);
  for (std::size_t i = 0; i < feed.columns.size(); ++i)
    append_value(feed, logged, feed.columns[i], after, changes.columns[i]);
  for (std::size_t i = 0; i < feed.old_columns.size(); ++i)
    if (before == nullptr)
      changes.old[i].append_unchanged();
    else
      append_value(feed, logged, feed.old_columns[i], *before, changes.old[i]);
  changes.meta.push_back(meta);
  ++rows_;
}

std::vector<adapter::TableChanges> LogChanges::take() {
  std::vector<adapter::TableChanges> taken = std::move(changes_);
  changes_.clear();
  std::fill(slot_.begin(), slot_.end(), 0);
  rows_ = 0;
  octets_ = 0;
  return taken;
}

}  // namespace qianzhi::mysql

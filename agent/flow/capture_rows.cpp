#include "agent/flow/capture_rows.h"

#include <algorithm>

#include "agent/config/names.h"
#include "agent/flow/capture.h"
#include "agent/flow/record.pb.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::flow {

namespace {

void add_names(std::vector<std::string>& names, const std::vector<std::string>& more) {
  for (const std::string& name : more)
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

std::vector<std::size_t> indexes_of(const std::vector<std::string>& names, const std::vector<std::string>& wanted) {
  std::vector<std::size_t> indexes;
  indexes.reserve(wanted.size());
  for (const std::string& name : wanted)
    indexes.push_back(static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin()));
  return indexes;
}

adapter::CaptureMode mode_of(config::Capture capture) {
  switch (capture) {
    case config::Capture::log: return adapter::CaptureMode::log;
    case config::Capture::journal: return adapter::CaptureMode::journal;
    case config::Capture::diff: return adapter::CaptureMode::snapshot_only;
    case config::Capture::watermark: return adapter::CaptureMode::watermark;
  }
  return adapter::CaptureMode::journal;
}

// As one more table that is captured; no publication reads it.
void add_canary(adapter::SourceSpec& spec, const config::SourceConfig& source) {
  if (source.canary.every == 0) return;
  const auto same = [&](const adapter::SourceTable& table) { return table.table == source.canary.table; };
  if (std::any_of(spec.tables.begin(), spec.tables.end(), same))
    throw Error(ErrorKind::misuse, "QZ-CFG-037", source.canary.table + " is the canary and cannot be published");
  spec.canary = source.canary.table;
  spec.tables.push_back({spec.canary, {adapter::canary_id, adapter::canary_beat}, {adapter::canary_id}, {}, {}});
}

}  // namespace

adapter::SourceSpec Capture::spec_of(const config::SourceConfig& source, const std::vector<Publication>& publications,
                                     const std::string& agent, adapter::Connection connection) {
  adapter::SourceSpec spec;
  spec.connection = std::move(connection);
  spec.name = config::source_name(agent, source.database.id);
  spec.mode = mode_of(source.capture);
  spec.retained_log_ceiling = static_cast<std::int64_t>(source.retained_log_ceiling);
  for (const Publication& publication : publications) {
    const std::string& name = publication.config().table;
    const bool shares = shares_tables(spec.mode);
    auto table =
        std::find_if(spec.tables.begin(), spec.tables.end(), [&](const auto& t) { return shares && t.table == name; });
    if (table == spec.tables.end()) {
      spec.tables.push_back({name, {}, publication.mapper().key_columns(), {}, publication.config().watermark});
      table = spec.tables.end() - 1;
    }
    if (table->key != publication.mapper().key_columns())
      throw Error(ErrorKind::misuse, "QZ-AGT-036", publication.topic().id + " and another topic on table " + name);
    add_names(table->columns, publication.mapper().columns());
    add_names(table->old_columns, publication.mapper().old_columns());
  }
  add_canary(spec, source);
  return spec;
}

bool shares_tables(adapter::CaptureMode mode) {
  return mode == adapter::CaptureMode::log || mode == adapter::CaptureMode::journal;
}

std::size_t table_of(const adapter::SourceSpec& spec, const Publication& publication) {
  const auto table = std::find_if(spec.tables.begin(), spec.tables.end(),
                                  [&](const auto& t) { return t.table == publication.config().table; });
  QZ_ASSERT(table != spec.tables.end());
  return static_cast<std::size_t>(table - spec.tables.begin());
}

std::vector<std::size_t> column_indexes(const adapter::SourceTable& table, const Publication& publication) {
  return indexes_of(table.columns, publication.mapper().columns());
}

std::vector<std::size_t> old_column_indexes(const adapter::SourceTable& table, const Publication& publication) {
  return indexes_of(table.old_columns, publication.mapper().old_columns());
}

std::vector<Column> pick(const std::vector<Column>& all, const std::vector<std::size_t>& indexes) {
  std::vector<Column> picked;
  if (all.empty()) return picked;
  picked.reserve(indexes.size());
  for (const std::size_t index : indexes) picked.push_back(all.at(index));
  return picked;
}

Bytes encode_row(const std::vector<std::string>& names, const std::vector<std::size_t>& indexes,
                 const std::vector<Column>& columns, std::size_t row) {
  record::Row kept;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    record::Cell& cell = *kept.add_cells();
    cell.set_name(names[indexes[i]]);
    cell.set_presence(static_cast<std::uint32_t>(columns[i].presence(row)));
    cell.set_text(std::string(columns[i].text(row)));
  }
  return kept.SerializeAsString();
}

std::vector<Column> decode_row(const Bytes& octets, const std::vector<std::string>& names) {
  record::Row kept;
  if (!kept.ParseFromString(octets)) throw Error(ErrorKind::corrupt, "QZ-AGT-050", "quarantined row");
  std::vector<Column> columns;
  for (const std::string& name : names) {
    const auto cell =
        std::find_if(kept.cells().begin(), kept.cells().end(), [&](const record::Cell& c) { return c.name() == name; });
    Column column;
    if (cell == kept.cells().end())
      column.append_null();
    else
      column.add(static_cast<Presence>(cell->presence()), cell->text());
    columns.push_back(std::move(column));
  }
  return columns;
}

}  // namespace qianzhi::flow

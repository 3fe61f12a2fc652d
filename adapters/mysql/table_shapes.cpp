#include "adapters/mysql/table_shapes.h"

namespace qianzhi::mysql {

namespace {

constexpr const char* columns_digest_sql =
    "SELECT MD5(GROUP_CONCAT(CONCAT_WS(':', COLUMN_NAME, COLUMN_TYPE, COLLATION_NAME) ORDER BY ORDINAL_POSITION))"
    " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?";

}  // namespace

void TableShapes::forget_all() {
  for (Table& table : tables_) table = {};
}

std::string TableShapes::problem_of(std::size_t table) const {
  const adapter::SourceTable& wanted = spec_.tables[table];
  if (!tables_[table].found) return "table " + wanted.table + " is gone";
  std::vector<std::string> listed = wanted.columns;
  listed.insert(listed.end(), wanted.old_columns.begin(), wanted.old_columns.end());
  if (!wanted.watermark.empty()) listed.push_back(wanted.watermark);
  for (const std::string& name : listed) {
    const CatalogColumn* column = tables_[table].found->find(name);
    if (column == nullptr) return "table " + wanted.table + " lacks the column " + name;
    if (column->form == Form::unsupported) return "column " + name + " is " + column->column_type;
  }
  return {};
}

std::vector<adapter::TableEvent> TableShapes::look(Session& session, std::vector<bool>& changed) {
  std::vector<adapter::TableEvent> events;
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    Table& state = tables_[i];
    const auto [schema, name] = full_name(session, spec_.tables[i].table);
    const std::string shape =
        session.query(columns_digest_sql, Parameters().add(schema).add(name), "looking at a table").text(0, 0);
    if (shape.empty() || shape != state.shape || !state.found) {
      state = {shape, shape.empty() ? std::nullopt : find_table(session, spec_.tables[i].table)};
      changed[i] = true;
    }
    const std::string problem = problem_of(i);
    if (problem.empty()) continue;
    state.found.reset();
    events.push_back({i, adapter::TableEventKind::schema_changed, problem, {}});
  }
  return events;
}

}  // namespace qianzhi::mysql

#include "adapters/odbc/lookup_plan.h"

#include <algorithm>
#include <array>

#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

constexpr std::string_view doing_plan = "asking for a plan";

std::string_view word_behind(std::string_view line, std::string_view before) {
  const std::size_t found = line.rfind(before);
  if (found == std::string_view::npos) return {};
  const std::string_view rest = line.substr(found + before.size());
  return rest.substr(0, rest.find(' '));
}

// id, parent, 0, detail: "SCAN firm", or an index that is made for this one query.
std::string_view scanned_by_sqlite(const Rows& rows) {
  if (rows.columns() < 4) return {};
  const std::string_view line = rows.text(3);
  const bool scan = line.rfind("SCAN ", 0) == 0 && line.rfind("SCAN (", 0) != 0 && line != "SCAN CONSTANT ROW";
  const bool made = line.rfind("SEARCH ", 0) == 0 && line.find(" AUTOMATIC ") != std::string_view::npos;
  return scan || made ? word_behind(line.substr(0, line.find(' ', line.find(' ') + 1)), " ") : std::string_view();
}

// id, select_type, table, type, possible_keys; a table of the server's own is written <derived2>.
std::string_view scanned_by_mariadb(const Rows& rows) {
  if (rows.columns() < 5 || rows.is_null(2) || rows.is_null(3)) return {};
  const std::string_view way = rows.text(3);
  const bool whole = (way == "ALL" || way == "index") && rows.is_null(4);
  return whole && rows.text(2).rfind('<', 0) != 0 ? rows.text(2) : std::string_view();
}

// One node a line, and what belongs to it in the lines behind it.
class PostgresqlPlan {
 public:
  void add(std::string_view line) {
    static constexpr std::array<std::string_view, 4> scans{"Seq Scan on ", "Index Scan ", "Index Only Scan ",
                                                           "Bitmap Index Scan "};
    const bool is_node = is_first_ || line.find("->  ") != std::string_view::npos;
    is_first_ = false;
    if (is_node) close();
    if (is_node && std::any_of(scans.begin(), scans.end(),
                               [&](std::string_view scan) { return line.find(scan) != std::string_view::npos; }))
      open_ = word_behind(line, " on ");
    if (line.find("Index Cond: ") != std::string_view::npos) open_.clear();
  }
  std::vector<std::string> tables() {
    close();
    return std::move(tables_);
  }

 private:
  void close() {
    if (!open_.empty()) tables_.push_back(open_);
    open_.clear();
  }
  bool is_first_ = true;
  std::string open_;  // table of a node whose condition was not seen yet
  std::vector<std::string> tables_;
};

std::vector<std::string> tables_in(Rows& rows, PlanKind kind) {
  PostgresqlPlan plan;
  std::vector<std::string> tables;
  while (rows.next()) {
    if (kind == PlanKind::postgresql) {
      if (rows.columns() != 0 && !rows.is_null(0)) plan.add(rows.text(0));
      continue;
    }
    const std::string_view table = kind == PlanKind::sqlite ? scanned_by_sqlite(rows) : scanned_by_mariadb(rows);
    if (!table.empty()) tables.emplace_back(table);
  }
  if (kind == PlanKind::postgresql) tables = plan.tables();
  std::sort(tables.begin(), tables.end());
  tables.erase(std::unique(tables.begin(), tables.end()), tables.end());
  return tables;
}

}  // namespace

std::optional<std::vector<std::string>> tables_read_whole(Session& session, const LookupReader& reader) {
  const PlanTexts& plan = session.dialect().plan;
  if (plan.kind == PlanKind::none) return std::nullopt;
  try {
    if (!plan.before.empty()) session.run(std::string(plan.before), doing_plan);
    Rows rows = session.query(std::string(plan.explain) + reader.sql(1), reader.samples(), doing_plan);
    return tables_in(rows, plan.kind);
  } catch (const Error& error) {
    // A driver that prepares nothing but what it knows.
    if (error.kind() != ErrorKind::misuse && error.kind() != ErrorKind::rejected) throw;
    return std::nullopt;
  }
}

}  // namespace qianzhi::odbc

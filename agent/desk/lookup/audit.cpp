#include "agent/desk/lookup/audit.h"

#include <vector>

#include "agent/desk/lookup/digest.h"
#include "hub-protocol/base/bytes.h"

namespace qianzhi::desk::lookup {

namespace {

constexpr const char* audit_schema = R"sql(
CREATE TABLE IF NOT EXISTS lookup_audit(
  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, account TEXT NOT NULL, role TEXT NOT NULL,
  subject TEXT NOT NULL, search TEXT NOT NULL, purpose TEXT NOT NULL, outcome TEXT NOT NULL, hits INTEGER NOT NULL,
  salt TEXT NOT NULL, asked TEXT NOT NULL, found TEXT NOT NULL, chain TEXT NOT NULL);
)sql";

constexpr std::string_view audit_columns =
    "SELECT id, at, account, role, subject, search, purpose, outcome, hits, salt, asked, found, chain FROM "
    "lookup_audit ";

// The chain of a row: over all its columns and the chain before.
std::string chain_of(const sqlite::Statement& row, std::string_view before) {
  std::vector<std::string> values;
  constexpr int columns = 12;
  values.reserve(columns);
  for (int column = 0; column < columns; ++column) values.push_back(row.text(column));
  std::vector<std::string_view> fields(values.begin(), values.end());
  fields.push_back(before);
  return digest_of(fields);
}

}  // namespace

Audit::Audit(sqlite::Database& database, Random& random) : database_(database), random_(random) {
  database_.execute(audit_schema);
}

void Audit::write(const AuditRow& row) {
  const std::string salt = to_hex(random_.bytes(16));
  sqlite::Transaction transaction(database_);
  sqlite::Statement last = database_.prepare("SELECT chain FROM lookup_audit ORDER BY id DESC LIMIT 1");
  const std::string before = last.step() ? last.text(0) : std::string();
  last.reset();
  sqlite::Statement put = database_.prepare(
      "INSERT INTO lookup_audit(at, account, role, subject, search, purpose, outcome, hits, salt, asked, found, chain) "
      "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')");
  put.bind(1, row.at).bind(2, row.account).bind(3, row.role).bind(4, row.subject).bind(5, row.by);
  put.bind(6, row.purpose).bind(7, row.outcome).bind(8, row.hits).bind(9, salt);
  put.bind(10, digest_of({salt, row.asked})).bind(11, digest_of({salt, row.found})).run();
  sqlite::Statement written = database_.prepare(std::string(audit_columns) + "ORDER BY id DESC LIMIT 1");
  written.step();
  const std::int64_t id = written.integer(0);
  const std::string chain = chain_of(written, before);
  written.reset();
  database_.prepare("UPDATE lookup_audit SET chain = ? WHERE id = ?").bind(1, chain).bind(2, id).run();
  transaction.commit();
}

bool Audit::has_asked(std::int64_t id, std::string_view text) {
  sqlite::Statement query = database_.prepare("SELECT salt, asked FROM lookup_audit WHERE id = ?");
  query.bind(1, id);
  return query.step() && digest_of({query.view(0), text}) == query.view(1);
}

std::optional<std::int64_t> Audit::first_broken() {
  sqlite::Statement query = database_.prepare(std::string(audit_columns) + "ORDER BY id");
  std::string before;
  std::int64_t last = 0;
  while (query.step()) {
    const std::int64_t id = query.integer(0);
    if (id != last + 1 || chain_of(query, before) != query.view(12)) return id;
    before = query.text(12);
    last = id;
  }
  return std::nullopt;
}

}  // namespace qianzhi::desk::lookup

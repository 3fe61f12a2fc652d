#include "agent/desk/records/full_build.h"

#include <memory>
#include <string>
#include <utility>

#include "agent/desk/records/schema.h"

namespace qianzhi::desk::records {

namespace {

constexpr std::size_t rows_of_transaction = 20'000;
constexpr std::size_t page_size = 1'000;

class Portions {
 public:
  explicit Portions(sqlite::Database& database) : database_(database) {}
  void next() {
    if (transaction_ && ++rows_ < rows_of_transaction) return;
    finish();
    transaction_ = std::make_unique<sqlite::Transaction>(database_);
    rows_ = 0;
  }
  void finish() {
    if (transaction_) transaction_->commit();
    transaction_.reset();
  }

 private:
  sqlite::Database& database_;
  std::unique_ptr<sqlite::Transaction> transaction_;
  std::size_t rows_ = 0;
};

// Records of before that have no pieces now end in the same way. Both halves are read along their index.
constexpr std::string_view next_records =
    "SELECT record FROM base_piece INDEXED BY base_piece_record WHERE kind = ?2 AND record > ?1 "
    "UNION SELECT record FROM base_record INDEXED BY base_record_kind WHERE kind = ?2 AND record > ?1 "
    "ORDER BY record LIMIT ?3";

// As Builder::write_codes() has them: of two kinds the stronger one.
constexpr const char* codes_now =
    "DROP TABLE IF EXISTS temp.base_code_now;"
    "CREATE TEMP TABLE base_code_now(code TEXT, record TEXT, strength INTEGER, PRIMARY KEY(code, record)) "
    "WITHOUT ROWID;"
    "INSERT INTO base_code_now SELECT code, record, min(strength) FROM ("
    "  SELECT strong AS code, record, iif(length(strong) = 18, 1, 2) AS strength FROM base_piece WHERE strong <> ''"
    "  UNION ALL SELECT weak, record, 3 FROM base_piece WHERE weak <> ''"
    "  UNION ALL SELECT credit, record, 4 FROM base_piece WHERE credit <> '') GROUP BY code, record";
constexpr const char* forget_codes =
    "DELETE FROM base_code WHERE NOT EXISTS (SELECT 1 FROM temp.base_code_now n WHERE n.code = base_code.code AND "
    "n.record = base_code.record)";
constexpr std::string_view last_of_portion =
    "SELECT code, record FROM temp.base_code_now WHERE (code, record) > (?1, ?2) ORDER BY code, record LIMIT 1 "
    "OFFSET ?3";
constexpr std::string_view put_portion =
    "INSERT INTO base_code SELECT code, record, CASE strength WHEN 1 THEN 'citizen_id' WHEN 2 THEN 'organisation_code' "
    "WHEN 3 THEN 'registration_number' ELSE 'credit_code' END FROM temp.base_code_now "
    "WHERE (code, record) > (?1, ?2) ORDER BY code, record LIMIT ?3 "
    "ON CONFLICT DO UPDATE SET code_kind = excluded.code_kind WHERE code_kind <> excluded.code_kind";

}  // namespace

BuildReport FullBuild::run(Micros now) {
  clear();
  for (BuildParts& kind : kinds_) read(kind);
  create_indexes(database_, IndexSet::codes_of_pieces);
  for (BuildParts& kind : kinds_) assign(kind);
  create_indexes(database_, IndexSet::records_of_pieces);
  for (BuildParts& kind : kinds_) build(kind, now);
  write_codes();
  return report_;
}

bool FullBuild::has_none(const char* table) {
  return database_.scalar("SELECT EXISTS (SELECT 1 FROM " + std::string(table) + ")") == 0;
}

// Pieces of kinds that are configured no more stay, as their records do.
void FullBuild::clear() {
  drop_indexes(database_, IndexSet::codes_of_pieces);
  drop_indexes(database_, IndexSet::records_of_pieces);
  Portions portions(database_);
  for (const BuildParts& kind : kinds_)
    for (std::int64_t deleted = 1; deleted > 0;) {
      portions.finish();
      portions.next();
      database_
          .prepare(
              "DELETE FROM base_piece WHERE (kind, source, key) IN (SELECT kind, source, key FROM base_piece "
              "WHERE kind = ?1 LIMIT ?2)")
          .bind(1, kind.config.id)
          .bind(2, rows_of_transaction)
          .run();
      deleted = database_.changes();
    }
  portions.finish();
}

void FullBuild::read(BuildParts& kind) {
  Portions portions(database_);
  for (const RecordSource& source : kind.config.sources) {
    portions.finish();
    kind.rows.each(source, [&](Piece piece) {
      portions.next();
      kind.pieces.add_link(piece);
      kind.pieces.put(piece);
      ++report_.pieces;
    });
  }
  portions.finish();
}

void FullBuild::assign(BuildParts& kind) {
  Portions portions(database_);
  std::pair<std::string, std::string> last;
  for (;;) {
    const std::vector<Piece> page = kind.pieces.page(last.first, last.second, page_size);
    if (page.empty()) break;
    for (const Piece& piece : page) {
      portions.next();
      kind.pieces.move(piece, kind.pieces.record_of(piece));
    }
    last = {page.back().source, page.back().key};
  }
  portions.finish();
}

void FullBuild::build(BuildParts& kind, Micros now) {
  Portions portions(database_);
  std::string last;
  for (;;) {
    std::vector<std::string> names;
    {
      sqlite::Statement query = database_.prepare(next_records);
      query.bind(1, last).bind(2, kind.config.id).bind(3, page_size);
      while (query.step()) names.push_back(query.text(0));
    }
    if (names.empty()) break;
    for (const std::string& name : names) {
      portions.next();
      kind.builder.build(name, now, Builder::Codes::later);
      ++report_.records;
    }
    last = names.back();
  }
  portions.finish();
}

// Codes come in another order than records: one by one each would be written far from the one before.
void FullBuild::write_codes() {
  database_.execute(codes_now);
  const bool is_first = has_none("base_code");
  if (is_first)
    drop_indexes(database_, IndexSet::records_of_codes);
  else
    database_.execute(forget_codes);
  std::pair<std::string, std::string> last;
  for (bool is_last = false; !is_last;) {
    sqlite::Transaction transaction(database_);
    database_.prepare(put_portion).bind(1, last.first).bind(2, last.second).bind(3, rows_of_transaction).run();
    transaction.commit();
    sqlite::Statement query = database_.prepare(last_of_portion);
    query.bind(1, last.first).bind(2, last.second).bind(3, rows_of_transaction - 1);
    is_last = !query.step();
    if (!is_last) last = {query.text(0), query.text(1)};
  }
  create_indexes(database_, IndexSet::records_of_codes);
  database_.execute("DROP TABLE temp.base_code_now");
}

}  // namespace qianzhi::desk::records

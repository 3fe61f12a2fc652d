#include "agent/desk/records/pieces.h"

namespace qianzhi::desk::records {

namespace {

// Without statistics SQLite would rather read all pieces of a kind along the primary key.
constexpr std::string_view piece_by_key =
    "SELECT source, key, strong, weak, credit, contradicts, record FROM base_piece "
    "WHERE kind = ? AND source = ? AND key = ?";
constexpr std::string_view pieces_by_record =
    "SELECT source, key, strong, weak, credit, contradicts, record FROM base_piece INDEXED BY base_piece_record "
    "WHERE kind = ? AND record = ? ORDER BY source, key";
constexpr std::string_view pieces_by_strong =
    "SELECT source, key, strong, weak, credit, contradicts, record FROM base_piece INDEXED BY base_piece_strong "
    "WHERE kind = ? AND strong = ? AND strong <> '' LIMIT ?";
constexpr std::string_view pieces_by_weak =
    "SELECT source, key, strong, weak, credit, contradicts, record FROM base_piece INDEXED BY base_piece_weak "
    "WHERE kind = ? AND weak = ? AND weak <> '' LIMIT ?";
constexpr std::string_view piece_page =
    "SELECT source, key, strong, weak, credit, contradicts, record FROM base_piece "
    "WHERE kind = ? AND (source, key) > (?, ?) ORDER BY source, key LIMIT ?";
constexpr std::string_view partners_of_strong =
    "SELECT weak FROM base_piece INDEXED BY base_piece_strong WHERE kind = ? AND strong = ? AND strong <> '' LIMIT ?";
constexpr std::string_view partners_of_weak =
    "SELECT strong FROM base_piece INDEXED BY base_piece_weak WHERE kind = ? AND weak = ? AND weak <> '' LIMIT ?";

Piece piece_in(const sqlite::Statement& row) {
  return {row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.integer(5) != 0, row.text(6)};
}

}  // namespace

Pieces::Pieces(sqlite::Database& database, const RecordKind& kind) : database_(database), kind_(kind) {}

void Pieces::add_link(Piece& piece) {
  if (!piece.strong.empty() || !piece.weak.empty() || piece.contradicts) return;
  sqlite::Statement query =
      database_.prepare("SELECT strong, weak FROM base_link WHERE kind = ? AND source = ? AND key = ?");
  query.bind(1, kind_.id).bind(2, piece.source).bind(3, piece.key);
  if (!query.step()) return;
  piece.strong = query.text(0);
  piece.weak = query.text(1);
}

void Pieces::put(const Piece& piece) {
  sqlite::Statement put = database_.prepare("INSERT OR REPLACE INTO base_piece VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
  put.bind(1, kind_.id).bind(2, piece.source).bind(3, piece.key).bind(4, piece.strong).bind(5, piece.weak);
  put.bind(6, piece.credit).bind(7, piece.contradicts ? 1 : 0).bind(8, piece.record).run();
}

void Pieces::remove(const Piece& piece) {
  sqlite::Statement remove = database_.prepare("DELETE FROM base_piece WHERE kind = ? AND source = ? AND key = ?");
  remove.bind(1, kind_.id).bind(2, piece.source).bind(3, piece.key).run();
}

std::optional<Piece> Pieces::find(std::string_view source, std::string_view key) {
  sqlite::Statement query = database_.prepare(piece_by_key);
  query.bind(1, kind_.id).bind(2, source).bind(3, key);
  if (!query.step()) return std::nullopt;
  return piece_in(query);
}

std::vector<Piece> Pieces::of_record(std::string_view record) {
  sqlite::Statement query = database_.prepare(pieces_by_record);
  query.bind(1, kind_.id).bind(2, record);
  std::vector<Piece> found;
  while (query.step()) found.push_back(piece_in(query));
  return found;
}

Pieces::Binding Pieces::binding(std::string_view sql, const std::string& code) {
  Binding found;
  sqlite::Statement query = database_.prepare(sql);
  query.bind(1, kind_.id).bind(2, code).bind(3, max_of_code + 1);
  std::int64_t rows = 0;
  while (query.step()) {
    const std::string_view partner = query.view(0);
    if (++rows > max_of_code || (!partner.empty() && !found.partner.empty() && partner != found.partner))
      found.is_disputed = true;
    if (found.is_disputed) break;
    if (!partner.empty()) found.partner = partner;
  }
  return found;
}

Pieces::Binding Pieces::strong_binding(const std::string& strong) { return binding(partners_of_strong, strong); }
Pieces::Binding Pieces::weak_binding(const std::string& weak) { return binding(partners_of_weak, weak); }

std::string Pieces::record_of(const Piece& piece) {
  const bool is_person = piece.strong.size() == 18;
  const bool strong_binds = !piece.strong.empty() && !strong_binding(piece.strong).is_disputed;
  if (strong_binds) return (is_person ? "id:" : "org:") + piece.strong;
  if (!piece.weak.empty()) {
    const Binding weak = weak_binding(piece.weak);
    if (!weak.is_disputed && !weak.partner.empty() && !strong_binding(weak.partner).is_disputed)
      return "org:" + weak.partner;
    if (!weak.is_disputed || piece.strong.empty()) return "reg:" + piece.weak;
  } else if (!piece.strong.empty()) {
    return (is_person ? "id:" : "org:") + piece.strong;
  }
  return "row:" + kind_.id + ":" + piece.source + ":" + piece.key;
}

bool Pieces::is_disputed(const std::vector<Piece>& pieces) {
  std::set<std::string> strong;
  std::set<std::string> weak;
  for (const Piece& piece : pieces) {
    if (piece.contradicts) return true;
    if (!piece.strong.empty() && strong.insert(piece.strong).second && strong_binding(piece.strong).is_disputed)
      return true;
    if (!piece.weak.empty() && weak.insert(piece.weak).second && weak_binding(piece.weak).is_disputed) return true;
  }
  return false;
}

void Pieces::move(const Piece& piece, const std::string& record) {
  sqlite::Statement update =
      database_.prepare("UPDATE base_piece SET record = ? WHERE kind = ? AND source = ? AND key = ?");
  update.bind(1, record).bind(2, kind_.id).bind(3, piece.source).bind(4, piece.key).run();
}

// A code that was in far too many rows before, and still is, binds as little as before: nothing to look at.
void Pieces::collect(std::string_view sql, const std::string& code, std::size_t rows, std::vector<Piece>& found) {
  const std::size_t limit = static_cast<std::size_t>(max_of_code) + rows + 1;
  sqlite::Statement query = database_.prepare(sql);
  query.bind(1, kind_.id).bind(2, code).bind(3, static_cast<std::int64_t>(limit));
  std::vector<Piece> pieces;
  while (query.step()) pieces.push_back(piece_in(query));
  if (pieces.size() < limit) found.insert(found.end(), pieces.begin(), pieces.end());
}

std::vector<Piece> Pieces::around(const std::set<std::string>& strong, const std::set<std::string>& weak,
                                  std::size_t rows) {
  std::vector<Piece> near;
  for (const std::string& code : strong) collect(pieces_by_strong, code, rows, near);
  for (const std::string& code : weak) collect(pieces_by_weak, code, rows, near);
  // Rows that reach a strong code only through the partner of their weak one.
  std::set<std::string> next_weak;
  for (const Piece& piece : near)
    if (!piece.weak.empty() && weak.count(piece.weak) == 0) next_weak.insert(piece.weak);
  for (const std::string& code : next_weak) collect(pieces_by_weak, code, rows, near);
  return near;
}

std::vector<Piece> Pieces::page(std::string_view source, std::string_view key, std::size_t size) {
  sqlite::Statement query = database_.prepare(piece_page);
  query.bind(1, kind_.id).bind(2, source).bind(3, key).bind(4, static_cast<std::int64_t>(size));
  std::vector<Piece> found;
  while (query.step()) found.push_back(piece_in(query));
  return found;
}

}  // namespace qianzhi::desk::records

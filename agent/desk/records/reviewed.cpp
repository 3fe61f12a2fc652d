#include "agent/desk/records/reviewed.h"

#include <optional>
#include <string>
#include <string_view>

#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::desk::records {

namespace {

constexpr std::string_view reviewed_mark = "reviewed";

// "row:KIND:SOURCE:KEY", as Pieces names what is alone.
struct RowName {
  std::string kind;
  std::string source;
  std::string key;
};

std::optional<RowName> row_in(std::string_view record) {
  if (record.substr(0, 4) != "row:") return std::nullopt;
  const std::size_t kind = record.find(':', 4);
  const std::size_t source = kind == record.npos ? record.npos : record.find(':', kind + 1);
  if (source == record.npos) return std::nullopt;
  return RowName{std::string(record.substr(4, kind - 4)), std::string(record.substr(kind + 1, source - kind - 1)),
                 std::string(record.substr(source + 1))};
}

// "org:CODE", "reg:NUMBER", "id:NUMBER".
std::string code_in(std::string_view record) {
  const std::size_t colon = record.find(':');
  return colon == record.npos ? std::string() : std::string(record.substr(colon + 1));
}

}  // namespace

void Reviewed::carry_out(const match::DecidedPair& pair, Micros now) {
  const std::optional<RowName> left = row_in(pair.left);
  const std::optional<RowName> right = row_in(pair.right);
  if (left.has_value() == right.has_value()) {
    if (pair.decision.is_same) throw Error(ErrorKind::rejected, "QZ-DSK-206", "a code is needed on one side");
    return;
  }
  const RowName& row = left ? *left : *right;
  const std::string code = code_in(left ? pair.right : pair.left);
  if (pair.decision.is_same) return records_.link(row.kind, row.source, row.key, code, pair.decision.who, now);
  // Another decision may have linked the row to somebody else.
  bool is_linked = false;
  {
    sqlite::Statement link = database_.prepare(
        "SELECT 1 FROM base_link WHERE kind = ?1 AND source = ?2 AND key = ?3 AND (strong = ?4 OR weak = ?4)");
    is_linked = link.bind(1, row.kind).bind(2, row.source).bind(3, row.key).bind(4, code).step();
  }
  if (is_linked) records_.link(row.kind, row.source, row.key, "", pair.decision.who, now);
}

std::uint64_t Reviewed::run(Micros now, std::size_t limit) {
  std::int64_t event = 0;
  {
    sqlite::Statement mark = database_.prepare("SELECT value FROM base_mark WHERE name = ?1");
    if (mark.bind(1, reviewed_mark).step()) event = mark.integer(0);
  }
  const std::vector<match::DecidedPair> pairs = decisions_.changed_since(event, limit);
  for (const match::DecidedPair& pair : pairs) try {
      carry_out(pair, now);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::rejected && error.kind() != ErrorKind::misuse) throw;
      log("desk matches", error);
    }
  if (pairs.empty()) return 0;
  database_.prepare("INSERT OR REPLACE INTO base_mark VALUES(?1, ?2)").bind(1, reviewed_mark).bind(2, event).run();
  return pairs.size();
}

}  // namespace qianzhi::desk::records

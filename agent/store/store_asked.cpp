// What was asked for request tables, and how much of it is told there.
#include "agent/store/store_state.h"

namespace qianzhi::store {

void StoreTransaction::put_asked(std::string_view name, std::string_view inquiry, const std::vector<Bytes>& tags) {
  for (const Bytes& tag : tags)
    database_.prepare("INSERT INTO asked(name, tag, inquiry) VALUES(?, ?, ?)")
        .bind(1, name)
        .bind_blob(2, tag)
        .bind_blob(3, inquiry)
        .run();
  database_.prepare("INSERT INTO asked_round(inquiry, name, told, done) VALUES(?, ?, -1, 0)")
      .bind_blob(1, inquiry)
      .bind(2, name)
      .run();
}

void StoreTransaction::put_told(std::string_view inquiry, std::int64_t told, bool done) {
  database_.prepare("UPDATE asked_round SET told = ?, done = ? WHERE inquiry = ?")
      .bind(1, told)
      .bind(2, done ? 1 : 0)
      .bind_blob(3, inquiry)
      .run();
}

std::optional<Bytes> Store::asked(std::string_view name, std::string_view tag) const {
  const std::lock_guard lock(state_->read_mutex);
  auto row = state_->reader->prepare("SELECT inquiry FROM asked WHERE name = ? AND tag = ?");
  row.bind(1, name).bind_blob(2, tag);
  if (!row.step()) return std::nullopt;
  return row.text(0);
}

std::vector<Bytes> Store::untold(std::string_view name, std::size_t limit) const {
  const std::lock_guard lock(state_->read_mutex);
  std::vector<Bytes> inquiries;
  auto rows = state_->reader->prepare(
      "SELECT inquiry FROM asked_round WHERE name = ?1 AND done = 0 AND told <> (SELECT count(*) FROM request WHERE "
      "request.inquiry = asked_round.inquiry AND +ours = 1 AND +state IN (2, 3, 4)) LIMIT ?2");
  rows.bind(1, name).bind(2, static_cast<std::int64_t>(limit));
  while (rows.step()) inquiries.push_back(rows.text(0));
  return inquiries;
}

std::vector<KeptInquiry> Store::inquiries_of(std::string_view name, std::size_t limit) const {
  const std::lock_guard lock(state_->read_mutex);
  auto rows = state_->reader->prepare(
      "SELECT inquiry.id, inquiry.made, inquiry.deadline FROM asked_round JOIN inquiry ON inquiry.id = "
      "asked_round.inquiry WHERE asked_round.name = ?1 AND asked_round.done = 0 ORDER BY inquiry.made DESC, inquiry.id "
      "LIMIT ?2");
  rows.bind(1, name).bind(2, static_cast<std::int64_t>(limit));
  std::vector<KeptInquiry> all;
  while (rows.step()) all.push_back({rows.text(0), rows.integer(1), rows.integer(2), {}});
  return all;
}

}  // namespace qianzhi::store

// Requests asked by us and of us.
#include "agent/store/store_state.h"

namespace qianzhi::store {

namespace {

constexpr std::string_view request_columns =
    "SELECT id, ours, peer, service, state, inquiry, questions, made, deadline, digest, ask, answer, code, settled "
    "FROM "
    "request ";

constexpr std::string_view light_columns =
    "SELECT id, ours, peer, service, state, inquiry, questions, made, deadline, digest, x'', x'', code, settled FROM "
    "request ";

KeptRequest read_request(const sqlite::Statement& row) {
  KeptRequest request;
  request.id = row.text(0);
  request.is_ours = row.integer(1) != 0;
  request.peer = row.text(2);
  request.service = row.text(3);
  request.state = static_cast<RequestState>(row.integer(4));
  request.inquiry = row.text(5);
  request.questions = static_cast<std::uint32_t>(row.integer(6));
  request.made = row.integer(7);
  request.deadline = row.integer(8);
  request.digest = Digest::from_bytes(row.view(9));
  request.ask = row.text(10);
  request.answer = row.text(11);
  request.code = row.text(12);
  request.settled = row.integer(13);
  return request;
}

std::optional<KeptRequest> find_request(sqlite::Database& database, bool is_ours, std::string_view peer,
                                        std::string_view id) {
  auto found = database.prepare(std::string(request_columns) + "WHERE ours = ?1 AND peer = ?2 AND id = ?3");
  found.bind(1, is_ours ? 1 : 0).bind(2, peer).bind_blob(3, id);
  if (!found.step()) return std::nullopt;
  return read_request(found);
}

std::string inquiry_label(std::string_view id) { return "inquiry/" + to_hex(id); }

}  // namespace

std::optional<KeptRequest> StoreTransaction::request(bool is_ours, std::string_view peer, std::string_view id) {
  return find_request(database_, is_ours, peer, id);
}

void StoreTransaction::put_request(const KeptRequest& request) {
  database_
      .prepare(
          "INSERT OR REPLACE INTO request(id, ours, peer, service, state, inquiry, questions, made, deadline, "
          "digest, ask, answer, code, settled) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind_blob(1, request.id)
      .bind(2, request.is_ours ? 1 : 0)
      .bind(3, request.peer)
      .bind(4, request.service)
      .bind(5, static_cast<int>(request.state))
      .bind_blob(6, request.inquiry)
      .bind(7, static_cast<std::int64_t>(request.questions))
      .bind(8, request.made)
      .bind(9, request.deadline)
      .bind_blob(10, request.digest.bytes())
      .bind_blob(11, request.ask)
      .bind_blob(12, request.answer)
      .bind(13, request.code)
      .bind(14, request.settled)
      .run();
}

void StoreTransaction::put_inquiry(const KeptInquiry& inquiry) {
  database_.prepare("INSERT OR REPLACE INTO inquiry(id, made, deadline, content) VALUES(?, ?, ?, ?)")
      .bind_blob(1, inquiry.id)
      .bind(2, inquiry.made)
      .bind(3, inquiry.deadline)
      .bind_blob(4, inquiry.content)
      .run();
}

// The signs name the index: by the end of what is open, or by whose request it is.
std::uint64_t StoreTransaction::expire_requests(Micros now, Micros forget_before) {
  database_.prepare("UPDATE request SET state = ?1, settled = ?2 WHERE +ours = 1 AND state IN (0, 1) AND deadline < ?2")
      .bind(1, static_cast<int>(RequestState::expired))
      .bind(2, now)
      .run();
  auto changed = static_cast<std::uint64_t>(database_.changes());
  database_.prepare("UPDATE request SET state = ?1, settled = ?2 WHERE +ours = 0 AND state IN (8, 9) AND deadline < ?2")
      .bind(1, static_cast<int>(RequestState::missed))
      .bind(2, now)
      .run();
  database_
      .prepare(
          "UPDATE request INDEXED BY request_asked SET ask = x'', answer = x'' WHERE ours = 0 AND length(ask) > 0 AND "
          "state IN (10, 11) AND deadline < ?1")
      .bind(1, now)
      .run();
  changed += static_cast<std::uint64_t>(database_.changes());
  database_.prepare("DELETE FROM request WHERE ours = 0 AND deadline < ?1").bind(1, now - shown_after_deadline).run();
  database_.prepare("DELETE FROM request WHERE ours = 1 AND deadline < ?1").bind(1, forget_before).run();
  for (const char* table : {"asked", "asked_round"})
    database_
        .prepare("DELETE FROM " + std::string(table) + " WHERE inquiry IN (SELECT id FROM inquiry WHERE deadline < ?1)")
        .bind(1, forget_before)
        .run();
  database_.prepare("DELETE FROM inquiry WHERE deadline < ?1").bind(1, forget_before).run();
  return changed;
}

KeptInquiry Store::lock(KeptInquiry inquiry) const {
  inquiry.content = state_->vault.lock(inquiry.content, inquiry_label(inquiry.id));
  return inquiry;
}

std::optional<KeptInquiry> Store::inquiry(std::string_view id) const {
  std::optional<KeptInquiry> inquiry;
  {
    const std::lock_guard lock(state_->read_mutex);
    auto found = state_->reader->prepare("SELECT id, made, deadline, content FROM inquiry WHERE id = ?");
    found.bind_blob(1, id);
    if (found.step()) inquiry = {found.text(0), found.integer(1), found.integer(2), found.text(3)};
  }
  if (inquiry) inquiry->content = state_->vault.open(inquiry->content, inquiry_label(inquiry->id));
  return inquiry;
}

std::vector<KeptInquiry> Store::inquiries(std::size_t limit) const {
  const std::lock_guard lock(state_->read_mutex);
  std::vector<KeptInquiry> all;
  auto rows = state_->reader->prepare("SELECT id, made, deadline FROM inquiry ORDER BY made DESC, id LIMIT ?");
  rows.bind(1, static_cast<std::int64_t>(limit));
  while (rows.step()) all.push_back({rows.text(0), rows.integer(1), rows.integer(2), {}});
  return all;
}

std::optional<KeptRequest> Store::request(bool is_ours, std::string_view peer, std::string_view id) const {
  const std::lock_guard lock(state_->read_mutex);
  return find_request(*state_->reader, is_ours, peer, id);
}

std::vector<KeptRequest> Store::requests(RequestState state, std::size_t max_octets) const {
  const std::lock_guard lock(state_->read_mutex);
  std::vector<KeptRequest> all;
  auto rows = state_->reader->prepare(std::string(request_columns) + "WHERE state = ? ORDER BY made, id");
  rows.bind(1, static_cast<int>(state));
  for (std::size_t octets = 0; (all.empty() || octets < max_octets) && rows.step();) {
    all.push_back(read_request(rows));
    octets += all.back().ask.size() + all.back().answer.size();
  }
  return all;
}

std::vector<KeptRequest> Store::newest_requests(RequestState state, std::size_t limit) const {
  const std::lock_guard lock(state_->read_mutex);
  std::vector<KeptRequest> all;
  auto rows = state_->reader->prepare(std::string(light_columns) + "WHERE state = ?1 ORDER BY made DESC LIMIT ?2");
  rows.bind(1, static_cast<int>(state)).bind(2, static_cast<std::int64_t>(limit));
  while (rows.step()) all.push_back(read_request(rows));
  return all;
}

bool Store::any_request(RequestState state, const std::function<bool(const KeptRequest&)>& is_it) const {
  const std::lock_guard lock(state_->read_mutex);
  auto rows = state_->reader->prepare(std::string(request_columns) + "WHERE state = ? ORDER BY made, id");
  rows.bind(1, static_cast<int>(state));
  while (rows.step())
    if (is_it(read_request(rows))) return true;
  return false;
}

std::vector<KeptRequest> Store::requests_to_answer(const std::function<bool(const KeptRequest&)>& wanted,
                                                   std::size_t max_octets) const {
  const std::lock_guard lock(state_->read_mutex);
  std::vector<KeptRequest> all;
  auto rows = state_->reader->prepare(std::string(light_columns) + "WHERE state = ? ORDER BY made, id");
  rows.bind(1, static_cast<int>(RequestState::to_answer));
  for (std::size_t octets = 0; (all.empty() || octets < max_octets) && rows.step();) {
    const KeptRequest seen = read_request(rows);
    if (!wanted(seen)) continue;
    if (auto whole = find_request(*state_->reader, false, seen.peer, seen.id)) {
      octets += whole->ask.size();
      all.push_back(std::move(*whole));
    }
  }
  return all;
}

std::vector<KeptRequest> Store::requests_of(std::string_view inquiry, bool with_content) const {
  const std::lock_guard lock(state_->read_mutex);
  std::vector<KeptRequest> all;
  // The signs keep the planner from walking every request of ours in the order that is asked for.
  auto rows = state_->reader->prepare(std::string(with_content ? request_columns : light_columns) +
                                      "WHERE inquiry = ? AND +ours = 1 ORDER BY +peer");
  rows.bind_blob(1, inquiry);
  while (rows.step()) all.push_back(read_request(rows));
  return all;
}

bool Store::has_expired_requests(Micros now, Micros forget_before) const {
  const std::lock_guard lock(state_->read_mutex);
  auto row = state_->reader->prepare(
      "SELECT 1 FROM request WHERE state IN (0, 1) AND deadline < ?1 UNION ALL "
      "SELECT 1 FROM request INDEXED BY request_asked WHERE ours = 0 AND length(ask) > 0 AND deadline < ?1 UNION ALL "
      "SELECT 1 FROM request WHERE ours IN (0, 1) AND deadline < ?2 UNION ALL "
      "SELECT 1 FROM request WHERE ours = 0 AND deadline < ?3 UNION ALL "
      "SELECT 1 FROM inquiry WHERE deadline < ?2 LIMIT 1");
  return row.bind(1, now).bind(2, forget_before).bind(3, now - shown_after_deadline).step();
}

std::uint64_t Store::open_requests(bool is_ours) const {
  const std::lock_guard lock(state_->read_mutex);
  auto row = state_->reader->prepare(is_ours ? "SELECT count(*) FROM request WHERE state IN (0, 1)"
                                             : "SELECT count(*) FROM request WHERE state IN (8, 9)");
  return row.step() ? row.number(0) : 0;
}

}  // namespace qianzhi::store

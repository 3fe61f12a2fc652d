#include "hub-protocol/audit/audit_log.h"

#include "hub-protocol/audit/audit.pb.h"
#include "hub-protocol/seal/digest.h"

namespace qianzhi::audit {

namespace {

constexpr std::size_t text_limit = 4'000;
constexpr std::string_view cut_mark = " …";

// At a character's border, so that it stays UTF-8.
std::string cut(std::string_view text) {
  if (text.size() <= text_limit) return std::string(text);
  std::size_t end = text_limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end)) + std::string(cut_mark);
}

EntryMessage message_of(const Entry& entry, Micros now) {
  EntryMessage message;
  message.set_time(now);
  message.set_actor_kind(static_cast<std::uint32_t>(entry.actor.kind));
  message.set_actor(cut(entry.actor.name));
  message.set_action(cut(entry.action));
  message.set_subject(cut(entry.subject));
  message.set_outcome(cut(entry.outcome));
  message.set_purpose(cut(entry.purpose));
  message.set_basis(cut(entry.basis));
  for (const auto& [name, value] : entry.details) {
    DetailMessage* detail = message.add_details();
    detail->set_name(cut(name));
    detail->set_value(cut(value));
  }
  return message;
}

}  // namespace

void create(sqlite::Database& database) {
  database.execute(
      "CREATE TABLE IF NOT EXISTS audit("
      "sequence INTEGER PRIMARY KEY, time INTEGER NOT NULL, body BLOB NOT NULL, digest BLOB NOT NULL) STRICT");
}

std::uint64_t append(sqlite::Database& database, DigestSuite suite, const Entry& entry, Micros now) {
  EntryMessage message = message_of(entry, now);
  std::uint64_t sequence = 1;
  {
    sqlite::Statement last = database.prepare("SELECT sequence, digest FROM audit ORDER BY sequence DESC LIMIT 1");
    if (last.step()) {
      sequence = last.number(0) + 1;
      message.set_previous(last.text(1));
    }
  }
  message.set_sequence(sequence);
  const Bytes body = message.SerializeAsString();
  sqlite::Statement insert = database.prepare("INSERT INTO audit VALUES(?, ?, ?, ?)");
  insert.bind(1, sequence).bind(2, now).bind_blob(3, body).bind_blob(4, seal::digest_of(body, suite).bytes()).run();
  return sequence;
}

}  // namespace qianzhi::audit

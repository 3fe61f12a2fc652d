#include "hub-protocol/audit/audit_log.h"

#include <algorithm>

#include "hub-protocol/audit/audit.pb.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/digest.h"

namespace qianzhi::audit {

namespace {

constexpr std::size_t text_limit = 4'000;
constexpr std::string_view cut_mark = " …";

// Octets of the character that begins here; 0 if none does.
std::size_t character(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  const std::size_t size = first < 0x80   ? 1
                           : first < 0xC2 ? 0
                           : first < 0xE0 ? 2
                           : first < 0xF0 ? 3
                           : first < 0xF5 ? 4
                                          : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((at(i) & 0xC0U) != 0x80U) return 0;
  const bool too_long = (first == 0xE0 && at(1) < 0xA0) || (first == 0xF0 && at(1) < 0x90);
  const bool no_character = (first == 0xED && at(1) > 0x9F) || (first == 0xF4 && at(1) > 0x8F);
  return too_long || no_character ? 0 : size;
}

// Some of it is what others sent: an entry that is not UTF-8 could not be read any more.
std::string clean(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t size = character(text);
    if (size == 0) out.push_back('?');
    out.append(text.substr(0, size));
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

// At a character's border, so that it stays UTF-8.
std::string cut(std::string_view whole) {
  std::string text = clean(whole.substr(0, text_limit + 4));
  if (text.size() <= text_limit) return text;
  std::size_t end = text_limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + std::string(cut_mark);
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
      "sequence INTEGER PRIMARY KEY, time INTEGER NOT NULL, body BLOB NOT NULL, digest BLOB NOT NULL) STRICT; "
      "CREATE TABLE IF NOT EXISTS checkpoint("
      "sequence INTEGER PRIMARY KEY, time INTEGER NOT NULL, octets BLOB NOT NULL) STRICT; "
      "CREATE TABLE IF NOT EXISTS audit_note(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID");
}

std::string_view name_of(ActorKind kind) {
  static constexpr std::string_view names[] = {"hub", "operator", "agent", "unknown"};
  return names[static_cast<std::size_t>(kind)];
}

std::string text_of(const Actor& actor) {
  return actor.name.empty() ? std::string(name_of(actor.kind)) : std::string(name_of(actor.kind)) + ":" + actor.name;
}

Stored read_entry(std::string_view octets) {
  EntryMessage message;
  const bool is_read = message.ParseFromArray(octets.data(), static_cast<int>(octets.size()));
  const std::size_t previous = message.previous().size();
  if (!is_read || message.sequence() == 0 || message.actor_kind() > static_cast<std::uint32_t>(ActorKind::unknown) ||
      (previous != 0 && previous != Digest::size))
    throw Error(ErrorKind::corrupt, "QZ-SEAL-086", "an audit entry");
  Stored stored{message.sequence(), message.time(), Digest::from_bytes(message.previous()), {}};
  Entry& entry = stored.entry;
  entry.actor = {static_cast<ActorKind>(message.actor_kind()), message.actor()};
  entry.action = message.action();
  entry.subject = message.subject();
  entry.outcome = message.outcome();
  entry.purpose = message.purpose();
  entry.basis = message.basis();
  for (const DetailMessage& detail : message.details()) entry.details.emplace_back(detail.name(), detail.value());
  return stored;
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

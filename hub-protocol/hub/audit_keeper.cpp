#include "hub-protocol/hub/audit_keeper.h"

#include <unistd.h>

#include "hub-protocol/audit/trail.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::hub {

namespace {

constexpr std::uint64_t most_unsigned = 1'000;      // entries
constexpr Micros longest_unsigned = 3'600'000'000;  // an hour
constexpr std::size_t detail_limit = 200;           // of what a stranger made us say

}  // namespace

AuditKeeper::AuditKeeper(registry::Registry& registry, const seal::SigningKey& hub_key, const Clock& clock,
                         AuditPlan plan)
    : registry_(registry), hub_key_(hub_key), clock_(clock), plan_(std::move(plan)), syslog_(plan_.syslog) {
  tally({{}, "hub.start", "", "", "", "", {{"version", QIANZHI_VERSION}}});
}

AuditKeeper::~AuditKeeper() {
  tally({{}, "hub.end", "", ""});
  try {
    flush();
  } catch (const Error& error) {
    log("audit", error);
  }
}

void AuditKeeper::tally(const audit::Entry& entry) { tally_.add(entry, clock_.now(), clock_.steady()); }

void AuditKeeper::refused(const std::string& address, const Error& reason) {
  log("hub " + address, reason);
  // Somebody who went away, or a hub that cannot now: nobody was refused.
  if (reason.kind() == ErrorKind::unavailable) return;
  tally({{audit::ActorKind::unknown, address},
         "call.refuse",
         "",
         reason.code(),
         "",
         "",
         {{"detail", reason.detail().substr(0, detail_limit)}}});
}

void AuditKeeper::enter(const std::vector<audit::Entry>& entries) {
  const std::lock_guard guard(lock_);
  if (entries.empty() && lost_ == 0) return;
  try {
    registry_.work([&](sqlite::Database& database) {
      const DigestSuite suite = hub_key_.record().suite;
      if (lost_ != 0)
        audit::append(database, suite, {{}, "audit.loss", "", "", "", "", {{"entries", std::to_string(lost_)}}},
                      clock_.now());
      for (const audit::Entry& entry : entries) audit::append(database, suite, entry, clock_.now());
    });
    lost_ = 0;
    failure_.clear();
  } catch (const Error& error) {
    lost_ += entries.size();
    failure_ = error.what();
    throw;
  }
}

void AuditKeeper::tend() {
  try {
    enter(tally_.take(clock_.steady(), false));
    sign_if_due();
    forward();
    forget_if_due();
  } catch (const Error& error) {
    log("audit", error);
  }
}

void AuditKeeper::enter_now(const std::vector<audit::Entry>& entries) {
  const DigestSuite suite = hub_key_.record().suite;
  registry_.work([&](sqlite::Database& database) {
    for (const audit::Entry& entry : entries) audit::append(database, suite, entry, clock_.now());
  });
}

void AuditKeeper::flush() { enter(tally_.take(clock_.steady(), true)); }

void AuditKeeper::sign_if_due() {
  registry_.work([&](sqlite::Database& database) {
    const auto newest = database.scalar("SELECT max(sequence) FROM audit").value_or(0);
    const auto signed_through = database.scalar("SELECT max(sequence) FROM checkpoint").value_or(0);
    if (newest <= signed_through) return;
    const auto unsigned_entries = static_cast<std::uint64_t>(newest - signed_through);
    sqlite::Statement oldest = database.prepare("SELECT min(time) FROM audit WHERE sequence > ?");
    oldest.bind(1, signed_through);
    const bool is_old = oldest.step() && clock_.now() - oldest.integer(0) >= longest_unsigned;
    if (unsigned_entries >= most_unsigned || is_old) audit::sign_trail(database, hub_key_, clock_.now());
  });
}

// The trail is the queue: nothing is lost while the collector is away, and the hub never waits for it.
void AuditKeeper::forward() {
  if (!plan_.syslog.is_set()) return;
  char host[256] = "";
  ::gethostname(host, sizeof host - 1);
  registry_.work([&](sqlite::Database& database) {
    const std::uint64_t done = audit::noted(database, audit::forwarded_through);
    audit::Filter filter;
    filter.after = done;
    std::uint64_t last = done;
    for (const audit::Line& line : audit::read_page(database, filter).lines) {
      if (!syslog_.send(audit::to_syslog(line, host))) break;
      last = line.stored.sequence;
    }
    if (last != done) audit::note(database, audit::forwarded_through, last);
  });
}

void AuditKeeper::forget_if_due() {
  const Micros now = clock_.steady();
  if (looked_ != 0 && now - looked_ < longest_unsigned) return;
  looked_ = now;
  registry_.work([&](sqlite::Database& database) {
    const std::uint64_t gone = audit::forget(database, clock_.now() - plan_.keep);
    if (gone == 0) return;
    audit::append(database, hub_key_.record().suite,
                  {{}, "audit.forget", "", "", "", "", {{"entries", std::to_string(gone)}}}, clock_.now());
  });
}

audit::Checkpoint AuditKeeper::checkpoint() {
  flush();
  std::optional<audit::Checkpoint> newest;
  registry_.work([&](sqlite::Database& database) {
    newest = audit::sign_trail(database, hub_key_, clock_.now());
    if (!newest) newest = audit::newest_checkpoint(database, hub_key_.record().suite);
  });
  QZ_ASSERT(newest.has_value());
  log(LogLevel::notice, "audit", "checkpoint " + std::to_string(newest->sequence) + " " + newest->digest.hex());
  return *newest;
}

std::string AuditKeeper::status_text() {
  std::string text;
  registry_.work([&](sqlite::Database& database) {
    const auto number = [&](std::string_view sql) { return std::to_string(database.scalar(sql).value_or(0)); };
    text = "审计 audit  条目 entries " + number("SELECT max(sequence) - min(sequence) + 1 FROM audit") +
           "  末条 newest " + number("SELECT max(sequence) FROM audit") + "  已签至 signed through " +
           number("SELECT max(sequence) FROM checkpoint") + "  已导出至 exported through " +
           std::to_string(audit::noted(database, audit::exported_through)) + "  文件 file KiB " +
           std::to_string(database.scalar("PRAGMA page_count").value_or(0) * 8) + "\n";
    sqlite::Statement old = database.prepare("SELECT 1 FROM audit WHERE sequence > ? AND time < ? LIMIT 1");
    old.bind(1, audit::noted(database, audit::exported_through)).bind(2, clock_.now() - plan_.keep);
    if (old.step())
      text += "  有到期条目尚未导出 entries past their time were never exported: qianzhi-hub evidence DIR\n";
    const std::uint64_t forwarded = audit::noted(database, audit::forwarded_through);
    if (plan_.syslog.is_set()) text += "  syslog 已送至 sent through " + std::to_string(forwarded) + "\n";
  });
  const std::lock_guard guard(lock_);
  if (!failure_.empty())
    text += "  审计写不进去 THE AUDIT TRAIL CANNOT BE WRITTEN: " + failure_ + "  " + std::to_string(lost_) + "\n";
  return text;
}

}  // namespace qianzhi::hub

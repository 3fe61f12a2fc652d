#include "hub-protocol/hub/evidence.h"

#include <algorithm>
#include <system_error>

#include "hub-protocol/audit/audit.pb.h"
#include "hub-protocol/audit/directory_history.h"
#include "hub-protocol/audit/evidence_file.h"
#include "hub-protocol/audit/trail.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/audit_keeper.h"
#include "hub-protocol/hub/ledger_sums.h"
#include "hub-protocol/seal/digest.h"
#include "hub-protocol/service/process.h"
#include "hub-protocol/wire/exchange.pb.h"

namespace qianzhi::hub {

namespace {

namespace fs = std::filesystem;
constexpr Days ever{-1'000'000, 1'000'000};

void make_folder(const fs::path& to) {
  std::error_code failed;
  if (to.is_absolute()) fs::create_directories(to, failed);
  if (!to.is_absolute() || failed || !fs::is_empty(to, failed) || failed)
    throw Error(ErrorKind::misuse, "QZ-HUB-241", to.string());
  fs::permissions(to, fs::perms::owner_all, failed);
}

audit::LedgerMessage message_of(const AcceptedLine& line) {
  audit::LedgerMessage message;
  message.set_day(line.day);
  message.set_agent(line.stream.agent);
  message.set_topic(line.stream.topic);
  message.set_sender_department(line.department);
  message.set_is_refill(line.is_refill);
  message.set_batches(line.batches);
  message.set_upserts(line.rows.upserts);
  message.set_removes(line.rows.removes);
  message.set_withheld(line.rows.withheld);
  return message;
}

audit::LedgerMessage message_of(const AppliedLine& line) {
  audit::LedgerMessage message;
  message.set_day(line.day);
  message.set_agent(line.stream.agent);
  message.set_topic(line.stream.topic);
  message.set_sender_department(line.sender_department);
  message.set_is_applied(true);
  message.set_upserts(line.upserted);
  message.set_removes(line.removed);
  message.set_subscriber(line.subscriber);
  message.set_department(line.department);
  message.set_begun(line.begun);
  message.set_receipt(line.receipt);
  return message;
}

audit::LedgerHeadMessage head_of(const Exchange& exchange, const Ledger& whole, Days days) {
  audit::LedgerHeadMessage head;
  head.set_first_day(days.first);
  head.set_end_day(days.end);
  const auto outside = [&](const auto& line) { return line.day < days.first || line.day >= days.end; };
  head.set_is_whole(std::none_of(whole.accepted.begin(), whole.accepted.end(), outside) &&
                    std::none_of(whole.applied.begin(), whole.applied.end(), outside));
  for (const StreamStatus& status : exchange.status()) {
    audit::StreamHeadMessage& stream = *head.add_heads();
    stream.set_agent(status.stream.agent);
    stream.set_topic(status.stream.topic);
    stream.set_epoch(status.head.position.epoch);
    stream.set_sequence(status.head.position.sequence);
  }
  return head;
}

// Returns the digest that the trail names: of the records' digests in their order.
Digest write_ledger(Office& office, const fs::path& file, const audit::LedgerHeadMessage& head, const Ledger& ledger) {
  audit::EvidenceWriter out(file);
  Bytes digests;
  const auto add = [&](const Bytes& octets) {
    out.add(octets);
    digests += seal::digest_of(octets, office.suite).bytes();
  };
  add(head.SerializeAsString());
  for (const AcceptedLine& line : ledger.accepted) add(message_of(line).SerializeAsString());
  for (const AppliedLine& line : ledger.applied) add(message_of(line).SerializeAsString());
  out.finish();
  return seal::digest_of(digests, office.suite);
}

// A checkpoint before the days stands for all that lies before it.
std::uint64_t anchor_of(sqlite::Database& database, Micros from) {
  sqlite::Statement young = database.prepare(
      "SELECT max(c.sequence) FROM checkpoint c WHERE c.sequence < "
      "ifnull((SELECT min(sequence) FROM audit WHERE time >= ?), 0)");
  young.bind(1, from);
  const std::uint64_t anchor = young.step() && !young.is_null(0) ? young.number(0) : 0;
  sqlite::Statement oldest = database.prepare("SELECT ifnull(min(sequence), 1) - 1 FROM audit");
  return oldest.step() ? std::max(anchor, oldest.number(0)) : anchor;
}

void write_entries(Office& office, const fs::path& to, std::uint64_t anchor, std::uint64_t last) {
  audit::EvidenceWriter entries(to / audit::entries_name);
  audit::EvidenceWriter checkpoints(to / audit::checkpoints_name);
  std::vector<audit::Line> lines;
  audit::Filter filter;
  filter.after = anchor;
  for (bool more = true; more;) {
    office.registry.work([&](sqlite::Database& database) {
      audit::Page page = audit::read_page(database, filter);
      for (audit::Line& line : page.lines) {
        if (line.stored.sequence > last) break;
        entries.add(line.octets);
        lines.push_back(std::move(line));
      }
      filter.after = page.last;
      more = !page.is_end && page.last < last;
    });
  }
  office.registry.work([&](sqlite::Database& database) {
    auto row =
        database.prepare("SELECT octets FROM checkpoint WHERE sequence >= ? AND sequence <= ? ORDER BY sequence");
    row.bind(1, anchor).bind(2, last);
    while (row.step()) checkpoints.add(row.view(0));
  });
  entries.finish();
  checkpoints.finish();
  service::write_whole(to / "audit.csv", audit::to_csv(lines));
}

void write_history(Office& office, const fs::path& to) {
  audit::EvidenceWriter roots(to / audit::roots_name);
  audit::EvidenceWriter parts(to / audit::parts_name);
  office.registry.work([&](sqlite::Database& database) {
    audit::each_root(database, [&](std::string_view octets) { roots.add(octets); });
    audit::each_part(database, [&](std::string_view octets) { parts.add(octets); });
  });
  roots.finish();
  parts.finish();
}

void write_plain(Office& office, const fs::path& to, std::uint64_t last) {
  office.registry.work([&](sqlite::Database& database) {
    auto row = database.prepare("SELECT octets FROM checkpoint WHERE sequence = ?");
    row.bind(1, last);
    if (!row.step()) return;
    const audit::PlainSignature plain = audit::plain_signature(row.view(0));
    service::write_whole(to / "last.signed", plain.signed_octets);
    service::write_whole(to / "last.signature", plain.signature);
  });
  service::write_whole(to / "hub.pub.pem", seal::public_pem(office.exchange.current_directory()->hub_key));
}

}  // namespace

EvidenceReport write_evidence(Office& office, const audit::Actor& actor, const fs::path& to, Days days) {
  QZ_ASSERT(office.keeper != nullptr);
  make_folder(to);
  const Ledger whole = office.exchange.ledger(ever);
  const Ledger ledger = office.exchange.ledger(days);
  const Digest digest = write_ledger(office, to / audit::ledger_name, head_of(office.exchange, whole, days), ledger);
  service::write_whole(to / "ledger.csv",
                       to_csv(sum_up(ledger, {days, "", "", "", {"day", "topic", "sender", "receiver"}})));
  office.keeper->flush();
  office.registry.note({actor,
                        "evidence.export",
                        to.string(),
                        "",
                        "",
                        "",
                        {{"from", date_text(days.first)}, {"to", date_text(days.end - 1)}, {"ledger", digest.hex()}}});
  const audit::Checkpoint checkpoint = office.keeper->checkpoint();
  EvidenceReport report;
  report.last = checkpoint.sequence;
  report.lines = ledger.accepted.size() + ledger.applied.size();
  std::uint64_t anchor = 0;
  office.registry.work([&](sqlite::Database& database) { anchor = anchor_of(database, begin_of(days.first)); });
  report.first = anchor + 1;
  write_entries(office, to, anchor, report.last);
  write_history(office, to);
  write_plain(office, to, report.last);
  const wire::DirectoryReply directory = office.exchange.whole_directory();
  report.with_directory = directory.parts_size() != 0;
  if (report.with_directory) service::write_whole(to / "directory.qzd", directory.SerializeAsString());
  office.registry.work([&](sqlite::Database& database) {
    const std::uint64_t before = audit::noted(database, audit::exported_through);
    if (anchor <= before) audit::note(database, audit::exported_through, std::max(before, report.last));
  });
  return report;
}

}  // namespace qianzhi::hub

#include "tests/sim/witness.h"

#include <algorithm>

#include "adapters/sqlite/journal.h"
#include "agent/flow/mark.h"
#include "hub-protocol/seal/batch.h"
#include "hub-protocol/seal/receipt.h"
#include "hub-protocol/wire/values.h"
#include "tests/sim/world.h"

namespace qianzhi::sim {

namespace {

sqlite::Database open(const std::filesystem::path& file) {
  return {file, {sqlite::Access::read_write, false, {}, 5000}};
}

std::string area_of(const std::string& row) { return row.substr(row.rfind('|') + 1); }
std::string key_of(const std::string& row) { return row.substr(0, row.find('|')); }

std::string without_name(const std::string& row) { return key_of(row) + "|" + row.substr(row.rfind('|')); }

Bytes order_of(std::int64_t sequence) { return adapter::lite::position_of(sequence, {}).order; }

}  // namespace

void Witness::restored_hub() {
  hub_restored_ = true;
  ends_.clear();
  receipted_.clear();
}

void Witness::check_log() {
  if (!std::filesystem::exists(world_.hub_file())) return;
  sqlite::Database log = open(world_.hub_file());
  auto streams = log.prepare("SELECT id, agent, trimmed_digest FROM stream");
  while (streams.step()) {
    const std::string agent = streams.text(1);
    auto& [place, last] = ends_[streams.integer(0)];
    const bool first = place == 0;
    auto batches = log.prepare("SELECT place, octets FROM batch WHERE stream = ?1 AND place > ?2 ORDER BY place");
    batches.bind(1, streams.integer(0)).bind(2, place);
    bool unlinked = first && !Digest::from_bytes(streams.view(2)).is_zero();
    while (batches.step()) {
      const seal::Parsed batch = seal::Parsed::from(batches.view(1));
      if (batch.header().position.epoch != 1 && !agent_restored_ && !hub_restored_ && !key_revoked_)
        throw Violation("R5.3: " + agent + " opened a new epoch though every store is as it was");
      const auto [known, is_new] = accepted_.try_emplace({agent, batch.header().position}, batch.digest());
      if (!is_new && known->second != batch.digest() && !agent_restored_)
        throw Violation("check 1: " + agent + " " + to_text(batch.header().position) + " accepted with two digests");
      if (!unlinked && batch.header().previous != last)
        throw Violation("check 1: the chain of " + agent + " is broken at " + to_text(batch.header().position));
      const auto& provider = world_.departments.at(batch.header().stream.agent.substr(0, agent.rfind('-')));
      if (provider->is_running() && !agent_restored_ && !source_restored_ &&
          provider->store().checkpoint("source").order < batch.source_position()->order &&
          batch.header().kind == BatchKind::change)
        throw Violation("R2.4: " + agent + " sent a change beyond its stored checkpoint");
      unlinked = false;
      last = batch.digest();
      place = batches.integer(0);
      ++counts_.batches;
    }
  }
}

void Witness::check_receipt(const wire::Receipt& receipt) {
  wire::ReceiptBody body;
  if (!body.ParseFromString(receipt.body())) throw Violation("check 2: a receipt that cannot be read");
  const Head head = read_value(body.head());
  if (head.is_none()) return;
  sqlite::Database log = open(world_.hub_file());
  auto held =
      log.prepare("SELECT 1 FROM batch WHERE digest = ?1 UNION ALL SELECT 1 FROM stream WHERE trimmed_digest = ?1");
  held.bind_blob(1, head.digest.bytes());
  if (!held.step()) throw Violation("check 2: a receipt for " + to_text(head.position) + ", which is not in the log");
  ++counts_.receipts;
  receipted_[body.stream().agent() + "/" + body.stream().topic()] = head;
}

void Witness::check_receipted() {
  sqlite::Database log = open(world_.hub_file());
  for (const auto& [stream, head] : receipted_) {
    auto held = log.prepare(
        "SELECT 1 FROM batch WHERE digest = ?1 UNION ALL SELECT 1 FROM stream WHERE trimmed_digest = ?1 OR "
        "(trimmed_epoch, trimmed_sequence) > (?2, ?3)");
    held.bind_blob(1, head.digest.bytes()).bind(2, head.position.epoch).bind(3, head.position.sequence);
    if (!held.step()) throw Violation("A4: " + stream + " " + to_text(head.position) + " was receipted and is gone");
  }
}

void Witness::check_applied(const wire::Applied& applied) {
  wire::AppliedBody body;
  if (!body.ParseFromString(applied.body())) throw Violation("an apply receipt that cannot be read");
  const std::string department = body.subscriber().substr(0, body.subscriber().rfind('-'));
  applied_[department][body.stream().agent()] = read_value(body.mark()).position;
}

void Witness::check_page(const std::string& subscriber, const wire::Page& page) {
  const auto directory = directories_.find(page.directory_version());
  if (page.batches_size() == 0) return;
  if (directory == directories_.end()) throw Violation("check 5: a page under an unknown directory");
  const Entitlement granted = directory->second.entitlement(subscriber, page.stream().topic(), world_.clock.now());
  for (const std::string& octets : page.batches()) {
    const seal::Parsed batch = seal::Parsed::from(octets);
    if (batch.source_position()) throw Violation("check 5: a page tells the source position");
    for (const seal::GroupRows& group : batch.open().groups)
      if (granted.items_in(group.group).empty())
        throw Violation("check 5: group " + group.group + " for " + subscriber);
  }
  ++counts_.pages;
}

void Witness::check_forgotten(const Department& department) const {
  const SourcePosition checkpoint = department.store().checkpoint("source");
  if (agent_restored_ || source_restored_ || checkpoint.is_none()) return;
  sqlite::Database source = open(department.source_file);
  const std::string table = "qianzhi_" + department.id + "_01_source_forgotten";
  const std::int64_t forgotten = source.scalar("SELECT seq FROM \"" + table + "\"").value_or(0);
  if (checkpoint.order < order_of(forgotten))
    throw Violation("R2.4: the source of " + department.id + " forgot " + std::to_string(forgotten) +
                    ", beyond the stored checkpoint");
}

void Witness::note_exact_place(const Department& department) {
  if (sources_touched_.count(department.id) != 0) return;
  const auto state = department.store().stream("test.enterprise");
  // Capture passes the rows of a stopped publication; its cure sends them.
  if (!state || state->refill || !state->wanted.is_empty() || state->epoch_request || !state->stopped_code.empty())
    return;
  if (exact_.count({department.agent, state->last.digest}) != 0) return;
  sqlite::Database source = open(department.source_file);
  const auto newest =
      source.scalar("SELECT seq FROM sqlite_sequence WHERE name = 'qianzhi_" + department.id + "_01_source_journal'");
  if (department.store().checkpoint("source").order != order_of(newest.value_or(0))) return;
  std::vector<std::string> rows = department.source_rows();
  std::erase_if(rows, [&](const std::string& row) { return !state->area.contains(area_of(row)); });
  exact_.try_emplace({department.agent, state->last.digest}, std::move(rows));
}

void Witness::check_received(const Department& department, const Received& received) {
  if (touched_.count(department.id) != 0) return;
  const flow::MarkState mark = flow::decode_mark(received.state);
  const GroupSet granted = mark.scope.groups();
  for (const std::string& row : received.rows)
    if (!granted.contains(area_of(row)))
      throw Violation("R7.4: " + department.id + " holds a row of group " + area_of(row) + " beyond its mark's scope");
  const auto place = exact_.find({received.origin, received.head.digest});
  if (place == exact_.end()) return;
  const auto in_question = [&](const std::vector<std::string>& all) {
    std::vector<std::string> rows;
    for (const std::string& row : all) {
      const auto items = mark.scope.items_in(area_of(row));
      if (items.empty() || !mark.complete.contains(area_of(row)) || odd_keys_.count(key_of(row)) != 0) continue;
      rows.push_back(items.count("enterprise_name") != 0 ? row : without_name(row));
    }
    return rows;
  };
  const auto expected = in_question(place->second);
  const auto actual = in_question(received.rows);
  ++counts_.exact;
  if (expected == actual) return;
  std::vector<std::string> odd;
  std::set_symmetric_difference(expected.begin(), expected.end(), actual.begin(), actual.end(),
                                std::back_inserter(odd));
  throw Violation("check 3: " + department.id + " at a settled place of " + received.origin + " has " +
                  std::to_string(actual.size()) + " rows, the source had " + std::to_string(expected.size()) +
                  ", such as " + (odd.empty() ? "?" : odd.front()));
}

void Witness::after_capture(const Department& department) {
  if (!department.is_running() || !department.provides()) return;
  for (const store::QuarantineEntry& entry : department.store().quarantine(false)) odd_keys_.insert(entry.key);
  // A source that is only compared has no positions of its own.
  if (department.capture() != config::Capture::journal) return;
  check_forgotten(department);
  note_exact_place(department);
}

void Witness::after_deliver(const Department& department) {
  if (!department.subscribes()) return;
  if (department.is_running())
    for (const store::QuarantineEntry& entry : department.store().quarantine(false)) odd_keys_.insert(entry.key);
  std::map<std::string, Position> marks;
  for (const Received& received : department.received()) {
    check_received(department, received);
    marks[received.origin] = received.head.position;
  }
  if (agent_restored_ || hub_restored_) return;  // a restart may begin before the mark (R7.3)
  for (const auto& [origin, mark] : applied_[department.id])
    if (marks[origin] < mark)
      throw Violation("A4: " + department.id + " told that it applied " + to_text(mark) + " and has " +
                      to_text(marks[origin]));
}

}  // namespace qianzhi::sim

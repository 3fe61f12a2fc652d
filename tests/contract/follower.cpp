#include "tests/contract/follower.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace qianzhi::test::contract {

adapter::SourceSpec firm_spec(Fixture& fixture) {
  return {fixture.connection(),
          "registry",
          fixture.mode(),
          {{"firm", {"id", "district", "name"}, {"id"}, {"district"}, fixture.watermark()}},
          0};
}

void install_firm(Fixture& fixture) {
  fixture.run(firm_ddl);
  fixture.run(fixture.adapter().plan_source(firm_spec(fixture)).install);
}

std::string text_of(const Column& column, std::size_t row) {
  switch (column.presence(row)) {
    case Presence::value: return std::string(column.text(row));
    case Presence::null: return "<null>";
    case Presence::unchanged: return "<unchanged>";
    case Presence::invalid: return "<invalid:" + std::string(column.text(row)) + ">";
  }
  return {};
}

Follower::Follower(Fixture& fixture, adapter::SourceSpec spec) : fixture_(fixture), spec_(std::move(spec)) {
  restart();
  checkpoint_ = source_->present();
}

void Follower::restart() {
  source_.reset();
  source_ = fixture_.adapter().open_source(spec_);
}

adapter::Changes Follower::step(const adapter::ReadLimits& limits) {
  adapter::Changes changes = source_->read_changes(checkpoint_, high_water_, limits, 0);
  if (changes.continuity != adapter::Continuity::good) return changes;
  for (const adapter::TableChanges& table : changes.tables) apply(table);
  CHECK(changes.position.order >= checkpoint_.order);
  checkpoint_ = changes.position;
  return changes;
}

std::size_t Follower::drain(const adapter::ReadLimits& limits) {
  const std::size_t before = log_.size();
  // A log may need several empty reads until it has come to what is waiting.
  for (int quiet = 0; quiet < 2;) {
    const adapter::Changes changes = step(limits);
    INFO(changes.reason);
    REQUIRE(changes.continuity == adapter::Continuity::good);
    quiet = changes.more || !changes.tables.empty() ? 0 : quiet + 1;
  }
  return log_.size() - before;
}

void Follower::apply(const adapter::TableChanges& changes) {
  if (changes.table != 0) {
    for (std::size_t row = 0; row < changes.meta.size(); ++row)
      log_.push_back("other " + text_of(changes.columns[0], row));
    return;
  }
  REQUIRE(changes.columns.size() == 3);
  REQUIRE(changes.old.size() == 1);
  for (std::size_t row = 0; row < changes.meta.size(); ++row) {
    const std::string id = text_of(changes.columns[0], row);
    const std::string old = text_of(changes.old[0], row);
    if (changes.meta[row].operation == Operation::remove) {
      CHECK(old != "<unchanged>");
      CHECK(text_of(changes.columns[2], row) == "<unchanged>");
      partitions_[old].erase(id);
      log_.push_back("remove " + id);
      continue;
    }
    const std::string district = text_of(changes.columns[1], row);
    if (old != "<unchanged>" && old != district) partitions_[old].erase(id);
    partitions_[district][id] = id + "|" + district + "|" + text_of(changes.columns[2], row);
    log_.push_back("upsert " + id);
  }
}

bool Follower::take(const adapter::SnapshotChunk& chunk) {
  if (chunk.position.order < checkpoint_.order) return false;
  for (std::size_t row = 0; row < chunk.columns[0].size(); ++row) {
    const std::string id = text_of(chunk.columns[0], row);
    const std::string district = text_of(chunk.columns[1], row);
    partitions_[district][id] = id + "|" + district + "|" + text_of(chunk.columns[2], row);
  }
  high_water_ = chunk.position;
  return true;
}

std::vector<std::string> Follower::copies() const {
  std::vector<std::string> all;
  for (const auto& [district, rows] : partitions_)
    for (const auto& [id, row] : rows) all.push_back(row);
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<std::string> firm_rows(Fixture& fixture) {
  std::vector<std::string> all;
  for (const auto& row : fixture.query("SELECT id, district, name FROM firm"))
    all.push_back(row[0] + "|" + row[1] + "|" + row[2]);
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace qianzhi::test::contract

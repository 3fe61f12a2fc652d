// A consumer of one source, as the agent is one: keeps the checkpoint, and a copy of the rows of each partition value
// as its own subscriber would have it. A row that left a partition without a delete there stays in that copy for ever,
// so comparing the copies with the table shows every missing old value.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/contract/fixture.h"

namespace qianzhi::test::contract {

// key and columns of the table "firm" in every source test.
inline constexpr const char* firm_ddl =
    "CREATE TABLE firm(id VARCHAR(40) NOT NULL PRIMARY KEY, district VARCHAR(20), name VARCHAR(200));";
adapter::SourceSpec firm_spec(Fixture& fixture);
// firm_ddl and the install script of the plan.
void install_firm(Fixture& fixture);

std::string text_of(const Column& column, std::size_t row);  // "<null>", "<unchanged>", "<invalid:..>" or the value

class Follower {
 public:
  // Begins at the source's present position (R3.4).
  Follower(Fixture& fixture, adapter::SourceSpec spec);

  adapter::Source& source() { return *source_; }
  // A new object on the same stored position: what a restart of the agent does.
  void restart();
  // One chunk after the checkpoint; applied, checkpoint moved.
  adapter::Changes step(const adapter::ReadLimits& limits = {});
  // Until nothing waits. Returns the number of changes.
  std::size_t drain(const adapter::ReadLimits& limits = {});
  // Applies rows of a chunk as a refill does; false if the chunk must be read again (R4.4).
  bool take(const adapter::SnapshotChunk& chunk);

  const SourcePosition& checkpoint() const { return checkpoint_; }
  void set_checkpoint(const SourcePosition& position) { checkpoint_ = position; }
  const SourcePosition& high_water() const { return high_water_; }
  void set_high_water(const SourcePosition& position) { high_water_ = position; }

  // Every copied row as "id|district|name", sorted; once for each partition that holds it.
  std::vector<std::string> copies() const;
  // "upsert id", "remove id" in the order they came; "other id" of any table but the first.
  const std::vector<std::string>& log() const { return log_; }

 private:
  void apply(const adapter::TableChanges& changes);

  Fixture& fixture_;
  adapter::SourceSpec spec_;
  std::unique_ptr<adapter::Source> source_;
  SourcePosition checkpoint_;
  SourcePosition high_water_;
  std::map<std::string, std::map<std::string, std::string>> partitions_;
  std::vector<std::string> log_;
};

// The table firm as Follower::copies() shows it.
std::vector<std::string> firm_rows(Fixture& fixture);

}  // namespace qianzhi::test::contract

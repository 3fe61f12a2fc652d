#include "tests/sim/seeds.h"

#include <catch2/catch.hpp>

#include <charconv>
#include <cstdlib>
#include <cstring>

#include "tests/sim/seeded_keys.h"

namespace qianzhi::sim {

namespace {

std::uint64_t number_of(const char* variable, std::uint64_t fallback) {
  const char* text = std::getenv(variable);
  if (text != nullptr) std::from_chars(text, text + std::strlen(text), fallback);
  return fallback;
}

constexpr const char* areas[] = {"440103", "440104", "440105", ""};

std::string quoted_area(World& world) {
  const std::string area = areas[world.random.below(4)];
  return area.empty() ? "NULL" : "'" + area + "'";
}

// One transaction of the department's own application.
void change(World& world, Department& department, const std::string& prefix, bool unseen) {
  std::string sql;
  for (std::uint64_t i = 0; i <= world.random.below(6); ++i) {
    const std::string key = "'" + prefix + std::to_string(world.random.below(25)) + "'";
    const std::string name = "'n" + std::to_string(world.random.below(1000)) + "'";
    switch (world.random.below(5)) {
      case 0:
      case 1:
        sql += "INSERT INTO firm VALUES(" + key + "," + name + ",NULL," + quoted_area(world) +
               ") ON CONFLICT(reg_no) DO UPDATE SET ent_name = excluded.ent_name, district = excluded.district;";
        break;
      case 2: sql += "UPDATE firm SET ent_name = " + name + " WHERE reg_no = " + key + ";"; break;
      case 3: sql += "UPDATE firm SET district = " + quoted_area(world) + " WHERE reg_no = " + key + ";"; break;
      default: sql += "DELETE FROM firm WHERE reg_no = " + key + ";";
    }
  }
  if (unseen)
    department.unseen_sql(sql);
  else
    department.sql("BEGIN;" + sql + "COMMIT;");
}

// A subscriber's own people write into what was received; a row of another origin's making stays it.
void tamper(World& world) {
  Department& department = *std::next(world.departments.begin(), static_cast<long>(world.random.below(3)))->second;
  const std::string key = (world.random.chance(50) ? "'c" : "'q") + std::to_string(world.random.below(25)) + "'";
  switch (world.random.below(3)) {
    case 0: return department.target_sql("DELETE FROM received WHERE registration_number = " + key);
    case 1:
      return department.target_sql("UPDATE received SET enterprise_name = 'tampered' WHERE registration_number = " +
                                   key);
    default:
      return department.target_sql("UPDATE OR IGNORE received SET registration_number = 'mine' || " + key +
                                   " WHERE registration_number = " + key);
  }
}

void rotate(World& world, Department& department) {
  world.rotate_key(department, KeyState::retired);
  world.publish();
  department.crash();
}

void random_grant(World& world, const std::string& department) {
  switch (world.random.below(4)) {
    case 0: world.revoke(department); break;
    case 1: world.grant(department, GroupSet::of({"440103", "440105"})); break;
    case 2: world.grant(department, GroupSet::every(), {"area_code"}); break;
    default: world.grant(department, GroupSet::every());
  }
  world.publish();
}

}  // namespace

int seeds(int default_count) {
  return static_cast<int>(number_of("QIANZHI_SEEDS", static_cast<std::uint64_t>(default_count)));
}

void for_each_seed(std::uint64_t first, int default_count, const std::function<void(std::uint64_t)>& run) {
  const std::uint64_t only = number_of("QIANZHI_SEED", 0);
  if (only != 0) return run(only);
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(seeds(default_count)); ++i) run(first + i);
}

std::string complaints(World& world) {
  std::string text;
  for (auto& [id, department] : world.departments) {
    text += "\n" + id + ": " + department->last_error();
    for (const auto& notice : department->notices())
      text += "\n" + id + ": " + notice.code + " " + notice.subject + " " + notice.detail;
  }
  return text;
}

std::string run_seed(std::uint64_t seed, const SeedPlan& plan, int rounds) {
  const SeededKeys keys(seed);
  World world(seed);
  world.read_ahead = seed % 2 == 0;
  world.post_octets = seed % 3 == 0 ? 1 : 4U << 20U;
  world.page_octets = seed % 2 == 0 ? 1 : 1U << 20U;
  auto& commerce = world.add("commerce", true, true, plan.capture);
  auto& quality = world.add("quality", true, true);
  world.add("tax", false, true);
  config::Schedule each_minute;
  each_minute.kind = config::Schedule::Kind::interval;
  each_minute.interval = 60'000'000;
  if (plan.unseen != 0)
    for (Department* department : {&commerce, &quality}) department->reconcile_from_now(each_minute);
  if (plan.tampered != 0)
    for (auto& [id, department] : world.departments) department->compare_from_now(each_minute);
  for (const char* id : {"commerce", "quality", "tax"}) world.grant(id, GroupSet::every());
  world.publish();
  for (int round = 0; round < rounds; ++round) {
    world.lose_request = world.random.chance(50) ? plan.lose : 0;
    world.lose_reply = world.random.chance(50) ? plan.lose : 0;
    world.crash_chance = plan.crash;
    world.disk_faults = plan.disk;
    world.repeat_request = plan.repeat;
    world.delay_request = plan.delay;
    world.step_clock = plan.step_clock;
    world.adapter_dies = world.random.chance(50) ? plan.adapter_dies : 0;
    if (world.random.chance(70)) change(world, commerce, "c", world.random.chance(plan.unseen));
    if (world.random.chance(50)) change(world, quality, "q", world.random.chance(plan.unseen));
    if (plan.grants && world.hub_is_running() && world.random.chance(15)) random_grant(world, "tax");
    if (plan.rotate != 0 && world.random.chance(plan.rotate))
      rotate(world, world.random.chance(50) ? commerce : quality);
    if (world.random.chance(plan.tampered)) tamper(world);
    world.turn();
  }
  const bool rest = world.settle();
  INFO("seed " << seed << complaints(world));
  const auto difference = world.difference();
  INFO((difference ? *difference : std::string()));
  REQUIRE(rest);
  const auto& witness = world.witness.counts();
  REQUIRE(witness.batches > 20);
  REQUIRE(witness.receipts > 20);
  REQUIRE(witness.pages > 5);
  REQUIRE((plan.unseen != 0 || plan.tampered != 0 || witness.exact > 5));
  std::string figures = std::to_string(world.clock.now()) + " hub " +
                        std::to_string(world.disk.calls(world.hub_file())) + " octets " +
                        std::to_string(world.disk.checksum());
  for (const int count : {witness.batches, witness.receipts, witness.pages, witness.exact})
    figures += " " + std::to_string(count);
  for (const auto& [id, department] : world.departments)
    figures += " " + id + " " + std::to_string(world.disk.calls(department->store_file));
  return figures;
}

}  // namespace qianzhi::sim

#include "tests/sim/world.h"

#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::sim {

namespace {

class NoWaiter final : public adapter::Waiter {
 public:
  explicit NoWaiter(VirtualClock& clock) : clock_(clock) {}
  void wait(Micros duration) override { clock_.advance(duration); }

 private:
  VirtualClock& clock_;
};

}  // namespace

Bytes SeededRandom::bytes(std::size_t size) {
  Bytes octets(size, '\0');
  for (char& c : octets) c = static_cast<char>(engine_() & 0xffU);
  return octets;
}

World::World(std::uint64_t seed)
    : random(seed),
      waiter(std::make_shared<NoWaiter>(clock)),
      hub_key_(seal::SigningKey::generate()),
      directory_key_(seal::SigningKey::generate()) {
  set_log_level(LogLevel::error);
  disk.tell_time_by([this] { return clock.now(); });
  disk.judge_by([this](const std::filesystem::path& store, Call) { return judge(store); });
  directory_.hub_key = hub_key_.record();
  directory_.catalogue.version = 1;
  directory_.catalogue.topics[topic_id] = topic();
}

World::~World() { departments.clear(); }

// Only the stores of agents and hub are judged: the departments' databases have their own operators. But a kill while
// an agent's adapters change those takes the agent along.
Fate World::judge(const std::filesystem::path& store) {
  const auto happens = [&](unsigned chance) { return chance != 0 && random.below(10'000) < chance; };
  const bool is_own = store == hub_file() || (acting_ != nullptr && store == acting_->store_file);
  const bool is_database = acting_ != nullptr && (store == acting_->source_file || store == acting_->target_file);
  Fate fate = Fate::succeed;
  if (chosen.call != 0 && store == chosen.store && disk.calls(store) == chosen.call)
    fate = chosen.fate;
  else if (full.count(store) != 0)
    fate = Fate::full;
  else if ((is_own || is_database) && happens(disk_faults.dies))
    fate = Fate::die;
  else if (is_own && happens(disk_faults.full))
    fate = Fate::full;
  else if (is_own && happens(disk_faults.fails))
    fate = Fate::fail;
  if (fate == Fate::fail) failed_.insert(store);
  if (fate == Fate::die && store != hub_file())
    for (const std::filesystem::path& file : acting_->stores()) disk.freeze(file);
  return fate;
}

void World::let_go(const std::vector<std::filesystem::path>& stores) {
  const bool power = disk_faults.power_loss != 0 && random.chance(disk_faults.power_loss);
  for (const std::filesystem::path& store : stores) {
    failed_.erase(store);
    if (power)
      disk.lose_power(store, [this](std::uint64_t limit) { return random.below(limit); });
    else
      disk.thaw(store);
  }
}

Topic World::topic() const {
  Topic topic;
  topic.id = topic_id;
  topic.title = "企业";
  topic.title_en = "Enterprise";
  Item key{"registration_number", "企业注册号", "Registration number"};
  key.required = true;
  Item area{"area_code", "行政区划代码", "Area code"};
  area.type = ItemType::digits;
  area.length = 6;
  Item phone{"contact_phone", "联系电话", "Phone"};
  phone.length = 20;
  topic.items = {key, {"enterprise_name", "企业名称", "Name"}, phone, area};
  topic.key = {"registration_number"};
  topic.partition = "area_code";
  return topic;
}

Department& World::add(const std::string& id, bool provides, bool subscribes, config::Capture capture) {
  auto department = std::make_unique<Department>(*this, id, provides, subscribes, capture);
  directory_.departments[id] = {id, id, id};
  directory_.agents[department->agent] = {department->agent, id, {}, {department->key.record()}, true};
  if (provides) directory_.provisions.push_back({topic_id, department->agent, GroupSet::every()});
  return *(departments[id] = std::move(department));
}

void World::grant(const std::string& department, GroupSet groups, std::set<std::string> items, Micros not_after) {
  revoke(department);
  Grant grant;
  grant.id = department;
  grant.topic = topic_id;
  grant.department = department;
  grant.items = std::move(items);
  grant.groups = std::move(groups);
  grant.not_after = not_after;
  directory_.grants.push_back(std::move(grant));
}

void World::revoke(const std::string& department) {
  std::erase_if(directory_.grants, [&](const Grant& grant) { return grant.department == department; });
}

void World::publish() {
  ++directory_.version;
  directory_.issued = clock.now();
  directory_.expires = clock.now() + 365LL * 86'400 * 1'000'000;
  sealed_ = seal::seal_directory(directory_, directory_key_);
  directory_.digest = sealed_.digest;
  witness.published(directory_);
  if (exchange_) {
    // Without space the operator's command fails; he gives it again.
    while (exchange_ && !has_installed()) continue;
    return;
  }
  start_hub();
  for (auto& entry : departments)
    if (!entry.second->is_running()) entry.second->start();
}

void World::rotate_key(Department& department, KeyState old_state) {
  auto& keys = directory_.agents[department.agent].signing_keys;
  for (KeyRecord& old : keys)
    if (old.state == KeyState::active) old.state = old_state;
  if (old_state == KeyState::revoked) witness.revoked_key();
  department.take_key(seal::SigningKey::generate());
  keys.push_back(department.key.record());
}

bool World::has_installed() {
  try {
    exchange_->install_directory(directory_, sealed_);
    return true;
  } catch (const Crash&) {
    crash_hub();
  } catch (const Error& error) {
    if (!is_hub_doomed() && error.kind() != ErrorKind::full) throw;
    if (is_hub_doomed()) crash_hub();
  }
  return false;
}

void World::start_hub() {
  hub::ExchangeOptions options;
  options.store = hub_file();
  options.secured_by_log = secured_by_log;
  options.directory_key = directory_key_.record();
  try {
    exchange_ = std::make_unique<hub::Exchange>(options, clock, random, hub_key_, directory_, sealed_,
                                                [this](std::string_view point) { reach("hub", point); });
    witness.check_log();
    witness.check_receipted();
  } catch (const Crash&) {
    crash_hub();
  } catch (const Error& error) {
    if (!is_hub_doomed() && error.kind() != ErrorKind::full) throw;
    crash_hub();
  }
}

void World::recover_hub() {
  hub().recover();
  directory_.version = std::max(directory_.version, hub().next_directory_version());
  publish();
}

void World::save(const std::filesystem::path& file, const std::string& name) {
  for (const char* suffix : {"", "-wal"}) {
    const std::filesystem::path from = file.string() + suffix;
    const std::filesystem::path to = files / (name + suffix);
    std::filesystem::remove(to);
    if (std::filesystem::exists(from)) std::filesystem::copy_file(from, to);
  }
}

void World::restore(const std::filesystem::path& file, const std::string& name) {
  if (file == hub_file()) witness.restored_hub();
  for (const auto& [id, department] : departments) {
    if (file == department->store_file) witness.restored_agent();
    if (file == department->source_file) witness.restored_source();
    if (file == department->target_file) witness.restored_target(id);
  }
  for (const char* suffix : {"", "-wal", "-shm"}) {
    const std::filesystem::path to = file.string() + suffix;
    const std::filesystem::path from = files / (name + suffix);
    std::filesystem::remove(to);
    if (std::filesystem::exists(from)) std::filesystem::copy_file(from, to);
  }
  disk.replaced(file);
}

void World::crash_hub() {
  disk.freeze(hub_file());
  exchange_.reset();
  let_go({hub_file()});
}

hub::Exchange& World::hub() {
  if (!exchange_) throw Error(ErrorKind::unavailable, "QZ-LINK-001", "the hub is down");
  return *exchange_;
}

void World::reach(const std::string& who, std::string_view point) {
  points_seen.insert(std::string(point));
  const bool named = crash_who == who && crash_at == point;
  if (!named && (crash_chance == 0 || !random.chance(crash_chance))) return;
  if (named) crash_at.clear();
  throw Crash{who};
}

void World::turn() {
  if (!exchange_) start_hub();
  deliver_late();
  step_clocks();
  for (auto& entry : departments) {
    Department& department = *entry.second;
    if (!department.is_running()) department.start();
    for (int stage = 0; stage < Department::stages && department.is_running(); ++stage) department.step(stage);
    clock.advance(50'000);
  }
}

void World::deliver_late() {
  for (std::size_t i = 0; i < late_.size();) {
    if (!random.chance(30)) {
      ++i;
      continue;
    }
    const auto request = std::move(late_[i]);
    late_.erase(late_.begin() + static_cast<std::ptrdiff_t>(i));
    request();
  }
}

void World::step_clocks() {
  for (auto& entry : departments)
    if (step_clock != 0 && random.chance(step_clock))
      entry.second->clock.set_wrong((static_cast<Micros>(random.below(48 * 3600)) - 24 * 3600) * 1'000'000);
}

bool World::settle(int turns) {
  const unsigned request = lose_request;
  const unsigned reply = lose_reply;
  const unsigned crash = crash_chance;
  const unsigned dies = adapter_dies;
  const DiskFaults disks = disk_faults;
  disk_faults = {};
  const unsigned repeat = repeat_request;
  const unsigned delay = delay_request;
  const unsigned step = step_clock;
  repeat_request = delay_request = step_clock = 0;
  lose_request = lose_reply = crash_chance = adapter_dies = 0;
  bool rest = false;
  for (int i = 0; i < turns && !rest; ++i) {
    turn();
    clock.advance(2'000'000);
    rest = i > 3 && !difference();
  }
  lose_request = request;
  lose_reply = reply;
  crash_chance = crash;
  adapter_dies = dies;
  disk_faults = disks;
  repeat_request = repeat;
  delay_request = delay;
  step_clock = step;
  return rest;
}

bool World::await_refill(const Department& provider) {
  const auto is_open = [&] { return provider.store().stream(topic_id)->refill.has_value(); };
  for (int i = 0; i < 60 && !is_open(); ++i) {
    turn();
    clock.advance(1'000'000);
  }
  return is_open();
}

std::vector<std::string> World::expected_rows(const Department& subscriber, const Department& provider) const {
  const Entitlement granted = directory_.entitlement(subscriber.agent, topic_id, clock.now());
  std::vector<std::string> rows;
  for (const std::string& row : provider.source_rows()) {
    const std::size_t first = row.find('|');
    const std::size_t last = row.rfind('|');
    const std::string area = row.substr(last + 1);
    const auto items = granted.items_in(area);
    if (items.empty()) continue;
    const bool named = items.count("enterprise_name") != 0;
    rows.push_back(named ? row : row.substr(0, first) + "|" + row.substr(last));
  }
  return rows;
}

std::optional<std::string> World::difference() const {
  for (const auto& [id, subscriber] : departments) {
    std::vector<std::string> expected;
    for (const auto& [other, provider] : departments) {
      if (other == id) continue;
      const auto rows = expected_rows(*subscriber, *provider);
      expected.insert(expected.end(), rows.begin(), rows.end());
    }
    std::sort(expected.begin(), expected.end());
    const std::vector<std::string> actual = subscriber->target_rows();
    if (actual == expected) continue;
    std::string text =
        id + ": expected " + std::to_string(expected.size()) + " rows, has " + std::to_string(actual.size());
    std::vector<std::string> odd;
    std::set_symmetric_difference(expected.begin(), expected.end(), actual.begin(), actual.end(),
                                  std::back_inserter(odd));
    for (std::size_t i = 0; i < odd.size() && i < 5; ++i) text += "\n  " + odd[i];
    return text;
  }
  return std::nullopt;
}

}  // namespace qianzhi::sim

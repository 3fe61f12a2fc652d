#include <algorithm>

#include "adapters/sqlite/sqlite_adapter.h"
#include "hub-protocol/base/error.h"
#include "tests/sim/blind.h"
#include "tests/sim/direct_link.h"
#include "tests/sim/frail.h"
#include "tests/sim/read_ahead.h"
#include "tests/sim/world.h"

namespace qianzhi::sim {

namespace {

std::vector<std::string> rows_of(const std::filesystem::path& file, const std::string& query) {
  sqlite::Database database(file, {sqlite::Access::read_write, false, {}, 5000});
  std::vector<std::string> rows;
  auto statement = database.prepare(query);
  while (statement.step()) rows.push_back(statement.text(0));
  std::sort(rows.begin(), rows.end());
  return rows;
}

config::PublicationConfig publication_config(const GroupSet& published) {
  config::PublicationConfig publication;
  publication.area = published;
  publication.topic = topic_id;
  publication.source = "source";
  publication.table = "firm";
  const auto column = [](std::string name) {
    config::ItemRule rule;
    rule.column = std::move(name);
    return rule;
  };
  publication.items["registration_number"] = column("reg_no");
  publication.items["enterprise_name"] = column("ent_name");
  publication.items["contact_phone"] = column("tel");
  config::ItemRule area = column("district");
  area.kind = config::ItemRule::Kind::area;
  publication.items["area_code"] = area;
  publication.batch.rows = 7;
  return publication;
}

}  // namespace

// Everything that is lost in a crash.
struct Department::Running {
  Running(World& world, Department& self, bool provides, bool subscribes)
      : key(self.key),
        store({self.store_file, {}, world.queue_octets}, Bytes(32, 'k'), world.random, breakpoint(world, self)),
        directory(store, self.clock, world.directory_key()),
        mailbox(self.clock),
        sealer{self.agent, key, self.clock, world.random, {}},
        link(direct_link(world, self)),
        adapter(frail(blind(world.read_ahead ? read_ahead(adapter::make_sqlite_adapter(self.clock, world.waiter))
                                             : adapter::make_sqlite_adapter(self.clock, world.waiter),
                            [&world] {
                              if (world.before_snapshot) world.before_snapshot();
                            }),
                      [&world] { return world.adapter_dies != 0 && world.random.chance(world.adapter_dies); })),
        courier(self.agent,
                {store, directory, *link, on_wish(), {}, {}, 0, nullptr, &mailbox, [this] { uplink.ask_session(); }}),
        uplink(self.agent, {{topic_id, self.schedule_}},
               {store, directory, *link, self.clock, {}, breakpoint(world, self), world.post_octets, {key.record()}}) {
    if (provides) {
      config::SourceConfig source;
      source.database = {"source", "sqlite", {}, {}};
      source.capture = self.capture_;
      source.poll_interval = 1000;
      source.throttle = self.throttle_;
      source.canary = self.canary_;
      config::PublicationConfig publication = publication_config(self.area_);
      for (const auto& [item, column] : self.mapped_) publication.items[item].column = column;
      publication.reconcile = self.reconcile_;
      publication.update_cycle = self.update_cycle_;
      capture.emplace(
          source, std::vector<config::PublicationConfig>{publication},
          flow::CaptureParts{*adapter, store, directory, sealer, {}, breakpoint(world, self), {1, 1}, &mailbox},
          adapter::Connection{{{"file", self.source_file.string()}}, {}});
    }
    if (subscribes) {
      config::SubscriptionConfig subscription;
      subscription.topic = topic_id;
      subscription.target = "target";
      subscription.table = "received";
      subscription.update_cycle = self.update_cycle_;
      subscription.compare = self.compare_;
      subscription.compare_report_only = self.report_only_;
      deliver.emplace(self.agent, config::DatabaseConfig{"target", "sqlite", {}, {}},
                      std::vector<config::SubscriptionConfig>{subscription},
                      flow::DeliverParts{*adapter,
                                         store,
                                         directory,
                                         *link,
                                         self.clock,
                                         key,
                                         on_wish(),
                                         {},
                                         breakpoint(world, self),
                                         25'000,
                                         1,
                                         world.page_octets,
                                         1'000'000,
                                         false,
                                         &mailbox,
                                         &world.random},
                      adapter::Connection{{{"file", self.target_file.string()}}, {}});
    }
  }

  static store::Breakpoint breakpoint(World& world, Department& self) {
    return [&world, &self](std::string_view point) { world.reach(self.agent, point); };
  }
  std::function<void(bool)> on_wish() {
    return [this](bool restored) {
      if (restored) uplink.forget_session();
    };
  }

  const seal::SigningKey key;
  store::Store store;
  flow::DirectoryKeeper directory;
  flow::Mailbox mailbox;
  flow::Sealer sealer;
  std::unique_ptr<HubLink> link;
  std::unique_ptr<adapter::Adapter> adapter;
  flow::Courier courier;
  flow::Uplink uplink;
  std::optional<flow::Capture> capture;
  std::optional<flow::Deliver> deliver;
};

Department::Department(World& world, std::string name, bool provides, bool subscribes, config::Capture capture)
    : id(name),
      agent(name + "-01"),
      key(seal::SigningKey::generate()),
      clock(world.clock),
      source_file(world.files / (name + "-source.db")),
      target_file(world.files / (name + "-target.db")),
      store_file(world.files / (name + "-queue.db")),
      world_(world),
      provides_(provides),
      subscribes_(subscribes),
      capture_(capture) {
  const auto sqlite = adapter::make_sqlite_adapter(clock, world.waiter);
  sqlite::Database source(source_file, {sqlite::Access::read_write_create, false, {}, 5000});
  source.execute(
      "PRAGMA journal_mode=WAL; CREATE TABLE firm(reg_no TEXT PRIMARY KEY NOT NULL, ent_name TEXT, tel TEXT, "
      "district TEXT)");
  sqlite::Database target(target_file, {sqlite::Access::read_write_create, false, {}, 5000});
  target.execute("PRAGMA journal_mode=WAL");
  if (capture != config::Capture::diff) install();
  config::SubscriptionConfig subscription;
  subscription.topic = topic_id;
  subscription.table = "received";
  Catalogue catalogue;
  catalogue.topics[topic_id] = world.topic();
  target.execute(sqlite
                     ->plan_target(flow::Deliver::spec_of({"target", "sqlite", {}, {}}, {subscription}, catalogue,
                                                          {{{"file", target_file.string()}}, {}}))
                     .install);
}

Department::~Department() = default;

bool Department::is_doomed() const { return world_.disk.is_frozen(store_file) || world_.has_failed(store_file); }

void Department::start() {
  world_.now_acts(this);
  try {
    running_ = std::make_unique<Running>(world_, *this, provides_, subscribes_);
  } catch (const Crash&) {
    crash();
  } catch (const Error& error) {
    if (!is_doomed() && error.kind() != ErrorKind::full) throw;
    crash();
  }
  world_.now_acts(nullptr);
  world_.witness.after_capture(*this);
  world_.witness.after_deliver(*this);
}

void Department::crash() {
  for (const std::filesystem::path& store : stores()) world_.disk.freeze(store);
  running_.reset();
  world_.let_go(stores());
}

void Department::lose_store() {
  crash();
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(store_file.string() + suffix);
  world_.disk.replaced(store_file);
  world_.witness.restored_agent();
}

store::Store& Department::store() const { return running_->store; }

void Department::step(int stage) {
  flow::Stage* chosen = nullptr;
  if (stage == 0) chosen = &running_->courier;
  if (stage == 1 && running_->capture) chosen = &*running_->capture;
  if (stage == 2) chosen = &running_->uplink;
  if (stage == 3 && running_->deliver) chosen = &*running_->deliver;
  if (chosen == nullptr) return;
  world_.now_acts(this);
  try {
    chosen->run_once();
    errors_.erase(stage);
  } catch (const Error& error) {
    errors_[stage] = chosen->name() + ": " + error.what();
    // A hub that lost its store refuses who cannot prove it, until somebody has. A table that is altered just before a
    // chunk of it is read is an error once.
    const bool expected = error.kind() == ErrorKind::unavailable || error.kind() == ErrorKind::full ||
                          error.code() == "QZ-HUB-013" || error.code() == "QZ-ADP-011";
    if (!expected && !is_doomed()) throw;
  } catch (const Crash& at) {
    if (at.point == "hub") world_.crash_hub();
    crash();
  }
  if (running_ && is_doomed()) crash();
  world_.now_acts(nullptr);
  if (stage == 1) world_.witness.after_capture(*this);
  if (stage == 3) world_.witness.after_deliver(*this);
}

std::string Department::last_error() const {
  std::string text;
  for (const auto& entry : errors_) text += (text.empty() ? "" : ", ") + entry.second;
  return text;
}

void Department::install() {
  adapter::SourceSpec spec;
  spec.connection.options["file"] = source_file.string();
  spec.name = id + "_01_source";
  spec.tables = {{"firm", {"district", "ent_name", "reg_no", "tel"}, {"reg_no"}, {"district"}}};
  sql(adapter::make_sqlite_adapter(clock, world_.waiter)->plan_source(spec).install);
}

void Department::sql(const std::string& text) {
  sqlite::Database source(source_file, {sqlite::Access::read_write, false, {}, 5000});
  source.execute(text);
}

void Department::canary_from_now(Micros every, Micros within) {
  canary_.every = every;
  canary_.within = within;
  canary_.table = "qianzhi_canary";
  adapter::SourceSpec spec;
  spec.connection.options["file"] = source_file.string();
  spec.name = id + "_01_source";
  spec.tables = {{"firm", {"district", "ent_name", "reg_no", "tel"}, {"reg_no"}, {"district"}},
                 {canary_.table, {adapter::canary_id, adapter::canary_beat}, {adapter::canary_id}, {}}};
  spec.canary = canary_.table;
  sql(adapter::make_sqlite_adapter(clock, world_.waiter)->plan_source(spec).install);
}

void Department::unseen_sql(const std::string& text) {
  world_.witness.source_touched(id);
  sql("BEGIN; INSERT INTO qianzhi_guard VALUES('bulk');" + text + "; DELETE FROM qianzhi_guard; COMMIT");
}

void Department::target_sql(const std::string& text) {
  world_.witness.target_touched(id);
  sqlite::Database target(target_file, {sqlite::Access::read_write, false, {}, 5000});
  target.execute(text);
}

std::vector<std::string> Department::source_rows() const {
  if (!provides_) return {};
  return rows_of(source_file,
                 "SELECT reg_no || '|' || coalesce(ent_name, '') || '|' || coalesce(district, '') FROM firm");
}

std::vector<std::string> Department::target_rows() const {
  if (!subscribes_) return {};
  return rows_of(target_file,
                 "SELECT registration_number || '|' || coalesce(enterprise_name, '') || '|' || "
                 "coalesce(area_code, '') FROM received");
}

std::vector<std::string> Department::target_phones() const {
  return rows_of(target_file, "SELECT registration_number || '|' || coalesce(contact_phone, '') FROM received");
}

std::vector<Received> Department::received() const {
  sqlite::Database target(target_file, {sqlite::Access::read_write, false, {}, 5000});
  std::vector<Received> all;
  auto marks = target.prepare("SELECT origin, epoch, sequence, digest, state FROM qianzhi_mark");
  while (marks.step()) {
    Received received{marks.text(0),
                      {{marks.number(1), marks.number(2)}, Digest::from_bytes(from_hex(marks.view(3)))},
                      Bytes(marks.view(4)),
                      {}};
    auto rows = target.prepare(
        "SELECT registration_number || '|' || coalesce(enterprise_name, '') || '|' || coalesce(area_code, '') "
        "FROM received WHERE qz_origin = ?1 ORDER BY 1");
    rows.bind(1, received.origin);
    while (rows.step()) received.rows.push_back(rows.text(0));
    all.push_back(std::move(received));
  }
  return all;
}

std::vector<flow::TableProgress> Department::progress() const {
  return running_ && running_->capture ? running_->capture->progress() : std::vector<flow::TableProgress>{};
}

std::vector<flow::Notice> Department::notices() const {
  std::vector<flow::Notice> all;
  if (!running_) return all;
  const auto take = [&](const flow::Stage& stage) {
    for (auto& notice : stage.notices()) all.push_back(std::move(notice));
  };
  take(running_->courier);
  take(running_->uplink);
  if (running_->capture) take(*running_->capture);
  if (running_->deliver) take(*running_->deliver);
  return all;
}

std::map<StreamId, flow::Comparison::Named> Department::named_keys() const {
  if (!running_ || !running_->deliver) return {};
  return running_->deliver->named_keys();
}

}  // namespace qianzhi::sim

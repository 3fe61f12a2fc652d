#include "cut_world.h"

#include "hub-protocol/base/log.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::test {

namespace {

constexpr int most_runs = 20;

config::SubscriptionConfig subscription() {
  config::SubscriptionConfig subscription;
  subscription.topic = firms;
  subscription.target = "target";
  subscription.table = "received";
  return subscription;
}

// Until done; an agent that cannot reach the hub tries again.
template <class Done>
int run_until(flow::Stage& stage, const Done& done) {
  for (int runs = 1; runs <= most_runs; ++runs) {
    try {
      stage.run_once();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::unavailable) throw;
    }
    if (done()) return runs;
  }
  return 0;
}

}  // namespace

CutWorld::CutWorld() : ca(hub.dir.path(), "ca") {
  set_log_level(static_cast<LogLevel>(0));
  ca.issue({"hub", "DNS:localhost", "serverAuth"});
  hub.directory.agents["commerce-01"].tls_keys = {ca.issue({"commerce-01", agent_uri("commerce-01")})};
  hub.directory.agents["tax-01"].tls_keys = {ca.issue({"tax-01", agent_uri("tax-01")})};
  hub.directory.expires = 0;
  hub.change_directory([](Directory&) {});
  hub::ServerOptions server_options;
  server_options.files = {hub.dir / "hub.crt", hub.dir / "hub.key", ca.certificate(), {}};
  server = std::make_unique<hub::HubServer>(
      server_options, hub::handlers_of(*hub.hub), [](const Error&) { std::abort(); }, hub.clock,
      [](const std::string&, const Error&) {});
  proxy = std::make_unique<CutProxy>(server->port());
  renew_links();
  make_provider();
  make_subscriber();
}

CutWorld::~CutWorld() {
  server->stop();
  set_log_level(LogLevel::info);
}

HttpsLinkOptions CutWorld::options_of(const std::string& agent) const {
  HttpsLinkOptions options;
  options.url = "https://localhost:" + std::to_string(proxy->port());
  options.certificate = hub.dir / (agent + ".crt");
  options.private_key = hub.dir / (agent + ".key");
  options.trust = ca.certificate();
  return options;
}

void CutWorld::renew_links() {
  provider_link.dial(options_of("commerce-01"));
  subscriber_link.dial(options_of("tax-01"));
}

void CutWorld::make_provider() {
  provider_store = std::make_unique<store::Store>(store::StoreOptions{hub.dir / "provider.db", {}, 0, false},
                                                  Bytes(32, 'k'), hub.random);
  provider_directory = std::make_unique<flow::DirectoryKeeper>(*provider_store, hub.clock, hub.directory_key.record());
  provider_directory->refresh(provider_link);
  uplink = std::make_unique<flow::Uplink>(
      "commerce-01", std::map<std::string, config::Schedule>{},
      flow::UplinkParts{*provider_store, *provider_directory, provider_link, hub.clock, {}, {}});
  stream_.emplace(hub.chain());
  provider_store->update([](store::StoreTransaction& transaction) {
    store::StreamState state;
    state.source = "s";
    state.area = GroupSet::every();
    transaction.put_stream(firms, state);
  });
  keep(stream_->begin(), stream_->time);
  keep(stream_->end(), stream_->time);
}

void CutWorld::make_subscriber() {
  subscriber_store = std::make_unique<store::Store>(store::StoreOptions{hub.dir / "subscriber.db", {}, 0, false},
                                                    Bytes(32, 'k'), hub.random);
  subscriber_directory =
      std::make_unique<flow::DirectoryKeeper>(*subscriber_store, hub.clock, hub.directory_key.record());
  subscriber_directory->refresh(subscriber_link);
  adapter = adapter::make_sqlite_adapter(hub.clock);
  const config::DatabaseConfig target{"target", "sqlite", {}, {}};
  sqlite::Database database(hub.dir / "target.db", {sqlite::Access::read_write_create, false, {}, 5000});
  database.execute(
      adapter->plan_target(flow::Deliver::spec_of(target, {subscription()}, hub.directory.catalogue, {})).install);
  deliver = std::make_unique<flow::Deliver>(
      "tax-01", target, std::vector<config::SubscriptionConfig>{subscription()},
      flow::DeliverParts{
          *adapter, *subscriber_store, *subscriber_directory, subscriber_link, hub.clock, hub.tax_key, {}, {}, {}, 0},
      adapter::Connection{{{"file", hub.dir / "target.db"}}, {}});
}

void CutWorld::keep(const seal::Sealed& sealed, Micros sealed_at) {
  const seal::Parsed batch = seal::Parsed::from(sealed.octets);
  const store::LockedBatch locked = provider_store->lock(
      {firms, batch.head(), batch.header().previous, batch.header().kind, 2, sealed_at, sealed.octets});
  provider_store->update([&](store::StoreTransaction& transaction) {
    store::StreamState state = transaction.stream(firms).value();
    state.last = batch.head();
    state.max_epoch = 1;
    transaction.append(locked);
    transaction.put_stream(firms, state);
  });
  chain.push_back(batch.head());
}

void CutWorld::seal_one(Micros ahead) {
  stream_->time = hub.clock.now() + ahead;
  keep(stream_->change({"440103", "440104"}), stream_->time);
  ++granted_rows;
  // Apply receipts are sent once a second.
  hub.clock.advance(1'500'000);
}

int CutWorld::send_all() {
  return run_until(*uplink, [&] {
    const auto state = provider_store->stream(firms);
    return !state->epoch_request && state->receipted == state->last.position;
  });
}

int CutWorld::take_all() {
  return run_until(*deliver, [&] {
    // Apply receipts of a run that was cut go with the next.
    hub.clock.advance(1'500'000);
    const auto lanes = deliver->lanes();
    return lanes.size() == 1 && lanes[0].mark == chain.back().position &&
           newest_applied().mark().sequence() == chain.back().position.sequence;
  });
}

std::string CutWorld::log_difference() {
  const auto status = hub.hub->status();
  if (status.size() != 1 || status[0].batches != chain.size() || status[0].head != chain.back())
    return "the hub holds " + std::to_string(status.empty() ? 0 : status[0].batches) + " of " +
           std::to_string(chain.size());
  if (status[0].halted || status[0].evidence != 0 || status[0].epoch_waits) return "the stream is not as it was";
  return {};
}

std::string CutWorld::target_difference() const {
  sqlite::Database database(hub.dir / "target.db", {sqlite::Access::read_write, false, {}, 5000});
  auto rows = database.prepare("SELECT count(*), count(DISTINCT number) FROM received WHERE area = '440103'");
  rows.step();
  if (rows.integer(0) != static_cast<std::int64_t>(granted_rows) || rows.integer(1) != rows.integer(0))
    return std::to_string(rows.integer(0)) + " rows of " + std::to_string(granted_rows);
  const auto lanes = deliver->lanes();
  if (lanes.size() != 1 || lanes[0].upserted != granted_rows) return "a batch was applied twice, or not";
  return {};
}

wire::AppliedBody CutWorld::newest_applied() {
  sqlite::Database database(hub.options.store, {sqlite::Access::read_only, false, {}, 5000});
  wire::Applied applied;
  wire::AppliedBody body;
  auto row = database.prepare("SELECT receipt FROM applied");
  if (row.step() && applied.ParseFromString(row.text(0))) body.ParseFromString(applied.body());
  return body;
}

}  // namespace qianzhi::test

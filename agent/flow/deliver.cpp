#include "agent/flow/deliver.h"

#include <algorithm>

#include "agent/flow/wishes.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/seal/receipt.h"
#include "hub-protocol/wire/values.h"

namespace qianzhi::flow {

namespace {

constexpr Micros wish_interval = 30'000'000;
constexpr Micros narrowing_told = 30LL * 86'400'000'000;
constexpr Micros held_back_limit = 60'000'000;
constexpr std::uint32_t wait_ms_comparing = 1'000;
constexpr std::uint32_t wait_ms_with_aside = 2'000;  // an operator's retry is seen between polls

std::string plain_name(const std::string& id) {
  std::string name = id;
  for (char& c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) c = '_';
  return name;
}

adapter::ApplyMode mode_of(config::Apply apply) {
  switch (apply) {
    case config::Apply::upsert: return adapter::ApplyMode::upsert;
    case config::Apply::soft_delete: return adapter::ApplyMode::soft_delete;
    case config::Apply::history: return adapter::ApplyMode::history;
  }
  return adapter::ApplyMode::upsert;
}

// A batch without rows says that the provider's source was alive and had nothing new.
std::string silence_of(const MarkState& state) {
  std::string text = "nothing came since " + to_text(state.applied);
  if (state.changed != 0) text += "; rows last came " + to_text(state.changed);
  if (state.alive != 0) text += "; the provider's source was last alive " + to_text(state.alive);
  return text;
}

}  // namespace

Deliver::Deliver(std::string agent, const config::DatabaseConfig& target,
                 std::vector<config::SubscriptionConfig> subscriptions, DeliverParts parts,
                 adapter::Connection connection)
    : agent_(std::move(agent)),
      target_config_(target),
      subscriptions_(std::move(subscriptions)),
      parts_(std::move(parts)),
      connection_(std::move(connection)) {}

void Deliver::interrupt() {
  if (parts_.on_interrupt) parts_.on_interrupt();
}

adapter::TargetSpec Deliver::spec_of(const config::DatabaseConfig& target,
                                     const std::vector<config::SubscriptionConfig>& subscriptions,
                                     const Catalogue& catalogue, adapter::Connection connection) {
  adapter::TargetSpec spec;
  spec.connection = std::move(connection);
  spec.name = plain_name(target.id);
  for (const config::SubscriptionConfig& subscription : subscriptions) {
    const Topic* topic = catalogue.find(subscription.topic);
    if (topic == nullptr) throw Error(ErrorKind::misuse, "QZ-AGT-052", subscription.topic);
    const auto column_of = [&](const std::string& item) {
      const auto renamed = subscription.rename.find(item);
      return renamed == subscription.rename.end() ? item : renamed->second;
    };
    adapter::TargetTable table;
    table.table = subscription.table;
    table.mode = mode_of(subscription.apply);
    if (table.mode == adapter::ApplyMode::history) table.history_table = subscription.table + "_history";
    for (Item item : topic->items) {
      item.id = column_of(item.id);
      table.columns.push_back(std::move(item));
    }
    for (const std::string& key : topic->key) table.key.push_back(column_of(key));
    spec.tables.push_back(std::move(table));
  }
  return spec;
}

void Deliver::configure() {
  const auto directory = parts_.directory.in_force();
  if (!target_ || !directory_ || !(directory_->catalogue == directory->catalogue)) {
    target_.reset();
    target_ = parts_.adapter.open_target(spec_of(target_config_, subscriptions_, directory->catalogue, connection_));
  } else if (directory_->version == directory->version && !unknown_) {
    return;
  }
  load_lanes(directory);
}

// All or nothing: lanes point into their directory. A try that fails, as the target is away, is made again.
void Deliver::load_lanes(const std::shared_ptr<const Directory>& directory) {
  std::vector<Lane> lanes;
  const std::vector<adapter::MarkRow> rows = target_->marks();
  const std::vector<store::QuarantineEntry> quarantine = parts_.store.quarantine(false);
  for (std::size_t table = 0; table < subscriptions_.size(); ++table) {
    const std::string& topic = subscriptions_[table].topic;
    std::set<std::string> origins;
    for (const std::string& provider : directory->providers_of(topic)) origins.insert(provider);
    // A stream whose provider left the directory is still settled under the grants.
    for (const adapter::MarkRow& row : rows)
      if (row.subscription == topic) origins.insert(row.origin);
    origins.erase(agent_);
    for (const std::string& origin : origins) {
      Lane lane;
      lane.topic = topic;
      lane.origin = origin;
      lane.table = table;
      lane.definition = directory->catalogue.find(topic);
      lane.granted = directory->entitlement(agent_, topic, parts_.clock.now());
      lane.row.subscription = topic;
      lane.row.origin = origin;
      for (const adapter::MarkRow& row : rows) {
        if (row.subscription != topic || row.origin != origin) continue;
        lane.has_row = true;
        lane.row = row;
        lane.state = decode_mark(row.state);
      }
      for (const store::QuarantineEntry& entry : quarantine)
        if (is_of(lane, entry)) lane.aside.insert(entry.key);
      lanes.push_back(std::move(lane));
    }
  }
  for (Lane& lane : lanes) release_noted(lane);
  directory_ = directory;
  lanes_ = std::move(lanes);
  unknown_ = false;
  // A poll that does not wait tells whether they are at their heads: there, what a wider grant lacks may be asked for.
  reached_ = false;
}

void Deliver::settle_lanes() {
  for (Lane& lane : lanes_) {
    // R7.4: a directory older than the mark row's is never used.
    if (lane.state.directory_version > directory_->version)
      throw Error(ErrorKind::unavailable, "QZ-AGT-054", lane.topic);
    // A grant also ends by itself, between two directories.
    lane.granted = directory_->entitlement(agent_, lane.topic, parts_.clock.now());
    const bool settled = lane.state.directory_version == directory_->version && lane.state.scope == lane.granted;
    if (!lane.has_row || settled) continue;
    MarkState state = lane.state;
    std::vector<adapter::Step> steps =
        settle(state, lane.granted, directory_->version, *lane.definition, parts_.clock.now());
    write(lane, lane.row.head, state, std::move(steps));
  }
}

// R7.8: granted, neither complete nor tracked.
GroupSet Deliver::lacking(const Lane& lane) const {
  if (!lane.has_row) return GroupSet::none();
  return lane.granted.groups().without(lane.state.complete.unite(lane.state.tracked));
}

wire::FetchRequest Deliver::request() {
  wire::FetchRequest request;
  for (Lane& lane : lanes_) {
    if (lane.granted.is_empty() || parts_.clock.steady() < lane.retry_at) continue;
    // What is being written counts as written: if that fails, the reply is not used.
    const bool under_way = writing_ && &lanes_[writing_->lane] == &lane;
    const bool walks = lane.vouchers.is_walking();
    const Head& marked = under_way ? writing_->transaction.next.head : lane.row.head;
    const Head& after = walks ? lane.vouchers.at() : marked;
    const Bytes& receipt = under_way ? writing_->state.receipt : lane.state.receipt;
    wire::MarkMessage& mark = *request.add_marks();
    write_value(StreamId{lane.origin, lane.topic}, *mark.mutable_stream());
    write_value(after, *mark.mutable_mark());
    mark.set_headers_only(walks);
    if (!receipt.empty()) QZ_ASSERT(mark.mutable_receipt()->ParseFromString(receipt));
    const GroupSet missing = lacking(lane);
    const bool behind = lane.code == "QZ-AGT-055";
    if ((missing.is_empty() || !lane.at_head) && !behind) continue;
    if (lane.asked != 0 && parts_.clock.steady() - lane.asked < wish_interval) continue;
    lane.asked = parts_.clock.steady();
    wire::Wish& wish = *request.add_wishes();
    *wish.mutable_stream() = mark.stream();
    write_value(missing, *wish.mutable_groups());
    *wish.mutable_mark() = mark.mark();
    if (!lane.state.newest.empty()) QZ_ASSERT(wish.mutable_evidence()->ParseFromString(lane.state.newest));
  }
  *request.mutable_directory() = parts_.directory.reference();
  request.set_signed_root(parts_.directory.signed_root());
  for (const Incarnation& seen : parts_.directory.incarnations()) write_value(seen, *request.add_seen());
  // The first poll after a failure does not wait, so that the failure is not told of any longer than it lasts.
  const bool any_aside =
      std::any_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return !lane.aside.empty(); });
  std::uint32_t wait_ms = any_aside ? std::min(parts_.wait_ms, wait_ms_with_aside) : parts_.wait_ms;
  if (comparison_) wait_ms = comparison_->is_reading() ? 0 : std::min(wait_ms, wait_ms_comparing);
  request.set_wait_ms(reached_ && !writing_ ? wait_ms : 0);
  request.set_max_bytes(parts_.page_octets);
  // They need not wait for the courier's poll to end.
  if (parts_.mailbox != nullptr)
    for (wire::Letter& letter : parts_.mailbox->take_outgoing()) *request.add_letters() = std::move(letter);
  return request;
}

std::vector<LaneStatus> Deliver::lanes() const {
  const std::lock_guard lock(status_mutex_);
  return status_;
}

void Deliver::report() {
  std::vector<Notice> notices;
  std::vector<LaneStatus> status;
  for (const Lane& lane : lanes_) {
    const std::string subject = lane.topic + " <- " + lane.origin;
    if (!lane.code.empty()) notices.push_back({NoticeLevel::error, lane.code, subject, lane.detail});
    const GroupSet missing = lacking(lane);
    if (lane.granted.is_empty())
      notices.push_back({NoticeLevel::warning, "QZ-AGT-060", subject, "no grant"});
    else if (!missing.is_empty() && lane.has_row)
      notices.push_back({NoticeLevel::info, "QZ-AGT-061", subject, to_text(missing)});
    const std::string gone = no_longer_covered(lane.state.former, lane.granted);
    if (!lane.granted.is_empty() && !gone.empty() && parts_.clock.now() - lane.state.narrowed < narrowing_told)
      notices.push_back(
          {NoticeLevel::info, "QZ-SEAL-070", subject, "since " + to_text(lane.state.narrowed) + ": " + gone});
    if (lane.held_back != 0 && parts_.clock.steady() - lane.held_back >= held_back_limit)
      notices.push_back({NoticeLevel::warning, "QZ-SEAL-071", subject,
                         "the provider signed " + to_text(lane.hub_head) + ", nothing came after " +
                             to_text(lane.row.head.position)});
    const Micros cycle = subscriptions_[lane.table].update_cycle;
    const Micros silent = since_.age(subject, lane.state.applied, parts_.clock);
    if (cycle != 0 && lane.state.applied != 0 && silent > cycle)
      notices.push_back({NoticeLevel::warning, "QZ-AGT-039", subject, silence_of(lane.state)});
    report_comparison(lane, notices);
    status.push_back({lane.topic, lane.origin, target_config_.id, lane.row.head.position, lane.hub_head,
                      lane.granted.groups(), lane.state.complete, lane.state.tracked, lane.state.upserted,
                      lane.state.removed, lane.aside.size(), lane.state.applied, lane.state.changed, lane.state.alive,
                      lane.code, lane.detail});
  }
  if (!stopped_.empty()) notices.push_back({NoticeLevel::error, "QZ-AGT-040", "hub", stopped_});
  say(std::move(notices));
  const std::lock_guard lock(status_mutex_);
  status_ = std::move(status);
}

void Deliver::prepare() {
  configure();
  settle_lanes();
  ask_again_where_told();
  retry_rows();
  compare_some();
  report();
}

wire::FetchReply Deliver::fetch() {
  const wire::FetchRequest asked = request();
  reached_ = false;
  wire::FetchReply reply;
  try {
    reply = parts_.link.fetch(asked);
  } catch (...) {
    finish_write();
    throw;
  }
  reached_ = true;
  return reply;
}

Progress Deliver::run_once() {
  const bool overlapped = writing_ != nullptr;
  if (!overlapped) prepare();
  const wire::FetchReply reply = fetch();
  finish_write();
  if (overlapped) prepare();
  stopped_ = reply.stopped();
  if (!stopped_.empty()) {
    report();
    throw Error(ErrorKind::unavailable, "QZ-AGT-040", stopped_);
  }
  parts_.directory.note_incarnation(read_value(reply.incarnation()));
  bool restored = false;
  if (take_wishes(parts_.store, agent_, parts_.directory.current().get(), reply.wishes(), restored) && parts_.on_wish)
    parts_.on_wish(restored);
  if (parts_.directory.differs(reply.directory())) {
    parts_.directory.refresh(parts_.link);
    return Progress::moved;
  }
  for (const wire::Page& page : reply.pages()) take_page(page);
  report();
  send_receipts();
  return Progress::moved;
}

}  // namespace qianzhi::flow

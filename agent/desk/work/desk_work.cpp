#include "agent/desk/work/desk_work.h"

#include <utility>

#include "hub-protocol/base/log.h"
#include "hub-protocol/yaml/catalogue.h"

namespace qianzhi::desk {

DeskWork::DeskWork(Parts parts, WorkConfig config, WorkTables tables)
    : parts_(std::move(parts)),
      config_(std::move(config)),
      tables_(std::move(tables)),
      box_(parts_.database, parts_.desk),
      store_(parts_.database),
      book_(store_, box_, config_.cases, parts_.due),
      case_desk_(book_, parts_.clock),
      match_desk_(parts_.database, config_.cases, parts_.clock),
      keeper_(book_, tables_.tables),
      intake_(book_, tables_.tables),
      watch_(parts_.database, box_, config_.events, tables_.changes),
      sender_(box_, config_.outlets, parts_.clock, parts_.random, parts_.passing),
      guard_(parts_.database, {}, tables_.origins) {
  open_feeds();
}

// Whoever withdraws a topic from the public does so in the catalogue, at any time. One that cannot be read permits
// nothing.
bool DeskWork::read_catalogue() {
  yaml::Diagnostics diagnostics;
  Catalogue catalogue = yaml::load_catalogue(config_.catalogue, diagnostics);
  const bool is_good = !diagnostics.has_errors();
  guard_.set_catalogue(is_good ? std::move(catalogue) : Catalogue());
  return is_good;
}

void DeskWork::open_feeds() {
  if (config_.feeds.empty()) return;
  read_catalogue();
  for (const FeedConfig& config : config_.feeds) {
    try {
      const auto table = tables_.tables.find(config.table);
      if (table == tables_.tables.end())
        throw Error(ErrorKind::misuse, "QZ-DSK-108", "feed " + config.id + ": no table " + config.table);
      feeds_.push_back(std::make_unique<Feed>(parts_.database, box_, config, table->second, guard_, parts_.passing));
    } catch (const Error& error) {
      log("feed " + config.id, error);
      refused_.push_back(error);
      failing_feeds_.insert_or_assign(config.id, error);
    }
  }
}

std::int64_t DeskWork::publish() {
  std::int64_t written = 0;
  bool is_read = false;
  for (const auto& feed : feeds_) {
    try {
      if (!feed->is_due(now())) continue;
      if (!is_read) read_catalogue();
      is_read = true;
      if (feed->run(now()).is_new) ++written;
      failing_feeds_.erase(feed->id());
    } catch (const Error& error) {
      // One feed that is refused or has no folder stops nothing else; an own store that is damaged does.
      if (error.kind() == ErrorKind::corrupt) throw;
      log("feed " + feed->id(), error);
      failing_feeds_.insert_or_assign(feed->id(), error);
    }
  }
  return written;
}

std::int64_t DeskWork::watch() {
  std::int64_t added = 0;
  while (!watch_.run_once(now(), added)) {
  }
  return added;
}

WorkTurn DeskWork::follow() {
  WorkTurn turn;
  if (!config_.events.empty()) turn.events = watch();
  const auto due = next();
  if (due && *due <= now()) turn.notices = sender_.run_once();
  return turn;
}

WorkTurn DeskWork::run_once() {
  WorkTurn turn;
  // Before a finding that closed takes the case away from the visit that was reported.
  turn.outcomes = intake_.run_once(now());
  turn.cases = keeper_.run_once(now());
  turn.events = watch();
  turn.feeds = publish();
  turn.notices = sender_.run_once();
  if (config_.keep_notices > 0) box_.forget(now() - config_.keep_notices);
  return turn;
}

std::optional<Micros> DeskWork::next() { return sender_.next(now()); }

}  // namespace qianzhi::desk

// All that the desk does beside comparing: takes in outcomes, keeps cases, watches for events, publishes feeds, sends
// notices. One stage: run_once() does what there is to do now; only its caller waits.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/desk/cases/case_desk.h"
#include "agent/desk/cases/case_keeper.h"
#include "agent/desk/cases/outcome_intake.h"
#include "agent/desk/feeds/feed.h"
#include "agent/desk/outlets/events.h"
#include "agent/desk/outlets/sender.h"
#include "agent/desk/work/match_desk.h"
#include "agent/desk/work/work_config.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::desk {

// Where everything is, as the program that opened desk.db knows it.
struct WorkTables {
  std::map<std::string, Table> tables;  // by id
  std::vector<EventTable> changes;      // those whose changes are told
  std::vector<FeedOrigin> origins;      // all received tables
};

struct WorkTurn {
  KeeperCounts cases;
  IntakeCounts outcomes;
  std::int64_t events = 0;
  std::int64_t feeds = 0;  // generations written
  SendCounts notices;
};

// One thread; the database is desk.db with the received files attached, and this thread its only writer.
class DeskWork {
 public:
  struct Parts {
    sqlite::Database& database;
    std::string desk;  // its id
    DueDay due;
    const Clock& clock;
    Random& random;
    std::function<void(std::string_view)> passing = {};  // for the crash tests
  };
  // Throws Error(misuse, QZ-DSK-108) for tables and items that are not there. A feed that is refused is left out and
  // told by refused(); everything else works on.
  DeskWork(Parts parts, WorkConfig config, WorkTables tables);

  // Looks through all findings, cases and outcomes.
  WorkTurn run_once();
  // What must not wait for that, and is cheap: changed rows that are events, and their notices.
  WorkTurn follow();
  // When there may be work although nothing changed; nothing: only when it does.
  std::optional<Micros> next();

  const std::vector<Error>& refused() const { return refused_; }
  // Feeds that could not be written when they were due last, and why.
  const std::map<std::string, Error>& failing_feeds() const { return failing_feeds_; }
  const WorkConfig& config() const { return config_; }
  CaseDesk& cases() { return case_desk_; }
  CaseStore& store() { return store_; }
  NoticeBox& notices() { return box_; }
  MatchDesk& matches() { return match_desk_; }
  Micros now() const { return parts_.clock.now(); }

 private:
  void open_feeds();
  bool read_catalogue();
  std::int64_t publish();
  std::int64_t watch();

  Parts parts_;
  WorkConfig config_;
  WorkTables tables_;
  NoticeBox box_;
  CaseStore store_;
  CaseBook book_;
  CaseDesk case_desk_;
  MatchDesk match_desk_;
  CaseKeeper keeper_;
  OutcomeIntake intake_;
  EventWatch watch_;
  NoticeSender sender_;
  FeedGuard guard_;
  std::vector<std::unique_ptr<Feed>> feeds_;
  std::vector<Error> refused_;
  std::map<std::string, Error> failing_feeds_;
};

}  // namespace qianzhi::desk

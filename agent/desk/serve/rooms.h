// What the pages and the interface answer from. Each room has a connection to desk.db of its own and lets in one
// request at a time, so that a long report or the first build of an index holds up nobody else.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "agent/desk/cases/case_desk.h"
#include "agent/desk/lookup/search.h"
#include "agent/desk/rules/report.h"
#include "agent/desk/work/match_desk.h"
#include "agent/desk/work/work_config.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::desk::serve {

class Door {
 public:
  using Pass = std::unique_lock<std::timed_mutex>;
  // Throws Error(unavailable, QZ-DSK-220) after 3 s.
  Pass enter() {
    Pass pass(mutex_, std::chrono::seconds(3));
    if (!pass) throw Error(ErrorKind::unavailable, "QZ-DSK-220", "another request is being answered");
    return pass;
  }
  // As long as it takes.
  Pass wait() { return Pass(mutex_); }

 private:
  std::timed_mutex mutex_;
};

// Cases, notices, matches and the state of the desk. The running desk writes desk.db, too: every step is a transaction.
struct CaseRoom {
  CaseRoom(sqlite::Database& of, const std::string& desk_id, const WorkConfig& config, DueDay due, const Clock& clock)
      : database(of),
        work(config),
        notices(of, desk_id),
        store(of),
        book(store, notices, config.cases, std::move(due)),
        desk(book, clock),
        matches(of, config.cases, clock) {}

  Door door;
  sqlite::Database& database;
  const WorkConfig& work;
  NoticeBox notices;
  CaseStore store;
  CaseBook book;
  CaseDesk desk;
  MatchDesk matches;
};

struct ReportRoom {
  ReportRoom(DeskStore& of, const Judge& rules, const std::vector<Report>& known)
      : store(of), judge(rules), reports(known) {}

  Door door;
  DeskStore& store;
  const Judge& judge;
  const std::vector<Report>& reports;
};

struct LookupRoom {
  LookupRoom(sqlite::Database& database, const lookup::LookupConfig& of, std::vector<ChangeFile> files, Random& random,
             const Clock& clock)
      : config(of),
        index(database, of, std::move(files)),
        audit(database, random),
        search(database, of, index, audit, clock) {}

  Door door;
  const lookup::LookupConfig& config;
  lookup::Index index;
  lookup::Audit audit;
  lookup::Search search;
};

// What is known of the desk from its configuration.
struct DeskFacts {
  std::string id;
  Micros poll = 0;
  std::map<std::string, std::pair<std::string, std::string>> rules;  // id -> title, English title
  std::vector<ReceivedFile> received;
};

struct Rooms {
  DeskFacts facts;
  CaseRoom& cases;
  ReportRoom* reports = nullptr;  // null: no reports are configured
  LookupRoom* lookup = nullptr;   // null: none is configured
};

}  // namespace qianzhi::desk::serve

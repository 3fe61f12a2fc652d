// `events:` of desk.yaml: what happens somewhere starts something at an outlet, once per event.
//
//   events:
//     - id: death
//       on: {change: civil.death}               # a row of a received topic, new or (with version) changed
//       when: {status: [confirmed]}              # items and the values of which one must be there; empty: all rows
//       version: [death_date]                    # other values of these are another event; left out: once per key
//       outlet: pension
//       subject: "{phone}"                       # becomes the field `to`; left out: there is none
//       fields: {name: "{name}", text: "..."}
//     - {id: late, on: {finding: no_tax, level: warning}, outlet: post, fields: {...}}
//     - {id: gone, on: {case: not_found}, outlet: list, fields: {...}}
//
// Names in templates: the table's items; of a finding rule, subject, party, area, title, since, level and what detail
// holds; of a case number, rule, subject, party, area, title, office, what, who and note.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agent/desk/data/table.h"
#include "agent/desk/outlets/notice.h"
#include "agent/desk/outlets/text_template.h"

namespace qianzhi::desk {

struct EventConfig {
  enum class On { change, finding, case_step };
  std::string id;
  On on = On::change;
  std::string source;  // table id, rule, or what happened to a case
  std::string level;   // of findings: notice or warning; empty: both
  std::map<std::string, std::vector<std::string>> when;
  std::vector<std::string> version;
  std::string outlet;
  TextTemplate subject;
  TextTemplates fields;
  bool from_start = false;  // also what was there before the event was configured
};

// What is wrong is a diagnostic. outlets: ids that there are.
std::vector<EventConfig> read_events(yaml::MapReader& reader, const std::vector<std::string>& outlets,
                                     std::string_view key = "events");

// A received table and where its changes are told (agent/desk/data/table.h).
struct EventTable {
  Table table;
  std::string log;     // quoted name of its desk_change: "received"."desk_change"; empty: the DBA has not made it yet
  std::string source;  // as its column source has it
};

// One thread. Notices and the mark up to which was looked are committed together.
class EventWatch {
 public:
  // Throws Error(misuse, QZ-DSK-108) for a table or an item that is not there. An event of a table without a log is not
  // followed, and that is logged as QZ-DSK-108 by the first run.
  EventWatch(sqlite::Database& database, NoticeBox& box, std::vector<EventConfig> events,
             const std::vector<EventTable>& tables);

  // At most about so many changes of each event; false: there is more. Findings and case steps that are there are all
  // looked at. Returns through added how many notices were made. A log that ends before the mark (the file was
  // replaced) is logged as QZ-DSK-109 and followed from its end.
  bool run_once(Micros now, std::int64_t& added, std::int64_t most = 1000);

 private:
  struct Watched {
    EventConfig config;
    EventTable table;
    std::vector<std::string> items;  // as the statement gives them
    std::string statement;           // rows of changes after ?1, at most ?2
  };
  void prepare(const std::vector<EventTable>& tables);
  bool follow_changes(const Watched& event, Micros now, std::int64_t& added, std::int64_t most);
  bool follow_steps(const Watched& event, Micros now, std::int64_t& added, std::int64_t most);
  void follow_findings(const Watched& event, Micros now, std::int64_t& added);
  bool tell(const Watched& event, const Fields& values, const std::string& key, Micros now);
  std::int64_t begin(const Watched& event, std::string_view last);
  Micros begin_time(const Watched& event, Micros now);
  void put_mark(const Watched& event, std::int64_t mark);

  sqlite::Database& database_;
  NoticeBox& box_;
  std::vector<Watched> events_;
  bool has_told_ = false;  // which events are not followed
};

}  // namespace qianzhi::desk

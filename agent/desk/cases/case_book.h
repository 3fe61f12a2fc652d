// Every step a case can take, with what follows from it: its history, notices, the table of those not found. Whoever
// takes a step (the desk itself, a table of outcomes, a person) takes it here.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "agent/desk/cases/case_config.h"
#include "agent/desk/cases/case_store.h"
#include "agent/desk/outlets/notice.h"
#include "hub-protocol/base/calendar.h"

namespace qianzhi::desk {

// The day on which so many calendar days after `from` are over, holidays reckoned in.
using DueDay = std::function<Day(Day from, int days)>;

struct CaseActor {
  std::string who;  // "desk", a source of outcomes, or a user
  Micros now = 0;
};

// One thread; every step runs in the caller's transaction. A step that the case's state does not allow throws
// Error(rejected, QZ-DSK-122), a value that cannot be Error(rejected, QZ-DSK-124); nothing was written then.
class CaseBook {
 public:
  CaseBook(CaseStore& store, NoticeBox& box, CasesConfig config, DueDay due);

  const CasesConfig& config() const { return config_; }
  CaseStore& store() { return store_; }

  // Of a finding, or of a person's (finding 0). Assigned by its area where an office is named for that. level notice:
  // the friendly notice goes out; warning: the warning. Gives the number.
  std::int64_t open(CaseFile file, const std::vector<CasePerson>& persons, const CaseActor& actor);
  void raise(CaseFile& file, std::string_view level, const CaseActor& actor);
  // Area, title or date of the finding changed.
  void refresh(CaseFile& file, std::string_view area, std::string_view title, std::string_view since,
               const CaseActor& actor);
  void assign(CaseFile& file, std::string_view office, std::string_view assignee, const CaseActor& actor);
  // Only once it is warned.
  void urge(CaseFile& file, std::string_view note, const CaseActor& actor);
  void visit(CaseFile& file, std::string_view note, const CaseActor& actor);
  // day: YYYY-MM-DD, or a timestamp that begins so. The same once more changes nothing.
  void outcome(CaseFile& file, const OutcomeKind& kind, std::string_view day, std::string_view note,
               const CaseActor& actor);
  void exempt(CaseFile& file, std::string_view reason, const CaseActor& actor);
  // A second check of a case that has ended, linked to it. Gives its number.
  std::int64_t appeal(CaseFile& file, std::string_view reason, const CaseActor& actor);
  // The finding closed: the registration arrived. In time if that is on the due day or before.
  void settle(CaseFile& file, Micros when, const CaseActor& actor);
  void close(CaseFile& file, std::string_view reason, const CaseActor& actor);
  // Also of a case that has ended.
  void note(const CaseFile& file, std::string_view text, const CaseActor& actor);
  // One more whom an open case is about; at most 100.
  void add_person(CaseFile& file, const CasePerson& person, const CaseActor& actor);
  // The finding is there again.
  void reopen(CaseFile& file, std::string_view since, std::string_view level, const CaseActor& actor);

 private:
  const CaseRule& rule_of(const CaseFile& file) const;
  std::string due_of(const CaseFile& file) const;
  bool take_office(CaseFile& file) const;
  void assign_by_area(CaseFile& file, const CaseActor& actor);
  static void mark_warned(CaseFile& file, Micros now);
  void tell_warning(const CaseFile& file, const CaseActor& actor);
  void warn(CaseFile& file, const CaseActor& actor);
  void end(CaseFile& file, std::string_view by, Micros when, const CaseActor& actor);

  CaseStore& store_;
  NoticeBox& box_;
  CasesConfig config_;
  DueDay due_;
};

}  // namespace qianzhi::desk

#include "agent/desk/cases/case_book.h"

#include <utility>

#include "agent/desk/cases/case_notices.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::desk {

namespace {

constexpr std::size_t longest_note = 4000;

[[noreturn]] void cannot_now(const CaseFile& file, std::string_view what) {
  throw Error(ErrorKind::rejected, "QZ-DSK-122",
              "case " + std::to_string(file.id) + " is " + file.state + ": " + std::string(what));
}

void require_open(const CaseFile& file, std::string_view what) {
  if (file.is_closed()) cannot_now(file, what);
}

void require_text(std::string_view text, std::string_view what) {
  if (text.empty()) throw Error(ErrorKind::rejected, "QZ-DSK-124", std::string(what) + " must be given");
  if (text.size() > longest_note) throw Error(ErrorKind::rejected, "QZ-DSK-124", std::string(what) + " is too long");
}

constexpr int most_persons = 100;
constexpr std::size_t longest_of_person = 300;

void require_person(const CasePerson& person) {
  require_text(person.name, "name");
  if (person.name.size() > longest_of_person || person.document.size() > longest_of_person)
    throw Error(ErrorKind::rejected, "QZ-DSK-124", "name or document is too long");
}

constexpr std::size_t date_length = 10;

// Not tomorrow or later: what did not happen yet has no outcome.
std::string day_of(std::string_view text, Micros now) {
  const std::string_view date = text.substr(0, date_length);
  const auto day = day_from(date);
  const bool ends_well = text.size() == date_length || text[date_length] == 'T' || text[date_length] == ' ';
  if (!day || !ends_well) throw Error(ErrorKind::rejected, "QZ-DSK-124", "the day is no date");
  if (*day > beijing_day(now)) throw Error(ErrorKind::rejected, "QZ-DSK-124", "the day is in the future");
  return std::string(date);
}

}  // namespace

CaseBook::CaseBook(CaseStore& store, NoticeBox& box, CasesConfig config, DueDay due)
    : store_(store), box_(box), config_(std::move(config)), due_(std::move(due)) {}

const CaseRule& CaseBook::rule_of(const CaseFile& file) const {
  const CaseRule* rule = config_.rule(file.rule);
  if (rule == nullptr) throw Error(ErrorKind::rejected, "QZ-DSK-123", "no cases are configured for " + file.rule);
  return *rule;
}

std::string CaseBook::due_of(const CaseFile& file) const {
  const int days = rule_of(file).deadline;
  const auto since = day_from(file.since);
  if (days == 0 || !since) return {};
  return date_text(due_ ? due_(*since, days) : *since + days);
}

std::int64_t CaseBook::open(CaseFile file, const std::vector<CasePerson>& persons, const CaseActor& actor) {
  const CaseRule& rule = rule_of(file);
  require_text(file.subject, "subject");
  file.opened = actor.now;
  file.state = "open";
  file.due = due_of(file);
  file.persons = static_cast<int>(persons.size());
  if (file.purpose.empty()) file.purpose = rule.purpose;
  if (file.basis.empty()) file.basis = rule.basis;
  // Written once, as it ends up: there may be millions at once.
  const bool is_warning = file.level == "warning";
  const bool is_assigned = take_office(file);
  file.level = "notice";
  if (is_warning) mark_warned(file, actor.now);
  store_.add(file, actor.now);
  store_.add_persons(file.id, persons);
  store_.add_step(file.id, actor.who, "opened", "", actor.now);
  if (is_assigned) store_.add_step(file.id, actor.who, "assigned", file.office, actor.now);
  if (is_warning)
    tell_warning(file, actor);
  else if (tell_case(box_, store_, rule.notice, "notice", file, actor.now))
    store_.add_step(file.id, actor.who, "noticed", "", actor.now);
  return file.id;
}

// Whether the area names another office.
bool CaseBook::take_office(CaseFile& file) const {
  const std::string office = rule_of(file).office_for(file.area);
  if (office.empty() || office == file.office) return false;
  file.office = office;
  file.assignee.clear();
  if (file.state == "open") file.state = "assigned";
  return true;
}

void CaseBook::assign_by_area(CaseFile& file, const CaseActor& actor) {
  if (take_office(file)) store_.add_step(file.id, actor.who, "assigned", file.office, actor.now);
}

void CaseBook::mark_warned(CaseFile& file, Micros now) {
  file.level = "warning";
  file.warned = now;
  if (file.state == "open" || file.state == "assigned") file.state = "warned";
}

void CaseBook::tell_warning(const CaseFile& file, const CaseActor& actor) {
  store_.add_step(file.id, actor.who, "warned", "", actor.now);
  tell_case(box_, store_, rule_of(file).warning, "warning", file, actor.now);
}

void CaseBook::warn(CaseFile& file, const CaseActor& actor) {
  mark_warned(file, actor.now);
  tell_warning(file, actor);
}

void CaseBook::raise(CaseFile& file, std::string_view level, const CaseActor& actor) {
  if (level == "warning") {
    if (file.office.empty()) assign_by_area(file, actor);
    warn(file, actor);
  } else {
    file.level = level;
    store_.add_step(file.id, actor.who, "level", level, actor.now);
  }
  store_.save(file, actor.now);
}

void CaseBook::refresh(CaseFile& file, std::string_view area, std::string_view title, std::string_view since,
                       const CaseActor& actor) {
  const bool moved = file.area != area;
  file.area = area;
  file.title = title;
  if (file.since != since) {
    file.since = since;
    file.due = due_of(file);
  }
  store_.add_step(file.id, actor.who, "refreshed", file.area, actor.now);
  if (moved) assign_by_area(file, actor);
  store_.save(file, actor.now);
}

void CaseBook::assign(CaseFile& file, std::string_view office, std::string_view assignee, const CaseActor& actor) {
  require_open(file, "it cannot be assigned");
  require_text(office, "office");
  file.office = office;
  file.assignee = assignee;
  if (file.state == "open") file.state = "assigned";
  store_.add_step(file.id, actor.who, "assigned",
                  assignee.empty() ? std::string(office) : std::string(office).append(" / ").append(assignee),
                  actor.now);
  store_.save(file, actor.now);
}

void CaseBook::urge(CaseFile& file, std::string_view note, const CaseActor& actor) {
  require_open(file, "it cannot be urged");
  if (file.level != "warning") cannot_now(file, "it is urged only after the warning");
  ++file.urges;
  file.state = "urged";
  store_.add_step(file.id, actor.who, "urged", note, actor.now);
  tell_case(box_, store_, rule_of(file).urge, "urge", file, actor.now);
  store_.save(file, actor.now);
}

void CaseBook::visit(CaseFile& file, std::string_view note, const CaseActor& actor) {
  require_open(file, "it cannot be visited");
  if (file.level != "warning") cannot_now(file, "it is visited only after the warning");
  ++file.visits;
  file.state = "visited";
  store_.add_step(file.id, actor.who, "visited", note, actor.now);
  store_.save(file, actor.now);
}

void CaseBook::outcome(CaseFile& file, const OutcomeKind& kind, std::string_view day, std::string_view note,
                       const CaseActor& actor) {
  const std::string date = day_of(day, actor.now);
  if (file.outcome == kind.id && file.outcome_time == date) return;
  // The registration was faster than the report of the visit, which says the same.
  const bool only_noted = file.is_closed() && file.closed_by == "registered" && !kind.ends;
  if (!only_noted) require_open(file, "an outcome comes too late");
  file.outcome = kind.id;
  file.outcome_time = date;
  if (!only_noted) file.state = "visited";
  store_.add_step(file.id, actor.who, kind.id, note, actor.now);
  if (kind.not_found)
    store_.put_not_found(file);
  else
    store_.remove_not_found(file);
  if (kind.ends && !only_noted) end(file, "outcome", actor.now, actor);
  store_.save(file, actor.now);
}

void CaseBook::end(CaseFile& file, std::string_view by, Micros when, const CaseActor& actor) {
  file.closed = when;
  file.closed_by = by;
  file.state = "closed";
  file.on_time.reset();
  if (const auto due = day_from(file.due)) file.on_time = beijing_day(when) <= *due;
  store_.add_step(file.id, actor.who, "closed", by, actor.now);
}

void CaseBook::exempt(CaseFile& file, std::string_view reason, const CaseActor& actor) {
  require_open(file, "it cannot be exempted");
  require_text(reason, "reason");
  file.exempt_reason = reason;
  store_.add_step(file.id, actor.who, "exempted", reason, actor.now);
  end(file, "exempt", actor.now, actor);
  store_.save(file, actor.now);
}

std::int64_t CaseBook::appeal(CaseFile& file, std::string_view reason, const CaseActor& actor) {
  require_text(reason, "reason");
  if (!file.is_closed() || file.appeal_of != 0) cannot_now(file, "only a first check that has ended can be appealed");
  if (store_.has_open_appeal(file.id)) cannot_now(file, "it is being checked again already");
  const int days = rule_of(file).appeal_days;
  if (days != 0 && beijing_day(actor.now) > beijing_day(file.closed) + days)
    cannot_now(file, "it is too late to appeal");
  CaseFile second = file;
  second.id = 0;
  second.appeal_of = file.id;
  second.opened = actor.now;
  second.state = file.office.empty() ? "open" : "assigned";
  second.closed = 0;
  second.closed_by.clear();
  second.outcome.clear();
  second.outcome_time.clear();
  second.exempt_reason.clear();
  second.on_time.reset();
  second.urges = 0;
  second.visits = 0;
  second.since = date_text(beijing_day(actor.now));
  second.due = due_of(second);
  store_.add(second, actor.now);
  store_.add_persons(second.id, store_.persons(file.id));
  store_.add_step(second.id, actor.who, "opened", reason, actor.now);
  store_.add_step(file.id, actor.who, "appealed", std::to_string(second.id), actor.now);
  return second.id;
}

void CaseBook::settle(CaseFile& file, Micros when, const CaseActor& actor) {
  store_.remove_not_found(file);
  end(file, "registered", when, actor);
  store_.save(file, actor.now);
}

void CaseBook::close(CaseFile& file, std::string_view reason, const CaseActor& actor) {
  require_open(file, "it is closed already");
  require_text(reason, "reason");
  store_.add_step(file.id, actor.who, "given up", reason, actor.now);
  end(file, "person", actor.now, actor);
  store_.save(file, actor.now);
}

void CaseBook::note(const CaseFile& file, std::string_view text, const CaseActor& actor) {
  require_text(text, "note");
  store_.add_step(file.id, actor.who, "note", text, actor.now);
  store_.save(file, actor.now);
}

void CaseBook::add_person(CaseFile& file, const CasePerson& person, const CaseActor& actor) {
  require_open(file, "it gets no more persons");
  require_person(person);
  if (file.persons >= most_persons) throw Error(ErrorKind::rejected, "QZ-DSK-124", "there are 100 persons already");
  ++file.persons;
  store_.add_persons(file.id, {person});
  // Not the name: a history is seen by more people than those whom a case is about.
  store_.add_step(file.id, actor.who, "person added", std::to_string(file.persons), actor.now);
  store_.save(file, actor.now);
}

void CaseBook::reopen(CaseFile& file, std::string_view since, std::string_view level, const CaseActor& actor) {
  file.closed = 0;
  file.closed_by.clear();
  file.on_time.reset();
  file.outcome.clear();
  file.outcome_time.clear();
  ++file.reopened;
  file.since = since;
  file.due = due_of(file);
  file.state = file.office.empty() ? "open" : "assigned";
  file.level = "notice";
  store_.add_step(file.id, actor.who, "reopened", since, actor.now);
  assign_by_area(file, actor);
  if (level == "warning")
    warn(file, actor);
  else if (tell_case(box_, store_, rule_of(file).notice, "notice", file, actor.now))
    store_.add_step(file.id, actor.who, "noticed", "", actor.now);
  store_.save(file, actor.now);
}

}  // namespace qianzhi::desk

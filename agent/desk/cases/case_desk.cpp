#include "agent/desk/cases/case_desk.h"

#include <algorithm>
#include <utility>

#include "hub-protocol/base/error.h"

namespace qianzhi::desk {

namespace {

std::string_view name_of(CaseRole role) {
  switch (role) {
    case CaseRole::viewer: return "viewer";
    case CaseRole::officer: return "officer";
    default: return "head";
  }
}

void require_right(const Staff* staff, const std::string& user, CaseRole least, const CaseFile& file) {
  if (staff == nullptr) throw Error(ErrorKind::rejected, "QZ-DSK-121", user + " is not in case_staff");
  if (staff->role < least)
    throw Error(ErrorKind::rejected, "QZ-DSK-121",
                user + " is " + std::string(name_of(staff->role)) + ", this needs " + std::string(name_of(least)));
  if (file.id == 0 || staff->offices.empty()) return;
  if (std::find(staff->offices.begin(), staff->offices.end(), file.office) == staff->offices.end())
    throw Error(ErrorKind::rejected, "QZ-DSK-121", "the case is another office's");
}

}  // namespace

void CaseDesk::act(const std::string& user, std::string_view action, std::int64_t id, CaseRole least, const Act& step) {
  CaseStore& store = book_.store();
  const Micros now = clock_.now();
  const Staff* staff = book_.config().person(user);
  const std::string_view role = staff == nullptr ? std::string_view() : name_of(staff->role);
  try {
    sqlite::Transaction transaction(store.database());
    std::optional<CaseFile> file = id == 0 ? CaseFile() : store.find(id);
    // Who may nothing learns nothing, not even which cases there are.
    require_right(staff, user, least, file ? *file : CaseFile());
    if (!file) throw Error(ErrorKind::rejected, "QZ-DSK-120", "case " + std::to_string(id));
    step(*file, {user, now});
    store.audit(user, role, action, file->id, true, "", now);
    transaction.commit();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::rejected) throw;
    sqlite::Transaction transaction(store.database());
    store.audit(user, role, action, id, false, error.code(), now);
    transaction.commit();
    throw;
  }
}

std::vector<CaseFile> CaseDesk::list(const std::string& user, CaseFilter filter, std::int64_t after, std::size_t most) {
  std::vector<CaseFile> files;
  act(user, "list", 0, CaseRole::viewer, [&](CaseFile&, const CaseActor&) {
    const Staff* staff = book_.config().person(user);
    if (!staff->offices.empty()) filter.offices = staff->offices;
    files = book_.store().list(filter, after, most);
  });
  return files;
}

CaseView CaseDesk::show(const std::string& user, std::int64_t id) {
  CaseView view;
  act(user, "show", id, CaseRole::viewer, [&](CaseFile& file, const CaseActor&) {
    view = {file, book_.store().persons(file.id), book_.store().history(file.id)};
  });
  return view;
}

std::int64_t CaseDesk::open(const std::string& user, const NewCase& fresh) {
  std::int64_t id = 0;
  act(user, "open", 0, CaseRole::head, [&](CaseFile& none, const CaseActor& actor) {
    CaseFile file;
    file.rule = fresh.rule;
    file.subject = fresh.subject;
    file.party = fresh.party;
    file.area = fresh.area;
    file.title = fresh.title;
    file.kind = fresh.kind;
    file.since = fresh.since.empty() ? date_text(beijing_day(actor.now)) : fresh.since;
    file.purpose = fresh.purpose;
    file.basis = fresh.basis;
    file.level = "notice";
    if (!day_from(file.since)) throw Error(ErrorKind::rejected, "QZ-DSK-124", "since is no date");
    if (book_.store().find(file.rule, file.subject, file.party))
      throw Error(ErrorKind::rejected, "QZ-DSK-122", "there is a case of this rule, subject and party");
    id = book_.open(file, fresh.persons, actor);
    none.id = id;
  });
  return id;
}

void CaseDesk::assign(const std::string& user, std::int64_t id, const std::string& office,
                      const std::string& assignee) {
  act(user, "assign", id, CaseRole::head,
      [&](CaseFile& file, const CaseActor& actor) { book_.assign(file, office, assignee, actor); });
}

void CaseDesk::urge(const std::string& user, std::int64_t id, const std::string& note) {
  act(user, "urge", id, CaseRole::officer,
      [&](CaseFile& file, const CaseActor& actor) { book_.urge(file, note, actor); });
}

void CaseDesk::visit(const std::string& user, std::int64_t id, const std::string& note) {
  act(user, "visit", id, CaseRole::officer,
      [&](CaseFile& file, const CaseActor& actor) { book_.visit(file, note, actor); });
}

void CaseDesk::outcome(const std::string& user, std::int64_t id, const std::string& outcome, const std::string& day,
                       const std::string& note) {
  act(user, "outcome", id, CaseRole::officer, [&](CaseFile& file, const CaseActor& actor) {
    const CaseRule* rule = book_.config().rule(file.rule);
    const OutcomeKind* kind = rule == nullptr ? nullptr : rule->outcome(outcome);
    if (kind == nullptr) throw Error(ErrorKind::rejected, "QZ-DSK-123", "no outcome is named so");
    book_.outcome(file, *kind, day.empty() ? date_text(beijing_day(actor.now)) : day, note, actor);
  });
}

void CaseDesk::exempt(const std::string& user, std::int64_t id, const std::string& reason) {
  act(user, "exempt", id, CaseRole::head,
      [&](CaseFile& file, const CaseActor& actor) { book_.exempt(file, reason, actor); });
}

std::int64_t CaseDesk::appeal(const std::string& user, std::int64_t id, const std::string& reason) {
  std::int64_t second = 0;
  act(user, "appeal", id, CaseRole::head,
      [&](CaseFile& file, const CaseActor& actor) { second = book_.appeal(file, reason, actor); });
  return second;
}

void CaseDesk::close(const std::string& user, std::int64_t id, const std::string& reason) {
  act(user, "close", id, CaseRole::head,
      [&](CaseFile& file, const CaseActor& actor) { book_.close(file, reason, actor); });
}

}  // namespace qianzhi::desk

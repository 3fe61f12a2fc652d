#include "agent/desk/cases/case_desk.h"

#include <algorithm>
#include <utility>

#include "agent/desk/data/mask.h"
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
  if (file.id == 0 || staff->is_everywhere()) return;
  if (std::find(staff->offices.begin(), staff->offices.end(), file.office) == staff->offices.end())
    throw Error(ErrorKind::rejected, "QZ-DSK-121", "the case is another office's");
}

constexpr std::size_t longest_request = 64;
constexpr std::size_t longest_text = 300;
constexpr std::size_t most_of_new_case = 100;

void require_short(const NewCase& fresh) {
  std::size_t longest = 0;
  for (const std::string* text :
       {&fresh.subject, &fresh.party, &fresh.area, &fresh.title, &fresh.kind, &fresh.purpose, &fresh.basis})
    longest = std::max(longest, text->size());
  bool has_names = true;
  for (const CasePerson& person : fresh.persons) {
    longest = std::max({longest, person.name.size(), person.document.size()});
    has_names = has_names && !person.name.empty();
  }
  if (longest > longest_text || fresh.persons.size() > most_of_new_case || !has_names)
    throw Error(ErrorKind::rejected, "QZ-DSK-124",
                "a text is too long, a name is missing, or there are too many persons");
}

}  // namespace

// A request that was carried out is answered as it was then, whatever became of the case since.
std::int64_t CaseDesk::step(const CaseAsker& asker, std::string_view action, CaseFile& file, const Act& step,
                            Micros now) {
  CaseStore& store = book_.store();
  if (!asker.request.empty()) {
    if (asker.request.size() > longest_request) throw Error(ErrorKind::rejected, "QZ-DSK-124", "request is too long");
    if (const auto before = store.request(asker.user, asker.request)) {
      if (before->action == action && before->id == file.id) return before->result;
      throw Error(ErrorKind::rejected, "QZ-DSK-127", "request");
    }
  }
  if (asker.version != 0 && file.id != 0 && store.version(file.id) != asker.version)
    throw Error(ErrorKind::rejected, "QZ-DSK-126", "case " + std::to_string(file.id));
  const std::int64_t about = file.id;
  const std::int64_t result = step(file, {asker.user, now});
  if (!asker.request.empty()) store.put_request(asker.user, asker.request, {std::string(action), about, result}, now);
  return result;
}

std::int64_t CaseDesk::act(const CaseAsker& asker, std::string_view action, std::int64_t id, CaseRole least,
                           const Act& act) {
  CaseStore& store = book_.store();
  const Micros now = clock_.now();
  const Staff* staff = book_.config().person(asker.user);
  const std::string_view role = staff == nullptr ? std::string_view() : name_of(staff->role);
  try {
    sqlite::Transaction transaction(store.database());
    std::optional<CaseFile> file = id == 0 ? CaseFile() : store.find(id);
    // Who may nothing learns nothing, not even which cases there are.
    CaseFile missing;
    missing.id = id;
    require_right(staff, asker.user, least, file ? *file : missing);
    if (!file) throw Error(ErrorKind::rejected, "QZ-DSK-120", "case " + std::to_string(id));
    const std::int64_t result = step(asker, action, *file, act, now);
    store.audit(asker.user, role, action, id == 0 ? result : id, true, "", now);
    transaction.commit();
    return result;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::rejected) throw;
    sqlite::Transaction transaction(store.database());
    store.audit(asker.user, role, action, id, false, error.code(), now);
    transaction.commit();
    throw;
  }
}

void CaseDesk::limit(const std::string& user, CaseFilter& filter) const {
  filter.offices = book_.config().person(user)->offices;
}

std::vector<CaseFile> CaseDesk::list(const std::string& user, CaseFilter filter, std::int64_t after, std::size_t most) {
  std::vector<CaseFile> files;
  act(user, "list", 0, CaseRole::viewer, [&](CaseFile&, const CaseActor&) -> std::int64_t {
    limit(user, filter);
    files = book_.store().list(filter, after, most);
    return 0;
  });
  return files;
}

std::vector<CaseFile> CaseDesk::list_by_due(const std::string& user, CaseFilter filter,
                                            const std::optional<CasePlace>& after, std::size_t most) {
  std::vector<CaseFile> files;
  act(user, "list", 0, CaseRole::viewer, [&](CaseFile&, const CaseActor&) -> std::int64_t {
    limit(user, filter);
    files = book_.store().list_by_due(filter, after, most);
    return 0;
  });
  return files;
}

CaseOverview CaseDesk::overview(const std::string& user, const std::string& rule) {
  CaseOverview overview;
  act(user, "overview", 0, CaseRole::viewer, [&](CaseFile&, const CaseActor& actor) -> std::int64_t {
    CaseFilter filter;
    limit(user, filter);
    overview = overview_of(book_.store(), rule, filter.offices, beijing_day(actor.now));
    return 0;
  });
  return overview;
}

CaseView CaseDesk::show(const std::string& user, std::int64_t id) {
  CaseView view;
  act(user, "show", id, CaseRole::viewer, [&](CaseFile& file, const CaseActor&) -> std::int64_t {
    CaseStore& store = book_.store();
    view = {file, store.persons(file.id), store.history(file.id), store.version(file.id), store.detail(file.finding)};
    const std::set<std::string>& hidden = book_.config().person(user)->masked;
    for (CasePerson& person : view.persons) {
      if (hidden.count("name") != 0) person.name = masked(person.name);
      if (hidden.count("document") != 0) person.document = masked(person.document);
    }
    return 0;
  });
  return view;
}

void CaseDesk::admit(const std::string& user, std::string_view action, CaseRole least) {
  act(user, action, 0, least, [&](CaseFile&, const CaseActor&) -> std::int64_t {
    if (!book_.config().person(user)->is_everywhere())
      throw Error(ErrorKind::rejected, "QZ-DSK-121", "this is about all offices");
    return 0;
  });
}

std::int64_t CaseDesk::open(const CaseAsker& asker, const NewCase& fresh) {
  return act(asker, "open", 0, CaseRole::head, [&](CaseFile&, const CaseActor& actor) {
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
    require_short(fresh);
    if (book_.store().find(file.rule, file.subject, file.party))
      throw Error(ErrorKind::rejected, "QZ-DSK-122", "there is a case of this rule, subject and party");
    return book_.open(file, fresh.persons, actor);
  });
}

void CaseDesk::assign(const CaseAsker& asker, std::int64_t id, const std::string& office, const std::string& assignee) {
  act(asker, "assign", id, CaseRole::head, [&](CaseFile& file, const CaseActor& actor) -> std::int64_t {
    book_.assign(file, office, assignee, actor);
    return 0;
  });
}

void CaseDesk::urge(const CaseAsker& asker, std::int64_t id, const std::string& note) {
  act(asker, "urge", id, CaseRole::officer, [&](CaseFile& file, const CaseActor& actor) -> std::int64_t {
    book_.urge(file, note, actor);
    return 0;
  });
}

void CaseDesk::visit(const CaseAsker& asker, std::int64_t id, const std::string& note) {
  act(asker, "visit", id, CaseRole::officer, [&](CaseFile& file, const CaseActor& actor) -> std::int64_t {
    book_.visit(file, note, actor);
    return 0;
  });
}

void CaseDesk::outcome(const CaseAsker& asker, std::int64_t id, const std::string& outcome, const std::string& day,
                       const std::string& note) {
  act(asker, "outcome", id, CaseRole::officer, [&](CaseFile& file, const CaseActor& actor) -> std::int64_t {
    const CaseRule* rule = book_.config().rule(file.rule);
    const OutcomeKind* kind = rule == nullptr ? nullptr : rule->outcome(outcome);
    if (kind == nullptr) throw Error(ErrorKind::rejected, "QZ-DSK-123", "no outcome is named so");
    book_.outcome(file, *kind, day.empty() ? date_text(beijing_day(actor.now)) : day, note, actor);
    return 0;
  });
}

void CaseDesk::exempt(const CaseAsker& asker, std::int64_t id, const std::string& reason) {
  act(asker, "exempt", id, CaseRole::head, [&](CaseFile& file, const CaseActor& actor) -> std::int64_t {
    book_.exempt(file, reason, actor);
    return 0;
  });
}

std::int64_t CaseDesk::appeal(const CaseAsker& asker, std::int64_t id, const std::string& reason) {
  return act(asker, "appeal", id, CaseRole::head,
             [&](CaseFile& file, const CaseActor& actor) { return book_.appeal(file, reason, actor); });
}

void CaseDesk::close(const CaseAsker& asker, std::int64_t id, const std::string& reason) {
  act(asker, "close", id, CaseRole::head, [&](CaseFile& file, const CaseActor& actor) -> std::int64_t {
    book_.close(file, reason, actor);
    return 0;
  });
}

void CaseDesk::note(const CaseAsker& asker, std::int64_t id, const std::string& text) {
  act(asker, "note", id, CaseRole::officer, [&](CaseFile& file, const CaseActor& actor) -> std::int64_t {
    book_.note(file, text, actor);
    return 0;
  });
}

void CaseDesk::add_person(const CaseAsker& asker, std::int64_t id, const CasePerson& person) {
  act(asker, "add person", id, CaseRole::officer, [&](CaseFile& file, const CaseActor& actor) -> std::int64_t {
    book_.add_person(file, person, actor);
    return 0;
  });
}

}  // namespace qianzhi::desk

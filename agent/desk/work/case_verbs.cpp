#include "agent/desk/work/case_verbs.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "agent/desk/cases/case_statistics.h"
#include "agent/desk/cases/case_text.h"
#include "hub-protocol/base/cells.h"

namespace qianzhi::desk {

namespace {

[[noreturn]] void misused(const std::string& what) { throw Error(ErrorKind::misuse, "QZ-DSK-125", what); }

class Words {
 public:
  explicit Words(const std::vector<std::string>& words) : words_(words) {}
  // Numbered from 0; empty beyond the end.
  std::string at(std::size_t place) const { return place < words_.size() ? words_[place] : std::string(); }
  std::string need(std::size_t place, const char* what) const {
    if (place >= words_.size()) misused(std::string(what) + " is missing");
    return words_[place];
  }
  std::int64_t number(std::size_t place) const {
    const std::string text = need(place, "a number");
    std::int64_t value = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end.ec != std::errc() || end.ptr != text.data() + text.size()) misused(text + " is no number");
    return value;
  }
  void end_at(std::size_t most) const {
    if (words_.size() > most) misused("more words than are known here: " + words_[most]);
  }
  std::size_t size() const { return words_.size(); }

 private:
  const std::vector<std::string>& words_;
};

constexpr std::size_t most_listed = 1000;

std::string list_verb(DeskWork& work, const std::string& user, const Words& words, WorkForm form) {
  CaseFilter filter;
  std::int64_t after = 0;
  std::size_t most = most_listed;
  filter.is_open = true;
  for (std::size_t i = 2; i < words.size(); ++i) {
    const std::string word = words.at(i);
    const std::size_t mark = word.find('=');
    const std::string name = word.substr(0, mark);
    const std::vector<std::string> value{mark == std::string::npos ? std::string() : word.substr(mark + 1)};
    if (name == "state") {
      filter.state = value[0];
      filter.is_open = false;
    } else if (name == "rule") {
      filter.rule = value[0];
    } else if (name == "area") {
      filter.area = value[0];
    } else if (name == "office") {
      filter.office = value[0];
    } else if (name == "after") {
      after = Words(value).number(0);
    } else if (name == "most") {
      most = static_cast<std::size_t>(std::max<std::int64_t>(1, Words(value).number(0)));
    } else {
      misused(word);
    }
  }
  const std::vector<CaseFile> files = work.cases().list(user, filter, after, std::min(most, most_listed));
  return form == WorkForm::json ? to_json(files) : to_text(files);
}

CaseGroup group_named(const std::string& name) {
  if (name.empty()) return CaseGroup::none;
  if (name == "area") return CaseGroup::area;
  if (name == "kind") return CaseGroup::kind;
  if (name == "office") return CaseGroup::office;
  if (name == "party") return CaseGroup::party;
  if (name == "month") return CaseGroup::month;
  misused(name);
}

std::string figures_verb(DeskWork& work, const std::string& user, const Words& words, WorkForm form) {
  words.end_at(6);
  const auto first = day_from(words.need(3, "the first day"));
  const auto last = day_from(words.need(4, "the last day"));
  if (!first || !last) misused("days are written YYYY-MM-DD");
  const Days days{*first, *last + 1};
  const CaseGroup group = group_named(words.at(5));
  // Figures of all offices: whoever may list cases may have them, and it is in the audit.
  CaseFilter nothing;
  nothing.state = "-";
  work.cases().list(user, nothing, 0, 1);
  if (words.at(1) == "figures") {
    const auto rows = received_cases(work.store(), words.at(2), days, group);
    return form == WorkForm::csv ? to_csv(rows) : to_text(rows);
  }
  const auto rows = completed_cases(work.store(), words.at(2), days, group);
  return form == WorkForm::csv ? to_csv(rows) : to_text(rows);
}

std::string show_verb(DeskWork& work, const std::string& user, std::int64_t id, WorkForm form) {
  const CaseView view = work.cases().show(user, id);
  return form == WorkForm::json ? to_json(view) : to_text(view, work.config().cases.rule(view.file.rule));
}

std::string change_verb(DeskWork& work, const std::string& user, const Words& words) {
  CaseDesk& cases = work.cases();
  const std::string verb = words.at(1);
  const std::int64_t id = words.number(2);
  words.end_at(verb == "outcome" ? 6 : verb == "assign" || verb == "person" ? 5 : 4);
  std::string more;
  if (verb == "assign")
    cases.assign(user, id, words.need(3, "the office"), words.at(4));
  else if (verb == "urge")
    cases.urge(user, id, words.at(3));
  else if (verb == "visit")
    cases.visit(user, id, words.at(3));
  else if (verb == "outcome")
    cases.outcome(user, id, words.need(3, "the outcome"), words.at(4), words.at(5));
  else if (verb == "exempt")
    cases.exempt(user, id, words.need(3, "the reason"));
  else if (verb == "appeal")
    more = "，复核案件 second check " + std::to_string(cases.appeal(user, id, words.need(3, "the reason")));
  else if (verb == "close")
    cases.close(user, id, words.need(3, "the reason"));
  else if (verb == "note")
    cases.note(user, id, words.need(3, "the note"));
  else if (verb == "person")
    cases.add_person(user, id, {words.need(3, "the name"), words.at(4)});
  else
    misused(verb);
  return "已办理 done: " + std::to_string(id) + more + "\n";
}

std::optional<NoticeState> state_named(const std::string& name) {
  if (name.empty()) return std::nullopt;
  for (const NoticeState state : {NoticeState::waiting, NoticeState::sending, NoticeState::sent, NoticeState::failed,
                                  NoticeState::uncertain, NoticeState::dropped})
    if (name_of(state) == name) return state;
  misused(name);
}

std::string notice_verb(DeskWork& work, const std::string& user, const Words& words, WorkForm form) {
  const std::string verb = words.need(1, "list, again or drop");
  words.end_at(3);
  if (verb == "list") {
    std::string text;
    for (const Notice& notice : work.notices().list(state_named(words.at(2)), most_listed)) {
      const std::string id = std::to_string(notice.id);
      // Not its fields: they hold what was told to whom.
      if (form == WorkForm::json)
        text += R"({"number":)" + id + R"(,"outlet":)" + json_text(notice.outlet) + R"(,"event":)" +
                json_text(notice.event) + R"(,"state":)" + json_text(name_of(notice.state)) + R"(,"tries":)" +
                std::to_string(notice.tries) + R"(,"result":)" + json_text(notice.result) + "}\n";
      else
        text += id + "  " + notice.outlet + "  " + notice.event + "  " + std::string(name_of(notice.state)) + "  " +
                std::to_string(notice.tries) + "  " + notice.result + "\n";
    }
    return text;
  }
  const Staff* staff = work.config().cases.person(user);
  if (staff == nullptr || staff->role != CaseRole::head)
    throw Error(ErrorKind::rejected, "QZ-DSK-121", "notices are sent again or dropped by a head");
  if (verb == "again")
    work.notices().again(words.number(2), work.now());
  else if (verb == "drop")
    work.notices().drop(words.number(2), work.now());
  else
    misused(verb);
  return "已办理 done: " + words.at(2) + "\n";
}

std::string match_verb(DeskWork& work, const std::string& user, const Words& words, WorkForm form) {
  const std::string verb = words.need(1, "list, decided, same, different, later or undo");
  words.end_at(verb == "list" || verb == "decided" ? 2 : 5);
  std::string text;
  if (verb == "list") {
    for (const match::WaitingPair& pair : work.matches().waiting(user, most_listed))
      text += form == WorkForm::json
                  ? R"({"left":)" + json_text(pair.left) + R"(,"right":)" + json_text(pair.right) + R"(,"score":)" +
                        std::to_string(pair.score) + R"(,"reasons":)" + json_text(pair.reasons) + "}\n"
                  : std::to_string(pair.score) + "  " + pair.left + "  " + pair.right + "  " + pair.reasons + "\n";
    return text;
  }
  if (verb == "decided") {
    for (const match::DecidedPair& pair : work.matches().decided(user, most_listed))
      text += beijing_text(pair.decision.at) + "  " + pair.decision.who + "  " +
              (pair.decision.is_same ? "same" : "different") + "  " + pair.left + "  " + pair.right + "\n";
    return text;
  }
  work.matches().decide(user, words.need(2, "the first record"), words.need(3, "the second record"), verb, words.at(4));
  return "已办理 done\n";
}

}  // namespace

std::string work_verb(DeskWork& work, const std::string& user, const std::vector<std::string>& all, WorkForm form) {
  const Words words(all);
  if (words.at(0) == "notice") return notice_verb(work, user, words, form);
  if (words.at(0) == "match") return match_verb(work, user, words, form);
  if (words.at(0) != "case") misused(words.at(0));
  const std::string verb = words.need(1, "what to do with a case");
  if (verb == "list") return list_verb(work, user, words, form);
  if (verb == "figures" || verb == "completed") return figures_verb(work, user, words, form);
  if (verb == "show") {
    words.end_at(3);
    return show_verb(work, user, words.number(2), form);
  }
  return change_verb(work, user, words);
}

}  // namespace qianzhi::desk

#include "hub-protocol/hub/verbs.h"

#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/audit_keeper.h"
#include "hub-protocol/hub/permission.h"

namespace qianzhi::hub {

namespace {

[[noreturn]] void wrong(const std::string& what) { throw Error(ErrorKind::misuse, "QZ-HUB-051", what); }

std::vector<std::string> split(std::string_view text, char mark) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(mark), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

}  // namespace

Words::Words(const std::vector<std::string>& words, const std::set<std::string, std::less<>>& flags) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].compare(0, 2, "--") != 0) {
      positional_.push_back(words[i]);
      continue;
    }
    const std::string name = words[i].substr(2);
    const bool is_flag = flags.count(name) != 0;
    if (!is_flag && i + 1 == words.size()) wrong("--" + name + " 缺少值 / has no value");
    if (!options_.emplace(name, is_flag ? std::string() : words[++i]).second)
      wrong("--" + name + " 重复 / is given twice");
  }
}

std::string Words::next(std::string_view what) {
  if (taken_ == positional_.size()) wrong("缺少 missing: " + std::string(what));
  return positional_[taken_++];
}

std::optional<std::string> Words::option(std::string_view name) {
  const auto found = options_.find(name);
  if (found == options_.end()) return std::nullopt;
  used_.insert(found->first);
  return found->second;
}

std::string Words::option(std::string_view name, std::string_view otherwise) {
  return option(name).value_or(std::string(otherwise));
}

std::string Words::required(std::string_view name) {
  const auto value = option(name);
  if (!value || value->empty()) wrong("缺少 missing: --" + std::string(name));
  return *value;
}

std::vector<std::string> Words::list(std::string_view name) { return split(option(name, ""), ','); }

bool Words::flag(std::string_view name) { return option(name).has_value(); }

void Words::finish() const {
  if (taken_ < positional_.size()) wrong("多余的词 not understood: " + positional_[taken_]);
  for (const auto& [name, value] : options_)
    if (used_.count(name) == 0) wrong("未知选项 unknown option: --" + name);
}

enrol::Enrolment& enrolment_of(const Office& office) {
  if (office.enrolment == nullptr) throw Error(ErrorKind::misuse, "QZ-HUB-220", "this office enrols nobody");
  return *office.enrolment;
}

DirectoryKeys& directory_keys_of(const Office& office) {
  if (office.directory_keys == nullptr) throw Error(ErrorKind::misuse, "QZ-HUB-220", "this office holds no keys");
  return *office.directory_keys;
}

std::vector<const Verb*> all_verbs() {
  std::vector<const Verb*> verbs;
  for (const std::span<const Verb> table :
       {stream_verbs(), overview_verbs(), catalogue_verbs(), member_verbs(), agent_verbs(), certificate_verbs(),
        directory_verbs(), grant_verbs(), matter_verbs(), audit_verbs(), ledger_verbs(), account_verbs(),
        pending_verbs()})
    for (const Verb& verb : table) verbs.push_back(&verb);
  return verbs;
}

const Verb* find_verb(std::span<const std::string> words) {
  const Verb* best = nullptr;
  for (const Verb* verb : all_verbs()) {
    const std::vector<std::string> name = split(verb->name, ' ');
    const bool fits = name.size() <= words.size() && std::equal(name.begin(), name.end(), words.begin());
    if (fits && (best == nullptr || verb->name.size() > best->name.size())) best = verb;
  }
  return best;
}

std::string run_verb(const Verb& verb, Office& office, const Caller& caller, std::span<const std::string> words,
                     std::string_view attachment) {
  std::vector<std::string> left(words.begin(), words.end());
  switch (permit(verb, office, caller, left)) {
    case Permit::at_once: return carry_out(verb, office, caller.actor, left, attachment);
    case Permit::second_person: return keep_pending(verb, office, caller.actor, left, attachment);
  }
  return {};
}

std::string carry_out(const Verb& verb, Office& office, const audit::Actor& actor, std::span<const std::string> words,
                      std::string_view attachment) {
  std::set<std::string, std::less<>> flags{"json"};
  for (const std::string_view flag : verb.flags) flags.emplace(flag);
  const auto skipped = static_cast<std::ptrdiff_t>(split(verb.name, ' ').size());
  // Options may hold what belongs into no entry: the verb's name alone.
  const auto tally = [&](std::string_view outcome) {
    if (office.keeper != nullptr)
      office.keeper->tally({actor, "command", std::string(verb.name), std::string(outcome)});
  };
  std::unique_lock<std::mutex> alone;
  if (office.lock != nullptr && verb.is_alone) alone = std::unique_lock(*office.lock);
  try {
    Ask ask{actor, Words({words.begin() + skipped, words.end()}, flags), false, Bytes(attachment)};
    ask.json = ask.words.flag("json");
    std::string answer = verb.run(office, ask);
    if (verb.role == Role::anyone) tally("");
    return answer;
  } catch (const Error& error) {
    tally(error.code());
    if (error.code() != "QZ-HUB-051") throw;
    wrong(error.detail() + "\n用法 usage: qianzhi-hub " + std::string(verb.name) + " " + std::string(verb.arguments));
  }
}

}  // namespace qianzhi::hub

// The verbs of administration: what `qianzhi-hub VERB ...` and the administration interface carry out in a running hub.
// Each file verbs_*.cpp adds a table; nothing else knows them by name.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/audit/audit_log.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/enrol/enrolment.h"
#include "hub-protocol/hub/directory_keys.h"
#include "hub-protocol/hub/exchange.h"
#include "hub-protocol/hub/hub_config.h"
#include "hub-protocol/hub/matters.h"
#include "hub-protocol/registry/registry.h"

namespace qianzhi::hub {

class AuditKeeper;

// What verbs work on. Calls exclude each other.
struct Office {
  registry::Registry& registry;
  Exchange& exchange;
  Matters& matters;
  const HubConfig& config;  // of the file in force
  DigestSuite suite;        // of the directory
  const Clock& clock;
  Random& random;
  enrol::Enrolment& enrolment;
  DirectoryKeys& directory_keys;
  std::function<Bytes()> signed_root;  // in force
  // The directory again, from file and registry; in force at every open connection when it returns.
  std::function<void()> publish;
  // Where what is only looked at or refused is entered; null: nowhere. What is changed enters itself (Registry).
  AuditKeeper* keeper = nullptr;
};

// What follows a verb: positional words and `--name value` or `--name`.
class Words {
 public:
  // words: without the verb. flags: names of options without a value; every other `--name` takes the next word.
  // Throws Error(misuse, QZ-HUB-051) for an option given twice or without its value.
  Words(const std::vector<std::string>& words, const std::set<std::string, std::less<>>& flags);

  // The next positional word. Throws Error(misuse, QZ-HUB-051), naming what is missing.
  std::string next(std::string_view what);
  bool has_next() const { return taken_ < positional_.size(); }
  std::optional<std::string> option(std::string_view name);
  std::string option(std::string_view name, std::string_view otherwise);
  std::string required(std::string_view name);
  // Its parts between commas; empty if it is not given.
  std::vector<std::string> list(std::string_view name);
  bool flag(std::string_view name);
  // Throws Error(misuse, QZ-HUB-051) for whatever nobody asked for. Before anything is done.
  void finish() const;

 private:
  std::vector<std::string> positional_;
  std::size_t taken_ = 0;
  std::map<std::string, std::string, std::less<>> options_;
  std::set<std::string, std::less<>> used_;
};

// One call of a verb.
struct Ask {
  audit::Actor actor;
  Words words;
  bool json = false;  // `--json`: the answer is one JSON value
  Bytes attachment;   // of a file that the caller read; empty: none
};

// Separate roles (三员): who may change nothing may still look.
enum class Role : std::uint8_t {
  anyone,    // whoever may speak to the hub: looks only
  system,    // 系统管理员: departments, agents, backups, streams
  security,  // 安全管理员: catalogue, provisions, grants, approvals, revocation
  audit,     // 审计管理员: reads and exports the audit trail
};

struct Verb {
  std::string_view name;       // "grant add"
  std::string_view arguments;  // "TOPIC DEPARTMENT [--items A,B]"
  std::string_view zh;
  std::string_view en;
  Role role = Role::anyone;
  std::string (*run)(Office& office, Ask& ask) = nullptr;
  // Options without a value, beside --json.
  std::vector<std::string_view> flags = {};
};

// All tables, in the order of the help.
std::vector<const Verb*> all_verbs();

// The verb whose name the words begin with; null: there is none.
const Verb* find_verb(std::span<const std::string> words);

// Carries it out. Throws Error(misuse, QZ-HUB-051) with the verb's usage for wrong words.
std::string run_verb(const Verb& verb, Office& office, const audit::Actor& actor, std::span<const std::string> words,
                     std::string_view attachment);

// The tables. Each is defined in the file of its name.
std::span<const Verb> audit_verbs();
std::span<const Verb> ledger_verbs();
std::span<const Verb> catalogue_verbs();
std::span<const Verb> member_verbs();
std::span<const Verb> agent_verbs();
std::span<const Verb> directory_verbs();
std::span<const Verb> grant_verbs();
std::span<const Verb> matter_verbs();

}  // namespace qianzhi::hub

// The verbs of administration: what `qianzhi-hub VERB ...` and the administration interface carry out in a running hub.
// Each file verbs_*.cpp adds a table; nothing else knows them by name.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/accounts/account.h"
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
  // The directory again, from file and registry; in force at every open connection when it returns.
  std::function<void()> publish;
  // Where what is only looked at or refused is entered; null: nowhere. What is changed enters itself (Registry).
  AuditKeeper* keeper = nullptr;
  // Of the running service; empty in tests that need none.
  std::mutex* lock = nullptr;  // of the calls, and of what else must not happen beside them
  std::function<std::string()> status_text = {};
  std::function<void(bool accept_configuration)> recover = {};
  std::function<std::string(const std::string& directory)> back_up = {};
  Micros started = 0;  // when; 0: not told
  enrol::Enrolment* enrolment = nullptr;
  DirectoryKeys* directory_keys = nullptr;
  std::function<Bytes()> signed_root = {};  // in force
};

// Throw Error(misuse, QZ-HUB-220) where the office has none.
enrol::Enrolment& enrolment_of(const Office& office);
DirectoryKeys& directory_keys_of(const Office& office);

using accounts::Role;

// Who calls a verb. A user of the machine without an account is named "unix:USER".
struct Caller {
  enum class Way { machine, session };

  Caller(audit::Actor who, Way by = Way::machine, bool root = false) : actor(std::move(who)), way(by), is_root(root) {}

  audit::Actor actor;
  Way way;
  bool is_root;
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

enum class FourEyes : std::uint8_t {
  by_policy,  // waits for a second person of its role where the policy names it
  never,      // an emergency
  whenever,   // any policy is set: who could change this alone could get round it
};

struct Verb {                  // NOLINT(clang-analyzer-optin.performance.Padding): the tables are read in this order
  std::string_view name;       // "grant add"
  std::string_view arguments;  // "TOPIC DEPARTMENT [--items A,B]"
  std::string_view zh;
  std::string_view en;
  Role role = Role::anyone;
  std::string (*run)(Office& office, Ask& ask) = nullptr;
  // Options without a value, beside --json.
  std::vector<std::string_view> flags = {};
  FourEyes four_eyes = FourEyes::by_policy;
  // False: takes long or calls verbs itself, and needs nothing that other calls change.
  bool is_alone = true;
};

// All tables, in the order of the help.
std::vector<const Verb*> all_verbs();

// The verb whose name the words begin with; null: there is none.
const Verb* find_verb(std::span<const std::string> words);

// The one place where it is decided who may do what (permission.h); then carries it out, or keeps it for a second
// person and says so. Throws Error(misuse, QZ-HUB-051) with the verb's usage for wrong words, Error(rejected,
// QZ-HUB-270 or 277) for a caller who may not, which is audited.
std::string run_verb(const Verb& verb, Office& office, const Caller& caller, std::span<const std::string> words,
                     std::string_view attachment);

// Without asking whether the actor may. words: with the verb's name.
std::string carry_out(const Verb& verb, Office& office, const audit::Actor& actor, std::span<const std::string> words,
                      std::string_view attachment);

// The tables. Each is defined in the file of its name.
std::span<const Verb> audit_verbs();
std::span<const Verb> ledger_verbs();
std::span<const Verb> account_verbs();
std::span<const Verb> catalogue_verbs();
std::span<const Verb> certificate_verbs();  // certificates.cpp
std::span<const Verb> member_verbs();
std::span<const Verb> agent_verbs();
std::span<const Verb> directory_verbs();
std::span<const Verb> grant_verbs();
std::span<const Verb> matter_verbs();
std::span<const Verb> overview_verbs();
std::span<const Verb> pending_verbs();
std::span<const Verb> stream_verbs();

}  // namespace qianzhi::hub

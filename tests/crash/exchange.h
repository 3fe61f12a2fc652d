// Two departments and a hub as a person would set them up: packaging/pki/make-pki, YAML files, the SQL that `qianzhi
// plan` prints, and the shipped programs over mutual TLS on loopback. Commerce provides opening registrations (a state
// topic) and change registrations (events); the tax department receives both, the events with their history. Where it
// is asked for, the city's quality department receives both topics with their history, but only of one district, and
// of firms no postal code. Databases are SQLite files, or PostgreSQL: one server for commerce, one for the receivers.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hub-protocol/base/clock.h"
#include "tests/crash/database.h"
#include "tests/crash/page.h"
#include "tests/crash/program.h"
#include "tests/support/gateway.h"
#include "tests/support/postgres_server.h"
#include "tests/support/reserved_port.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::crash {

enum class Who { hub, commerce, tax, quality };
std::string name_of(Who who);

inline constexpr const char* firms_topic = "commerce.opening_registration";
inline constexpr const char* changes_topic = "commerce.change_registration";

inline constexpr const char* granted_district = "440103";  // the only one that quality may see

// sm: SM2 keys, so SM3 digests, and SM4 at rest. sm_beside: the same, but agents sign with Ed25519 first and SM2
// second.
enum class Seals { plain, sm, sm_beside, two_signatures };

struct Choice {
  std::string capture = "journal";  // of commerce's source, as in its configuration
  bool postgresql = false;          // else SQLite
  bool restricted = false;          // with the quality department
  bool ungranted = false;           // which nothing is granted in the hub's file
  std::optional<Who> small;         // whose store is on a small tmpfs of its own; it dies with the program
  std::string validity = "24h";     // of a directory
  Seals seals = Seals::plain;
  std::set<Who> by_files = {};  // reach the hub through folders only, and a gateway that does this to what it carries
  test::GatewayFaults faults = {};
};

inline Choice choice_of(std::string capture) {
  Choice choice;
  choice.capture = std::move(capture);
  return choice;
}

class Exchange {
 public:
  // Makes everything and starts nothing but database servers.
  explicit Exchange(const std::string& capture = "journal") : Exchange(choice_of(capture)) {}
  explicit Exchange(const Choice& choice);
  ~Exchange();

  // crash_at: POINT or POINT#N. Returns at once. more: further arguments.
  void start(Who who, const std::string& crash_at = {}, const std::vector<std::string>& more = {});
  void start_all();
  // Everything is made and started, so many changes are committed, and all of it has arrived.
  void begin(int changes);
  // NAME=value, for each later start of this one.
  void set_environment(Who who, std::vector<std::string> variables) { environments_[who] = std::move(variables); }
  Program& program(Who who) { return *programs_.at(who); }
  // SIGTERM. Throws std::runtime_error unless it ends with exit status 0 in time.
  void stop(Who who);
  // SIGKILL, waits for its end.
  void kill(Who who);

  // Looks at the condition until it holds, at once when a program ended, else some times a second. Throws
  // std::runtime_error with statuses and logs after `seconds`, or when a program ended that was not expected to.
  void await(const std::string& what, const std::function<bool()>& condition, int seconds = 150);
  // A file in the folder of the small file system, as the program sees it.
  std::filesystem::path small_file(const std::string& name);
  bool has_small(Who who) const { return choice_.small == who; }
  // The server of this one's database. Who is connected notices.
  test::PostgresServer& server(Who who) { return who == Who::commerce ? *source_server_ : *target_server_; }
  // Of a program that is not running: its store is this file from now on, or gone.
  void replace_store(Who who, const std::filesystem::path& by);
  // Of a department that uses SQLite, and whose agent is not running.
  void replace_database(Who who, const std::filesystem::path& by);
  // SIGKILL to the whole server at once, and a new start, which recovers.
  void crash_server(Who who);
  // Until `who` was ended by a signal; its number. Each look first calls `drive`.
  int await_killed(Who who, const std::function<void()>& drive) { return await_end(who, drive).signal; }
  // Until `who` ended, however.
  Ending await_end(Who who, const std::function<void()>& drive);
  // Passes up to this time; shorter if a program ends.
  void pause(int milliseconds);
  // All is sealed, receipted and passed at the target, and no refill is open.
  bool is_quiet();
  // Quiet, and the target equals the source.
  void await_rest();

  // As commerce's own application, one transaction. Statements are ours.
  void sql(const std::string& text);
  // One transaction of inserts, updates, moves, deletes and an event.
  void change();
  // As the hub's operator: another legal basis, and SIGHUP.
  void change_directory();
  // As commerce's administrator and the hub's operator: a new signing key (the first, if there are two), the old one
  // retired. Commerce's agent is not running; it signs with the new one when it starts again.
  void replace_key();
  // As the hub's operator, who takes a department's agent out, or back in.
  void disable(Who who, bool disabled);
  // As a DBA of the tax department.
  void target_sql(const std::string& text);
  std::vector<std::string> rows(Who who, const std::string& query);
  // The first difference between source and targets, or nothing: row by row, at each receiver what it is granted.
  std::string difference();
  // The first thing that quality was ever given without a grant, or nothing.
  std::string ungranted();
  // Events from this id on that are not exactly once in the history of the target, or out of order.
  std::string wrong_history(std::int64_t from);
  std::int64_t last_event() const { return events_; }

  Page page(Who who);
  // `qianzhi WORDS...`, or `qianzhi-hub WORDS...` for the hub, with -c CONFIG added after the first word.
  Output ask(Who who, std::vector<std::string> words);
  Output qianzhi(std::vector<std::string> words);

  // Carries files whenever something is awaited.
  test::Gateway& gateway() { return *gateway_; }

  std::filesystem::path file(const std::string& name) const { return folder_ / name; }
  std::filesystem::path config(Who who) const { return file(name_of(who) + ".yaml"); }
  // Commerce's configuration; postal: the rule of postal_code.
  void write_commerce(const std::string& postal = "postal");
  void make_source();  // tables, and what `plan` prints for it
  void make_target();
  void install(Who who);

 private:
  void write_hub();
  void write_receiver(Who who);
  void make_gateway();
  std::string database_of(Who who);  // in its configuration
  Database& open(Who who);
  // Again with a new connection whenever the server ended it.
  void persist(Who who, const std::function<void(Database&)>& work);
  std::string report();

  const Choice choice_;
  std::vector<Who> all_ = {Who::hub, Who::commerce, Who::tax};
  std::vector<Who> receivers_ = {Who::tax};
  test::TempDir folder_;
  std::unique_ptr<test::PostgresServer> source_server_;
  std::unique_ptr<test::PostgresServer> target_server_;
  SystemClock clock_;
  std::unique_ptr<test::Gateway> gateway_;
  test::ReservedPort hub_port_;
  std::map<Who, std::unique_ptr<Database>> databases_;
  std::map<Who, std::unique_ptr<Program>> programs_;
  std::map<Who, std::vector<std::string>> environments_;
  Who dying_ = Who::hub;  // expected to end while await_killed() runs
  bool is_dying_ = false;
  bool reporting_ = false;
  int editions_ = 0;  // of the hub's configuration
  std::set<Who> disabled_;
  std::string retired_;  // commerce's signing keys, as entries of the hub's configuration
  std::int64_t firms_ = 0;
  std::int64_t events_ = 0;
};

}  // namespace qianzhi::crash

// An exchange that grows from an empty hub: the shipped programs, set up by nothing but their public commands, as
// packaging/ENROLMENT.md tells. Each agent has its configuration, identity, queue and SQLite database in one folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hub-protocol/base/clock.h"
#include "tests/crash/database.h"
#include "tests/crash/program.h"
#include "tests/support/reserved_port.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::crash {

// Belongs to one thread. What fails throws std::runtime_error with what the programs said.
class NewExchange {
 public:
  // catalogue: the hub's; empty: the shipped one.
  explicit NewExchange(std::filesystem::path catalogue = {});  // a root, an issuing authority, keys, a configuration
                                                               // without any department, and a hub that runs

  // The department and its agent are entered; a token for it.
  std::string token_for(const std::string& agent, const std::string& department);
  // The department and its agent are entered, and the agent gets its identity by a token, which is returned. parts:
  // sources and publications, or targets and subscriptions; their database is NAME.db.
  std::string enrol(const std::string& agent, const std::string& department, const std::string& parts);
  // Runs what `plan install` prints on the agent's database.
  void install(const std::string& agent);
  void start_hub();
  void start(const std::string& agent, const std::string& crash_at = {});
  // Of the agent's page, once it is there.
  std::uint16_t port(const std::string& agent) const;
  // SIGTERM, or SIGKILL. Throws unless it ends so.
  void stop(const std::string& agent);
  void stop_hub();
  void kill_hub();

  Output hub_command(std::vector<std::string> words) const;  // without -c
  Output on_hub(std::vector<std::string> words) const;
  Output qianzhi(std::vector<std::string> words) const;  // without -c
  Output on(const std::string& agent, std::vector<std::string> words) const;
  // The same, which must succeed; its text.
  std::string hub_says(const std::vector<std::string>& words) const;
  std::string says(const std::string& agent, const std::vector<std::string>& words) const;

  // Looks again and again, and throws with all logs after a minute.
  void await(const std::string& what, const std::function<bool()>& condition) const;
  // The agent has the hub's directory version in force and nothing to complain about.
  void await_connected(const std::string& agent) const;
  int batches(const std::string& topic) const;  // that the hub holds of the first stream of this topic

  Database& database(const std::string& agent);
  Program& program(const std::string& agent) { return *agents_.at(agent); }
  std::string certificate(const std::string& agent) const;  // with its key, as in the file
  std::string file(const std::string& name) const { return (dir_ / name).string(); }

 private:
  void write(const std::string& name, const std::string& text) const;

  const std::filesystem::path catalogue_;
  test::TempDir dir_;
  SystemClock clock_;
  test::ReservedPort port_;
  std::unique_ptr<Program> hub_;
  std::map<std::string, std::unique_ptr<Program>> agents_;
  std::map<std::string, std::unique_ptr<Database>> databases_;
};

}  // namespace qianzhi::crash

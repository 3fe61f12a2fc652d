// Where the demonstration runs: the checkout it came from, its run directory, and the five departments in it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "packaging/demo/database.h"
#include "packaging/demo/generator.h"
#include "packaging/demo/mariadb_server.h"
#include "packaging/demo/postgres_cluster.h"
#include "packaging/demo/waiter.h"

namespace qianzhi::demo {

// sqlite: everywhere. postgresql: at commerce and statistics. mixed: each department has another kind of database.
enum class Databases { sqlite, postgresql, mixed };

// sm2: an SM directory, SM2 signatures throughout, and SM4 in the agents' queues (packaging/SM.md).
enum class Keys { ed25519, sm2 };

struct Options {
  bool once = false;
  Databases databases = Databases::sqlite;
  Keys keys = Keys::ed25519;
  bool keep = false;
  std::size_t firms = 2757;
  std::uint64_t seed = 2002;
  std::size_t changes = 300;        // transactions, with --once
  std::filesystem::path directory;  // empty: a fresh one, removed at the end
  std::filesystem::path root;       // of the checkout; empty: above this program
};

struct Member {
  std::string id;     // of the department: "commerce"
  std::string agent;  // "commerce-01"
  std::string title;  // 工商
  std::optional<Provider> provider;
  std::filesystem::path directory;
  Place business;  // for a provider
  Place received;

  std::filesystem::path config() const { return directory / "agent.yaml"; }
};

inline constexpr std::size_t bureau_count = 7;

class Site {
 public:
  // Makes the run directory and its PKI. Throws Error(misuse, QZ-DEM-001).
  explicit Site(const Options& options);
  // Removes what it made unless it was asked to keep it.
  ~Site();
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  const std::filesystem::path& directory() const { return directory_; }
  std::string program(const std::string& name) const { return (programs_ / name).string(); }
  std::filesystem::path log(const std::string& name) const { return directory_ / "logs" / name; }
  // The shipped one, and the example of services beside it.
  std::filesystem::path catalogue() const { return directory_ / "catalogue"; }
  std::filesystem::path shipped(const std::string& name) const { return root_ / name; }
  const std::vector<Member>& members() const { return members_; }  // statistics, which joins later, is the last

  // Departments that answer requests and nothing else.
  const std::vector<Member>& bureaus() const { return bureaus_; }
  // The one that asks through a table of its own database; business and received are that database.
  const Member& office() const { return office_; }

  // Makes the departments' databases with their initial rows.
  void fill_databases(const Generator& generator, Waiter& waiter);
  // Writes hub.yaml with or without the one that joins, and returns its path.
  std::filesystem::path write_hub_config(bool has_joined) const;
  void write_agent_configs(const std::string& hub_url) const;
  void write_bureau_config(const Member& bureau, const std::string& hub_url) const;
  void write_office_config(const std::string& hub_url) const;
  // Runs as the DBA what `qianzhi plan` prints for every database of the member.
  void install(const Member& member) const;
  // Likewise, of the office, whose table of requests is there.
  void install_office() const;

 private:
  void make_pki() const;
  std::vector<const Member*> everybody() const;
  void place_databases();
  void place_office();
  Place postgresql(const Member& member, const std::string& role) const;
  Place mariadb(const Member& member, const std::string& role) const;
  Place odbc(const Member& member, const std::string& role) const;
  bool has_postgresql(const std::string& department) const;
  bool has_mariadb(const std::string& department) const;
  void start_servers(Waiter& waiter);
  std::string plan(const Member& member, const std::string& part, const std::string& database) const;
  std::string agent_entry(const Member& member) const;
  std::string filled(const std::string& name, std::map<std::string, std::string, std::less<>> values) const;

  Options options_;
  std::filesystem::path programs_;
  std::filesystem::path root_;
  std::filesystem::path directory_;
  bool removes_ = false;
  std::vector<Member> members_;
  std::vector<Member> bureaus_;
  Member office_{"transport", "transport-01", "交通", {}, {}, {}, {}};
  // Ended last, after everything that uses them.
  std::unique_ptr<PostgresCluster> cluster_;
  std::unique_ptr<MariadbServer> mariadb_;
};

}  // namespace qianzhi::demo

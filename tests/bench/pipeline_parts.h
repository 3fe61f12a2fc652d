// What the end-to-end benchmark stands on: two departments and a hub as their administrators would set them up, a
// PostgreSQL connection past every program of ours, and what processes used.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "packaging/demo/agent_status.h"
#include "packaging/demo/process.h"
#include "packaging/demo/waiter.h"
#include "tests/support/postgres_server.h"

struct pg_conn;

namespace qianzhi::bench {

// One connection. Everything throws std::runtime_error with the server's words.
class Sql {
 public:
  explicit Sql(const std::string& dsn);
  void run(const std::string& text);
  std::vector<std::vector<std::string>> rows(const std::string& text);
  std::string ask(const std::string& text) { return rows(text).at(0).at(0); }
  void prepare(const std::string& name, const std::string& text);
  void execute(const std::string& name, const std::string& value);
  // COPY of a table of ours into a table of another database, row by row through this process.
  void copy(const std::string& from, Sql& to_connection, const std::string& to);

 private:
  void expect(bool holds) const;
  std::unique_ptr<pg_conn, void (*)(pg_conn*)> connection_;
};

// CPU time and peak memory of a living process; its ended and awaited children count, its living ones do not.
struct Used {
  double cpu = 0;  // seconds
  long peak_kib = 0;
  long now_kib = 0;    // with all of the libraries
  long share_kib = 0;  // now, with its share of what other processes use as well (PSS)
};
Used used_by(pid_t process);
std::vector<pid_t> children_of(pid_t process);

// The median of some rounds of three writes of one 8 KiB page, each made durable, in milliseconds.
double three_syncs(const std::filesystem::path& directory);

// Provider (table firm, topic bench.firm) -> hub -> receiver (table received_firm). With notices: another topic, table
// notice (id, name, area) to received_notice.
class Exchange {
 public:
  Exchange(test::PostgresServer& source, test::PostgresServer& target, bool with_notices = false);

  // Runs as the DBA what `qianzhi plan` prints for both databases.
  void install();
  void start_receiver();  // and waits until it knows its lane
  void start_provider() { start(provider_, "provider-01"); }
  void stop_provider() { provider_.reset(); }
  std::uint16_t start_hub();  // its port, the same each time; the constructor has started it
  void stop_hub() { hub_.reset(); }

  // Waits until so many rows of firms are sealed in the queue.
  void await_queued(std::uint64_t rows);
  // Waits until so many rows of firms are receipted by the hub.
  void await_receipted(std::uint64_t rows);
  // Waits until so many rows of firms are sealed, receipted and applied and the lane is complete. Throws if nothing
  // moves.
  void drain(std::uint64_t rows);
  // Has the receiver compare its rows of firms with the provider's, and returns what its log says of it.
  std::string compare();
  void await(const std::string& what, const std::function<bool()>& condition) { waiter_.until(what, 60, condition); }
  // By kind of process, those that live.
  std::map<std::string, Used> used() const;
  const std::filesystem::path& directory() const { return directory_.path(); }

 private:
  void start(std::unique_ptr<demo::Process>& agent, const std::string& name);
  std::uint16_t port_of(demo::Process& process, const std::filesystem::path& file);
  demo::AgentStatus status_of(const std::string& agent) const { return demo::status_of(pages_.at(agent)); }
  bool is_drained(std::uint64_t rows, std::uint64_t& progress) const;
  // Until the condition holds. Throws if the progress it tells stays the same for long.
  void await_moving(const std::function<bool(std::uint64_t&)>& condition);
  std::string words() const;

  test::PostgresServer& source_;
  test::PostgresServer& target_;
  test::TempDir directory_;
  demo::Waiter waiter_;
  std::filesystem::path programs_;
  std::unique_ptr<demo::Process> hub_;
  std::unique_ptr<demo::Process> provider_;
  std::unique_ptr<demo::Process> receiver_;
  std::map<std::string, demo::PageAddress> pages_;
};

}  // namespace qianzhi::bench

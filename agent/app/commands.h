// The verbs of the program qianzhi, each a function that returns the exit status: 0 good, 1 failed, 2 usage,
// 69 unreachable, 77 no permission, 78 configuration (sysexits.h). What they throw is told by main.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace qianzhi::app {

struct RunOptions {
  std::filesystem::path config;
  std::filesystem::path port_file;  // the status page's port is written here, then the reading token, mode 0600
  bool waits = false;               // without a configuration: a page that says so, until there is one
};
int run(const RunOptions& options);

struct CheckOptions {
  std::filesystem::path config;
  bool live = false;  // also databases and hub; reads only
  bool json = false;
  std::filesystem::path catalogue;  // check topics and items against these files; else against the kept directory
};
int check(const CheckOptions& options);

struct PlanOptions {
  std::filesystem::path config;
  std::string part = "install";  // install, grants, uninstall, repair (connects), leftovers
  std::string database;          // one source or target only; empty: all
  std::filesystem::path catalogue;
  bool json = false;
};
int plan(const PlanOptions& options);

struct SampleOptions {
  std::filesystem::path config;
  std::string topic;
  std::size_t rows = 3;
  std::filesystem::path catalogue;
  bool json = false;
};
int sample(const SampleOptions& options);

struct TopicsOptions {
  std::filesystem::path config;
  std::vector<std::string> words;  // a topic's id, or what to look for
  std::size_t limit = 50;
  bool json = false;
};
int topics(const TopicsOptions& options);

struct VerifyOptions {
  std::filesystem::path path;
  std::filesystem::path directory;      // directory.qzd; empty: beside the batches
  std::filesystem::path directory_key;  // PEM; pinned before what is verified was signed
  std::filesystem::path root_key;       // PEM of the off-line root key; empty: none
  bool json = false;
};
int verify(const VerifyOptions& options);

struct ExportOptions {
  std::filesystem::path config;
  std::filesystem::path to;
  std::string topic;  // empty: all
};
int export_batches(const ExportOptions& options);

struct EnrolCommand {
  std::string token;
  std::filesystem::path out = "/var/lib/qianzhi/identity";
  std::string hub;  // HOST:PORT; empty: the token's
  std::string algorithm = "ed25519";
  std::string proxy;
  bool prints = true;  // the lines for agent.yaml
};
int enrol(const EnrolCommand& command);

struct RotateCommand {
  std::filesystem::path config;
  std::string algorithm;    // empty: as the present key
  bool encryption = false;  // the key to which requests are sealed, instead of the signing key
};
int rotate_key(const RotateCommand& command);

// Sends words to the running agent and prints its answer.
int ask(const std::filesystem::path& config, const std::vector<std::string>& words, bool json);

}  // namespace qianzhi::app

// The verbs of the program qianzhi-desk, each a function that returns the exit status as agent/app/commands.h has it.
// What they throw is told by main.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace qianzhi::desk {

enum class Format { text, csv, json };

int run(const std::filesystem::path& config);
int check(const std::filesystem::path& config);
// The SQL that the DBA runs on received files.
int plan(const std::filesystem::path& config);

struct JudgeOptions {
  std::filesystem::path config;
  bool full = false;
  std::vector<std::string> rules;  // empty: all
};
int judge(const JudgeOptions& options);

struct FindingsOptions {
  std::filesystem::path config;
  std::string rule;  // empty: of all
  bool open = false;
  Format format = Format::text;
  std::size_t limit = 100'000;
};
int findings(const FindingsOptions& options);

struct ReportOptions {
  std::filesystem::path config;
  std::string report;
  std::string from;
  std::string to;
  Format format = Format::text;
};
int report(const ReportOptions& options);

// The verbs case and notice: agent/desk/work/case_verbs.h.
struct WorkOptions {
  std::filesystem::path config;
  std::vector<std::string> words;  // with the verb
  Format format = Format::text;
};
// Cases and notices, in the name of who runs the program: by the running desk if there is one, over the socket beside
// its database, else here.
int work(const WorkOptions& options);

}  // namespace qianzhi::desk

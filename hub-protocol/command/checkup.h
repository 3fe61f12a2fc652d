// What `doctor` prints: one line for each thing that was looked at, and below a bad one its cure. Looking changes
// nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "hub-protocol/base/error.h"
#include "hub-protocol/command/language.h"

namespace qianzhi::command {

enum class Mark { good, notice, warning, failed, skipped };

struct CheckLine {
  Mark mark = Mark::good;
  std::string step;    // stable name, for scripts: "dns", "queue"
  std::string text;    // "中文 / English"
  std::string code;    // empty for what is good
  std::string detail;  // no secrets, no row values
  std::string cure;    // what to do if it is more specific than the code's own next step
};

class Checkup {
 public:
  void add(CheckLine line) { lines_.push_back(std::move(line)); }
  void good(const std::string& step, const std::string& text, const std::string& detail = {});
  void skipped(const std::string& step, const std::string& text, const std::string& detail = {});
  void failed(const std::string& step, const std::string& text, const Error& error);
  // look gives the detail of a good line; an Error that it throws is a failed one. Returns whether it was good.
  bool look(const std::string& step, const std::string& text, const std::function<std::string()>& look);

  // The first line of every doctor: the configuration was read without an error, or what shows its errors. Returns
  // is_good.
  bool configuration(const std::string& program, const std::filesystem::path& file, bool is_good);

  const std::vector<CheckLine>& lines() const { return lines_; }
  bool is_good() const;  // warnings are
  // For a person, or as JSON: {"good":true,"lines":[{"step","mark","text_zh","text_en","code","detail","cure_zh",
  // "cure_en"}]}.
  std::string rendered(Language language, bool json, bool paints) const;

 private:
  std::vector<CheckLine> lines_;
};

// Prints it for a person or as JSON, and gives the exit status of `doctor`.
int tell(const Checkup& checkup, Language language, bool json);

// A file that only its program's user may read: there, a regular file, readable, closed to others. service_user: whose
// it should be (root's is good, too); below 0: not known. Throws Error(misuse): QZ-CLI-020 missing, QZ-CLI-021 not
// readable, QZ-CLI-022 open to others, QZ-CLI-023 of another user.
std::string look_at_secret_file(const std::filesystem::path& file, std::int64_t service_user);
// A file that has to be readable. Throws QZ-CLI-020 and 021.
std::string look_at_file(const std::filesystem::path& file);
// A folder into which the program writes, and how much is free there. Throws QZ-CLI-020, QZ-CLI-024 if it may not be
// written, QZ-CLI-025 if less than `least` octets are free.
std::string look_at_folder(const std::filesystem::path& folder, std::uint64_t least);
// Whose the folder or file is; below 0: it is not there.
std::int64_t owner_of(const std::filesystem::path& path);
// "3.2 GiB"
std::string shown_octets(std::uint64_t octets);

}  // namespace qianzhi::command

// A department that drops files, and what an agent would have of them.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "adapters/api/waiter.h"
#include "adapters/files/files_adapter.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::test {

using Options = std::map<std::string, std::string>;

class FilesClock final : public Clock {
 public:
  Micros now() const override { return time += 1; }  // no two files of the archive have one name
  Micros steady() const override { return time; }
  mutable Micros time = 1'700'000'000'000'000;
};

class ClockWaiter final : public adapter::Waiter {
 public:
  explicit ClockWaiter(FilesClock& clock) : clock_(clock) {}
  void wait(Micros duration) override { clock_.time += duration; }

 private:
  FilesClock& clock_;
};

// "中" and the like in GB18030.
inline const std::string gb_guangzhou = "\xB9\xE3\xD6\xDD";

class DropFolder {
 public:
  explicit DropFolder(const Options& options = {}) {
    std::filesystem::create_directory(folder());
    connection_.options = {{"folder", folder().string()},
                           {"state", (directory_ / "state").string()},
                           {"marker", ".done"},
                           {"look", "0"},
                           {"table.firm.full", "firm*.csv"},
                           {"table.firm.column.代码", "code"},
                           {"table.firm.column.名称", "name"}};
    for (const auto& [name, value] : options) set(name, value);
    open();
  }

  void set(const std::string& name, const std::string& value) {
    if (value == "-")
      connection_.options.erase(name);
    else
      connection_.options[name] = value;
  }

  adapter::SourceSpec spec() const {
    return {connection_, "firms", adapter::CaptureMode::journal, {{"firm", columns, {"code"}, {}}}, 0};
  }

  // As after a restart of the agent.
  void open() {
    source_.reset();
    adapter_ = adapter::make_files_adapter(clock, std::make_shared<ClockWaiter>(clock));
    source_ = adapter_->open_source(spec());
    if (checkpoint_.is_none()) checkpoint_ = source_->present();
  }

  void drop(const std::string& name, const std::string& content, bool done = true) {
    std::ofstream(folder() / name, std::ios::binary) << content;
    if (done) mark(name);
  }
  void mark(const std::string& name, const std::string& content = {}) {
    std::ofstream(folder() / (name + ".done")) << content;
  }

  // Reads until nothing waits. Returns how many changes came.
  std::size_t take(Micros wait = 0) {
    std::size_t count = 0;
    for (bool more = true; more;) {
      adapter::Changes changes = source_->read_changes(checkpoint_, {}, {}, wait);
      REQUIRE(changes.continuity == adapter::Continuity::good);
      for (const adapter::TableChanges& table : changes.tables) {
        for (std::size_t row = 0; row < table.meta.size(); ++row) apply(table, row);
        count += table.meta.size();
      }
      more = changes.more || !(changes.position == checkpoint_);
      checkpoint_ = changes.position;
      events = changes.events;
      looks = changes.looks;
    }
    return count;
  }

  // What a refill would bring: "code|name".
  std::vector<std::string> table() {
    std::vector<std::string> rows;
    Bytes cursor;
    for (bool done = false; !done;) {
      const adapter::SnapshotChunk chunk = source_->read_snapshot(0, cursor, {});
      for (std::size_t row = 0; row < chunk.columns[0].size(); ++row)
        rows.push_back(shown(chunk.columns[0], row) + "|" + shown(chunk.columns[1], row));
      cursor = chunk.cursor;
      done = chunk.done;
    }
    return rows;
  }

  bool has(adapter::TableEventKind kind, const std::string& code = {}) const {
    return std::any_of(events.begin(), events.end(),
                       [&](const auto& event) { return event.kind == kind && (code.empty() || event.code == code); });
  }
  bool warns(const std::string& code) const { return has(adapter::TableEventKind::attention, code); }

  static std::vector<std::string> names(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    if (!std::filesystem::exists(folder)) return names;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      if (!entry.is_directory()) names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }
  std::vector<std::string> waiting() const { return names(folder()); }
  std::vector<std::string> archived() const { return names(folder() / "archive"); }
  std::vector<std::string> rejected() const { return names(folder() / "rejected"); }
  std::string reason(const std::string& name) const {
    std::ifstream file(folder() / "rejected" / (name + ".reason.txt"), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::filesystem::path folder() const { return directory_ / "drop"; }
  std::filesystem::path operator/(const std::string& name) const { return directory_ / name; }
  adapter::Adapter& adapter() { return *adapter_; }
  adapter::Source& source() { return *source_; }

  FilesClock clock;
  std::vector<std::string> columns{"code", "name"};
  std::vector<std::string> log;             // "upsert 1 name", "remove 1"
  std::vector<adapter::TableEvent> events;  // of the last read
  std::vector<adapter::TableLook> looks;    // likewise

 private:
  static std::string shown(const Column& column, std::size_t row) {
    if (column.presence(row) == Presence::null) return "<null>";
    if (column.presence(row) == Presence::invalid) return "<invalid:" + std::string(column.text(row)) + ">";
    return std::string(column.text(row));
  }

  void apply(const adapter::TableChanges& table, std::size_t row) {
    const std::string key = shown(table.columns[0], row);
    if (table.meta[row].operation == Operation::remove)
      log.push_back("remove " + key);
    else
      log.push_back("upsert " + key + " " + shown(table.columns[1], row));
  }

  TempDir directory_;
  adapter::Connection connection_;
  std::unique_ptr<adapter::Adapter> adapter_;
  std::unique_ptr<adapter::Source> source_;
  SourcePosition checkpoint_;
};

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace qianzhi::test

// Figures over time and what went wrong when, in a file of its own beside the queue, so that nothing here can harm the
// queue: 24 h by minute, 30 d by hour, the last 500 events. At most some 2,200 rows: below 1 MiB. Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "agent/status/entrance.h"
#include "agent/status/findings.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::status {

// One minute or hour. Gauges hold the worst, counters what was reached by its end.
struct Sample {
  Micros time = 0;                  // its beginning
  Micros delay = -1;                // from sealing to receipt; -1: nothing was receipted
  std::uint64_t pending = 0;        // rows without a receipt
  std::uint64_t sent = 0;           // rows sealed, since the streams began
  std::uint64_t acknowledged = 0;   // rows with a receipt
  std::uint64_t received = 0;       // rows written and removed here
  std::uint64_t quarantined = 0;    // rows set aside
  std::uint64_t queued_octets = 0;  // of the queue file
};

// Something that went wrong, from when it was first seen until it was no more.
struct Event {
  std::int64_t id = 0;
  std::string level;  // "info", "warning", "error"
  std::string code;
  std::string subject;
  std::string detail;
  Micros began = 0;
  Micros ended = 0;          // 0: still
  std::string acknowledged;  // by whom; empty: nobody
};

enum class Span { day, month };

class History {
 public:
  // Opens or makes the file. One that is damaged is removed and begun anew. Throws Error if that cannot be done either.
  explicit History(std::filesystem::path file);

  // To be called every few seconds. Keeps the figures of the minute, opens and closes events.
  void note(const Snapshot& snapshot, const std::vector<Finding>& findings);
  // Keeps what somebody did, as an event that is over. Level info.
  void note_deed(const Deed& deed, Micros now);
  std::vector<Sample> samples(Span span) const;  // oldest first
  std::vector<Event> events() const;             // newest first
  // Throws Error(rejected, QZ-PAGE-004) if there is no such event.
  void acknowledge(std::int64_t event, const std::string& user);

 private:
  void open();
  void keep(std::string_view table, Micros time, const Sample& sample);
  void note_events(const std::vector<Finding>& findings, Micros now);

  const std::filesystem::path file_;
  mutable std::mutex lock_;
  mutable std::unique_ptr<sqlite::Database> database_;
};

std::string to_json(const std::vector<Sample>& samples);
std::string to_json(const std::vector<Event>& events);

}  // namespace qianzhi::status

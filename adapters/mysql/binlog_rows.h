// Rows of one event of the binary log, one after the other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/mysql/binlog_event.h"
#include "adapters/mysql/binlog_octets.h"
#include "adapters/mysql/binlog_table.h"

namespace qianzhi::mysql {

enum class RowsKind { insert, update, remove };

// Nothing if the event holds no rows.
std::optional<RowsKind> rows_kind_of(EventType type);

// Values of one image of a row, by the table's columns; those that were not logged are absent.
struct RowImage {
  struct Value {
    enum class State : std::uint8_t { absent, null, value } state = State::absent;
    std::string_view octets;
  };
  std::vector<Value> values;
};

// Keeps a copy of the event. table must outlive it.
class RowsCursor {
 public:
  RowsCursor(const Event& event, const LoggedTable& table);
  RowsCursor(const RowsCursor&) = delete;
  RowsCursor& operator=(const RowsCursor&) = delete;

  RowsKind kind() const { return kind_; }
  std::uint32_t timestamp() const { return timestamp_; }
  // False: there is no further row. before: of updates and deletes; after: of inserts and updates.
  bool next();
  const RowImage& before() const { return before_; }
  const RowImage& after() const { return after_; }
  // Rows taken so far.
  std::uint32_t taken() const { return taken_; }
  // Every column is logged in all images.
  bool is_full() const { return full_; }

 private:
  void take_image(const std::vector<bool>& present, RowImage& image);
  std::vector<bool> take_bits(Octets& from) const;

  const LoggedTable& table_;
  RowsKind kind_;
  std::uint32_t timestamp_;
  std::string rows_;
  Octets rest_;
  std::vector<bool> present_before_;
  std::vector<bool> present_after_;
  RowImage before_;
  RowImage after_;
  std::uint32_t taken_ = 0;
  bool full_ = true;
};

// The table's number in an event of rows.
std::uint64_t rows_table_of(const Event& event);

}  // namespace qianzhi::mysql

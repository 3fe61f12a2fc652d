// Rows in columns: the one form in which data moves between a database, an adapter, a batch and a target.
// Every value is UTF-8 text in the canonical form of its item type (model/topic.h), or raw octets for bytes items.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi {

// Frozen: these numbers are on the wire and on disk.
enum class Presence : std::uint8_t {
  value = 0,
  null = 1,
  unchanged = 2,  // not part of this change: keep what the target has (also: every non-key item of a delete)
  invalid = 3,    // the source holds something its type cannot express (0000-00-00); the text is what it holds
};

// One column of values, stored end to end. Appending is amortised O(length).
class Column {
 public:
  void append(std::string_view text) { add(Presence::value, text); }
  void append_null() { add(Presence::null, {}); }
  void append_unchanged() { add(Presence::unchanged, {}); }
  void append_invalid(std::string_view text) { add(Presence::invalid, text); }
  // Copies one value of another column.
  void append_from(const Column& other, std::size_t row) { add(other.presence(row), other.text(row)); }
  void add(Presence presence, std::string_view text);
  // Copies values [begin, end) of another column.
  void append_range(const Column& other, std::size_t begin, std::size_t end);

  std::size_t size() const { return presence_.size(); }
  Presence presence(std::size_t row) const { return presence_[row]; }
  bool has_value(std::size_t row) const { return presence_[row] == Presence::value; }
  // Empty unless the presence is value or invalid. Valid until the next append.
  std::string_view text(std::size_t row) const;
  // Octets of all values together.
  std::size_t octets() const { return data_.size(); }
  void reserve(std::size_t rows, std::size_t octets);
  void clear();

  // For encoders: the parts, in row order. ends()[i] is the end of row i in data().
  const std::vector<Presence>& presences() const { return presence_; }
  const std::vector<std::uint32_t>& ends() const { return ends_; }
  const std::string& data() const { return data_; }

  bool operator==(const Column&) const = default;

 private:
  std::vector<Presence> presence_;
  std::vector<std::uint32_t> ends_;
  std::string data_;
};

// Frozen: these numbers are on the wire and on disk.
enum class Operation : std::uint8_t {
  upsert = 0,
  remove = 1,    // delete of the key, whatever group the target's row has
  withheld = 2,  // the row exists at the source in this group but was set aside (R3.2); only the key is sent
};

// What is known of one change beside its values.
struct RowMeta {
  Operation operation = Operation::upsert;
  std::uint32_t ordinal = 0;      // place in its batch, from 0, over all groups; gapless
  std::uint64_t transaction = 0;  // equal for rows of one source transaction inside one batch; 0: unknown
  Micros source_time = 0;         // commit time at the source; 0: unknown
  bool operator==(const RowMeta&) const = default;
};

}  // namespace qianzhi

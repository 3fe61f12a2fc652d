// Protocol Buffers wire format without copies, internal to this folder. Stricter than the generated code where batches
// need it: a field that is unknown, repeated against its declaration or of another wire type is refused, so nothing
// unsigned travels with a batch unseen. Source: protobuf.dev, "Encoding".
#pragma once

#include <cstdint>
#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::seal {

// How to report what is wrong with the octets being read. The views must outlive it.
struct Fault {
  ErrorKind kind;
  std::string_view code;
  std::string_view where;  // "header", "column block"
  [[noreturn]] void raise(std::string_view what) const;
};

// Fields of one message, in any order. Results are views into the input.
class WireReader {
 public:
  WireReader(std::string_view octets, const Fault& fault) : rest_(octets), fault_(fault) {}

  // Moves to the next field; false at the end.
  bool next();
  std::uint32_t field() const { return field_; }
  // Octets that have not been read yet.
  std::size_t left() const { return rest_.size(); }

  // The value of the present field. The first four refuse a second one of the same number.
  std::uint64_t number();
  std::uint32_t number32();
  bool boolean();
  std::string_view octets();
  std::string_view text() { return checked(octets()); }  // valid UTF-8
  std::string_view each_octets();                        // repeated bytes or message
  std::string_view each_text() { return checked(each_octets()); }
  [[noreturn]] void unknown() const { fault_.raise("unknown field"); }

 private:
  void once();
  std::string_view checked(std::string_view text) const;

  std::string_view rest_;
  const Fault& fault_;
  std::uint32_t field_ = 0;
  std::uint32_t type_ = 0;
  std::uint32_t seen_ = 0;
};

// A run of varints: the content of a packed field.
class VarintReader {
 public:
  VarintReader(std::string_view octets, const Fault& fault)
      : cursor_(octets.data()), end_(octets.data() + octets.size()), fault_(fault) {}
  bool done() const { return cursor_ == end_; }
  std::size_t rest() const { return static_cast<std::size_t>(end_ - cursor_); }
  std::uint64_t next() {
    if (cursor_ != end_ && (*cursor_ & 0x80) == 0) return static_cast<std::uint8_t>(*cursor_++);
    return next_long();
  }
  std::uint32_t next32();

 private:
  std::uint64_t next_long();

  const char* cursor_;
  const char* end_;
  const Fault& fault_;
};

// Number of values in a packed field, without decoding them.
std::size_t count_varints(std::string_view octets);

std::size_t varint_size(std::uint64_t value);
void put_varint(Bytes& out, std::uint64_t value);
// Fields as proto3 writes them: zero and empty are left out...
void put_number(Bytes& out, std::uint32_t field, std::uint64_t value);
void put_octets(Bytes& out, std::uint32_t field, std::string_view octets);
// ... but for messages and elements of repeated fields.
void put_message(Bytes& out, std::uint32_t field, std::string_view octets);
// Tag and length of a field whose `size` octets the caller appends.
void put_length(Bytes& out, std::uint32_t field, std::size_t size);

constexpr std::uint64_t zigzag(std::uint64_t difference) {
  return (difference << 1U) ^ (difference >> 63U == 0 ? 0 : ~std::uint64_t{0});
}
constexpr std::uint64_t from_zigzag(std::uint64_t value) {
  return (value >> 1U) ^ ((value & 1U) == 0 ? 0 : ~std::uint64_t{0});
}

bool is_utf8(std::string_view text);

}  // namespace qianzhi::seal

#include "hub-protocol/seal/row_codec.h"

#include <algorithm>
#include <limits>

namespace qianzhi::seal {

namespace {

// Appends a packed field; produce(put) calls put(value) once a row, and is run twice: the length goes first.
template <typename Produce>
void put_packed(Bytes& out, std::uint32_t field, const Produce& produce) {
  std::size_t size = 0;
  produce([&size](std::uint64_t value) { size += varint_size(value); });
  put_length(out, field, size);
  const std::size_t start = out.size();
  out.resize(start + size);
  char* cursor = out.data() + start;
  produce([&cursor](std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) *cursor++ = static_cast<char>(value | 0x80U);
    *cursor++ = static_cast<char>(value);
  });
}

void require_count(std::string_view packed, std::size_t rows, const Fault& fault) {
  if (count_varints(packed) != rows) fault.raise("a list does not have one entry a row");
  if (!packed.empty() && (packed.back() & 0x80) != 0) fault.raise("cut off");
}

void decode_operations(std::string_view octets, std::vector<RowMeta>& rows, const Fault& fault) {
  if (octets.empty()) return;
  if (octets.size() != rows.size()) fault.raise("a list does not have one entry a row");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto number = static_cast<std::uint8_t>(octets[i]);
    if (number > static_cast<std::uint8_t>(Operation::withheld)) fault.raise("unknown operation");
    rows[i].operation = static_cast<Operation>(number);
  }
}

void decode_ordinals(std::string_view packed, std::vector<RowMeta>& rows, const Fault& fault) {
  VarintReader reader(packed, fault);
  std::uint64_t ordinal = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint32_t delta = reader.next32();
    if (i != 0 && delta == 0) fault.raise("ordinals do not ascend");
    ordinal += delta;
    if (ordinal > std::numeric_limits<std::uint32_t>::max()) fault.raise("an ordinal is too large");
    rows[i].ordinal = static_cast<std::uint32_t>(ordinal);
  }
}

// Calls take(row, value) with the running sums of zigzag deltas; nothing if the list is empty.
template <typename Take>
void decode_sums(std::string_view packed, std::size_t rows, const Fault& fault, const Take& take) {
  if (packed.empty()) return;
  require_count(packed, rows, fault);
  VarintReader reader(packed, fault);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    value += from_zigzag(reader.next());
    take(i, value);
  }
}

}  // namespace

void encode_rows(const std::vector<RowMeta>& rows, Bytes& out) {
  out.clear();
  put_number(out, 1, rows.size());
  if (std::any_of(rows.begin(), rows.end(), [](const RowMeta& row) { return row.operation != Operation::upsert; })) {
    put_length(out, 2, rows.size());
    for (const RowMeta& row : rows) out.push_back(static_cast<char>(row.operation));
  }
  put_packed(out, 3, [&](const auto& put) {
    std::uint32_t previous = 0;
    for (const RowMeta& row : rows) {
      put(row.ordinal - previous);
      previous = row.ordinal;
    }
  });
  if (std::any_of(rows.begin(), rows.end(), [](const RowMeta& row) { return row.transaction != 0; }))
    put_packed(out, 4, [&](const auto& put) {
      std::uint64_t previous = 0;
      for (const RowMeta& row : rows) {
        put(zigzag(row.transaction - previous));
        previous = row.transaction;
      }
    });
  if (std::any_of(rows.begin(), rows.end(), [](const RowMeta& row) { return row.source_time != 0; }))
    put_packed(out, 5, [&](const auto& put) {
      std::uint64_t previous = 0;
      for (const RowMeta& row : rows) {
        put(zigzag(static_cast<std::uint64_t>(row.source_time) - previous));
        previous = static_cast<std::uint64_t>(row.source_time);
      }
    });
}

void encode_column(const Column& column, Bytes& out) {
  out.clear();
  out.reserve(column.octets() + 3 * column.size() + 32);
  put_number(out, 1, column.size());
  const std::vector<Presence>& presences = column.presences();
  if (std::any_of(presences.begin(), presences.end(), [](Presence presence) { return presence != Presence::value; }))
    put_octets(out, 2, {reinterpret_cast<const char*>(presences.data()), presences.size()});
  put_packed(out, 3, [&](const auto& put) {
    std::uint32_t previous = 0;
    for (const std::uint32_t end : column.ends()) {
      put(end - previous);
      previous = end;
    }
  });
  put_octets(out, 4, column.data());
}

Bytes encode_position(const SourcePosition& position) {
  Bytes out;
  put_octets(out, 1, position.order);
  put_octets(out, 2, position.identity);
  return out;
}

std::vector<RowMeta> decode_rows(std::string_view octets, std::size_t most, const Fault& fault) {
  std::uint32_t count = 0;
  std::string_view operations, ordinals, transactions, times;
  WireReader reader(octets, fault);
  while (reader.next()) {
    switch (reader.field()) {
      case 1: count = reader.number32(); break;
      case 2: operations = reader.octets(); break;
      case 3: ordinals = reader.octets(); break;
      case 4: transactions = reader.octets(); break;
      case 5: times = reader.octets(); break;
      default: reader.unknown();
    }
  }
  if (count == 0) fault.raise("no rows");
  if (count > most) fault.raise("too many rows");
  require_count(ordinals, count, fault);
  std::vector<RowMeta> rows(count);
  decode_operations(operations, rows, fault);
  decode_ordinals(ordinals, rows, fault);
  decode_sums(transactions, count, fault, [&](std::size_t i, std::uint64_t value) { rows[i].transaction = value; });
  decode_sums(times, count, fault,
              [&](std::size_t i, std::uint64_t value) { rows[i].source_time = static_cast<Micros>(value); });
  return rows;
}

RowCounts count_rows_of(std::string_view octets, std::size_t most, const Fault& fault) {
  std::uint32_t count = 0;
  std::string_view operations;
  WireReader reader(octets, fault);
  while (reader.next()) {
    switch (reader.field()) {
      case 1: count = reader.number32(); break;
      case 2: operations = reader.octets(); break;
      case 3:
      case 4:
      case 5: reader.octets(); break;
      default: reader.unknown();
    }
  }
  if (count == 0) fault.raise("no rows");
  if (count > most) fault.raise("too many rows");
  if (!operations.empty() && operations.size() != count) fault.raise("a list does not have one entry a row");
  const auto number_of = [&](Operation operation) {
    return static_cast<std::uint64_t>(std::count(operations.begin(), operations.end(), static_cast<char>(operation)));
  };
  RowCounts counts{count, number_of(Operation::remove), number_of(Operation::withheld)};
  counts.upserts -= counts.removes + counts.withheld;
  return counts;
}

Column decode_column(std::string_view octets, std::size_t rows, const Fault& fault) {
  std::uint32_t count = 0;
  std::string_view presences, lengths, data;
  WireReader reader(octets, fault);
  while (reader.next()) {
    switch (reader.field()) {
      case 1: count = reader.number32(); break;
      case 2: presences = reader.octets(); break;
      case 3: lengths = reader.octets(); break;
      case 4: data = reader.octets(); break;
      default: reader.unknown();
    }
  }
  if (count != rows) fault.raise("the columns of a group differ in length");
  if (!presences.empty() && presences.size() != rows) fault.raise("a list does not have one entry a row");
  require_count(lengths, rows, fault);
  VarintReader length_reader(lengths, fault);
  Column column;
  column.reserve(rows, data.size());
  std::size_t begin = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::uint64_t length = length_reader.next();
    if (length > data.size() - begin) fault.raise("a value ends after the data");
    const auto number = presences.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(presences[i]);
    if (number > static_cast<std::uint8_t>(Presence::invalid)) fault.raise("unknown presence");
    const auto presence = static_cast<Presence>(number);
    if (length != 0 && (presence == Presence::null || presence == Presence::unchanged))
      fault.raise("a value that is absent has text");
    column.add(presence, data.substr(begin, length));
    begin += length;
  }
  if (begin != data.size()) fault.raise("data after the last value");
  return column;
}

SourcePosition decode_position(std::string_view octets, const Fault& fault) {
  SourcePosition position;
  WireReader reader(octets, fault);
  while (reader.next()) {
    switch (reader.field()) {
      case 1: position.order = reader.octets(); break;
      case 2: position.identity = reader.octets(); break;
      default: reader.unknown();
    }
  }
  return position;
}

}  // namespace qianzhi::seal

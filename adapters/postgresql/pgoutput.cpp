#include "adapters/postgresql/pgoutput.h"

#include <limits>

#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

[[noreturn]] void malformed(std::string_view what) { throw Error(ErrorKind::corrupt, "QZ-PG-015", what); }

class Octets {
 public:
  explicit Octets(std::string_view octets) : octets_(octets) {}

  template <typename Number>
  Number number() {
    need(sizeof(Number));
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i) bits = bits << 8U | static_cast<unsigned char>(octets_[i]);
    octets_.remove_prefix(sizeof(Number));
    return static_cast<Number>(bits);
  }
  char letter() { return static_cast<char>(number<std::uint8_t>()); }
  Lsn lsn() { return number<std::uint64_t>(); }
  Micros time() {
    const auto since_2000 = number<Micros>();
    if (since_2000 > std::numeric_limits<Micros>::max() - postgresql_epoch) malformed("a commit time out of range");
    return since_2000 + postgresql_epoch;
  }
  std::string_view take(std::size_t size) {
    need(size);
    const std::string_view taken = octets_.substr(0, size);
    octets_.remove_prefix(size);
    return taken;
  }
  std::string_view text() {
    const auto end = octets_.find('\0');
    if (end == std::string_view::npos) malformed("a name in a replication message has no end");
    const std::string_view taken = octets_.substr(0, end);
    octets_.remove_prefix(end + 1);
    return taken;
  }

 private:
  void need(std::size_t size) const {
    if (octets_.size() < size) malformed("a replication message is shorter than it says");
  }
  std::string_view octets_;
};

void parse_tuple(Octets& octets, Tuple& tuple) {
  tuple.resize(octets.number<std::uint16_t>());
  for (TupleValue& value : tuple) {
    value.kind = octets.letter();
    value.text = {};
    if (value.kind == 't') {
      value.text = octets.take(octets.number<std::uint32_t>());
    } else if (value.kind != 'n' && value.kind != 'u') {
      malformed("a value in a replication message has an unknown form");
    }
  }
}

}  // namespace

MessageKind kind_of(std::string_view message) {
  if (message.empty()) malformed("an empty replication message");
  switch (message[0]) {
    case 'B':
    case 'C':
    case 'O':
    case 'R':
    case 'Y':
    case 'I':
    case 'U':
    case 'D':
    case 'T':
    case 'M': return static_cast<MessageKind>(message[0]);
    default: malformed("a replication message of unknown kind");
  }
}

BeginMessage parse_begin(std::string_view message) {
  Octets octets(message.substr(1));
  BeginMessage begin;
  begin.commit = octets.lsn();
  begin.commit_time = octets.time();
  begin.xid = octets.number<std::uint32_t>();
  return begin;
}

CommitMessage parse_commit(std::string_view message) {
  Octets octets(message.substr(1));
  octets.letter();  // flags, unused
  CommitMessage commit;
  commit.commit = octets.lsn();
  commit.end = octets.lsn();
  return commit;
}

RelationMessage parse_relation(std::string_view message) {
  Octets octets(message.substr(1));
  RelationMessage relation;
  relation.id = octets.number<Oid>();
  relation.schema = octets.text();
  if (relation.schema.empty()) relation.schema = "pg_catalog";
  relation.name = octets.text();
  relation.identity = octets.letter();
  relation.attributes.resize(octets.number<std::uint16_t>());
  for (RelationAttribute& attribute : relation.attributes) {
    attribute.in_identity = (octets.number<std::uint8_t>() & 1U) != 0;
    attribute.name = octets.text();
    attribute.type = octets.number<Oid>();
    octets.number<std::uint32_t>();  // type modifier
  }
  return relation;
}

void parse_row(std::string_view message, RowMessage& row) {
  Octets octets(message.substr(1));
  row.relation = octets.number<Oid>();
  row.old_kind = 0;
  row.old_values.clear();
  row.new_values.clear();
  char part = octets.letter();
  if (part == 'K' || part == 'O') {
    row.old_kind = part;
    parse_tuple(octets, row.old_values);
    if (message[0] == 'D') return;
    part = octets.letter();
  }
  if (part != 'N' || message[0] == 'D') malformed("a row in a replication message has an unknown part");
  parse_tuple(octets, row.new_values);
}

TruncateMessage parse_truncate(std::string_view message) {
  Octets octets(message.substr(1));
  const auto count = octets.number<std::uint32_t>();
  octets.letter();  // CASCADE, RESTART IDENTITY
  TruncateMessage truncate;
  for (std::uint32_t i = 0; i < count; ++i) truncate.relations.push_back(octets.number<Oid>());
  return truncate;
}

LogicalMessage parse_logical_message(std::string_view message) {
  Octets octets(message.substr(1));
  LogicalMessage logical;
  logical.transactional = (octets.number<std::uint8_t>() & 1U) != 0;
  octets.lsn();
  logical.prefix = octets.text();
  logical.content = octets.take(octets.number<std::uint32_t>());
  return logical;
}

}  // namespace qianzhi::postgresql

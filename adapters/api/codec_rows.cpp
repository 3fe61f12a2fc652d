#include <algorithm>

#include "adapters/api/adapter.pb.h"
#include "adapters/api/codec.h"

namespace qianzhi::adapter {

namespace {

template <class List>
std::vector<Column> decode_columns(const List& from, std::size_t columns, std::size_t rows) {
  if (static_cast<std::size_t>(from.size()) != columns) malformed("another number of columns");
  std::vector<Column> result;
  for (const wire::Column& column : from) result.push_back(decode_column(column, rows));
  return result;
}

template <class Meta>
void encode_info(const std::vector<Meta>& rows, wire::RowInfo& to) {
  to.set_rows(rows.size());
  const auto any = [&](auto&& test) { return std::any_of(rows.begin(), rows.end(), test); };
  if (any([](const Meta& meta) { return meta.operation != Operation::upsert; }))
    for (const Meta& meta : rows) to.mutable_operations()->push_back(static_cast<char>(meta.operation));
  if (any([](const Meta& meta) { return meta.transaction != 0; }))
    for (const Meta& meta : rows) to.add_transactions(meta.transaction);
  if (!any([](const Meta& meta) { return meta.source_time != 0; })) return;
  std::uint64_t before = 0;
  for (const Meta& meta : rows) {
    const auto now = static_cast<std::uint64_t>(meta.source_time);
    to.add_source_times(static_cast<std::int64_t>(now - before));
    before = now;
  }
}

template <class Meta>
std::vector<Meta> decode_info(const wire::RowInfo& from, Operation highest) {
  const std::size_t rows = from.rows();
  const auto fits = [&](std::size_t size) { return size == 0 || size == rows; };
  if (rows > longest_rows || !fits(from.operations().size()) ||
      !fits(static_cast<std::size_t>(from.transactions_size())) ||
      !fits(static_cast<std::size_t>(from.source_times_size())))
    malformed("row information");
  std::vector<Meta> result(rows);
  std::uint64_t time = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const auto operation = from.operations().empty() ? 0U : static_cast<unsigned char>(from.operations()[i]);
    if (operation > static_cast<unsigned>(highest)) malformed("an operation");
    result[i].operation = static_cast<Operation>(operation);
    if (from.transactions_size() > 0) result[i].transaction = from.transactions(static_cast<int>(i));
    if (from.source_times_size() == 0) continue;
    time += static_cast<std::uint64_t>(from.source_times(static_cast<int>(i)));
    result[i].source_time = static_cast<Micros>(time);
  }
  return result;
}

void encode_head(const Head& head, wire::Head& to) {
  to.set_epoch(head.position.epoch);
  to.set_sequence(head.position.sequence);
  to.set_digest(head.digest.bytes());
}

Head decode_head(const wire::Head& from) {
  if (!from.digest().empty() && from.digest().size() != Digest::size) malformed("a digest");
  return {{from.epoch(), from.sequence()}, Digest::from_bytes(from.digest())};
}

void encode_mark(const MarkRow& mark, wire::Mark& to) {
  to.set_subscription(mark.subscription);
  to.set_origin(mark.origin);
  encode_head(mark.head, *to.mutable_head());
  to.set_state(mark.state);
}

MarkRow decode_mark(const wire::Mark& from) {
  return {from.subscription(), from.origin(), decode_head(from.head()), from.state()};
}

void encode_rows(const RowsStep& rows, wire::Rows& to) {
  encode_info(rows.meta, *to.mutable_info());
  for (const RowMeta& meta : rows.meta) to.mutable_info()->add_ordinals(meta.ordinal);
  Column groups;
  for (const Group& group : rows.groups) groups.append(group);
  encode_column(groups, *to.mutable_groups());
  for (const std::size_t index : rows.indexes) to.add_indexes(static_cast<std::uint32_t>(index));
  for (const Column& column : rows.columns) encode_column(column, *to.add_columns());
  to.set_seen(rows.seen);
  to.set_epoch(rows.batch.epoch);
  to.set_sequence(rows.batch.sequence);
}

std::vector<std::size_t> decode_indexes(const google::protobuf::RepeatedField<std::uint32_t>& from,
                                        std::size_t columns) {
  std::vector<std::size_t> indexes(from.begin(), from.end());
  for (const std::size_t index : indexes)
    if (index >= columns) malformed("a column index");
  return indexes;
}

RowsStep decode_rows(const wire::Rows& from, std::size_t columns) {
  RowsStep rows;
  rows.meta = decode_info<RowMeta>(from.info(), Operation::withheld);
  const std::size_t count = rows.meta.size();
  if (static_cast<std::size_t>(from.info().ordinals_size()) != count) malformed("ordinals");
  for (std::size_t i = 0; i < count; ++i) rows.meta[i].ordinal = from.info().ordinals(static_cast<int>(i));
  const Column groups = decode_column(from.groups(), count);
  for (std::size_t i = 0; i < count; ++i) rows.groups.emplace_back(groups.text(i));
  rows.indexes = decode_indexes(from.indexes(), columns);
  rows.columns = decode_columns(from.columns(), rows.indexes.size(), count);
  rows.seen = from.seen();
  rows.batch = {from.epoch(), from.sequence()};
  return rows;
}

}  // namespace

void encode_column(const Column& column, wire::Column& to) {
  const auto& presences = column.presences();
  if (std::any_of(presences.begin(), presences.end(), [](Presence p) { return p != Presence::value; })) {
    std::string octets(presences.size(), '\0');
    for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<char>(presences[i]);
    to.set_presence(std::move(octets));
  }
  auto& lengths = *to.mutable_lengths();
  lengths.Reserve(static_cast<int>(column.size()));
  std::uint32_t begin = 0;
  for (const std::uint32_t end : column.ends()) {
    lengths.AddAlreadyReserved(end - begin);
    begin = end;
  }
  to.set_data(column.data());
}

Column decode_column(const wire::Column& from, std::size_t rows) {
  const std::string& presence = from.presence();
  const std::string& data = from.data();
  if (static_cast<std::size_t>(from.lengths_size()) != rows || (!presence.empty() && presence.size() != rows))
    malformed("a column has another number of rows");
  Column column;
  column.reserve(rows, data.size());
  const std::uint32_t* lengths = from.lengths().data();
  std::size_t at = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t length = lengths[row];
    const auto kind = presence.empty() ? 0U : static_cast<unsigned char>(presence[row]);
    const bool texts = kind == 0 || kind == static_cast<unsigned>(Presence::invalid);
    if (kind > static_cast<unsigned>(Presence::invalid) || length > data.size() - at || (!texts && length != 0))
      malformed("a value");
    column.add(static_cast<Presence>(kind), std::string_view(data).substr(at, length));
    at += length;
  }
  if (at != data.size()) malformed("a column has octets left over");
  return column;
}

void encode(const SourcePosition& position, wire::Position& to) {
  to.set_order(position.order);
  to.set_identity(position.identity);
}

SourcePosition decode(const wire::Position& from) {
  if (from.order().size() > longest_position || from.identity().size() > longest_position) malformed("a position");
  return {from.order(), from.identity()};
}

void encode(const Changes& changes, wire::Changes& to) {
  to.set_continuity(static_cast<std::uint32_t>(changes.continuity));
  to.set_reason(changes.reason);
  for (const TableChanges& table : changes.tables) {
    wire::TableChanges& entry = *to.add_tables();
    entry.set_table(table.table);
    encode_info(table.meta, *entry.mutable_rows());
    for (const Column& column : table.columns) encode_column(column, *entry.add_columns());
    for (const Column& column : table.old) encode_column(column, *entry.add_old());
  }
  for (const TableEvent& event : changes.events) {
    wire::TableEvent& entry = *to.add_events();
    entry.set_table(event.table);
    entry.set_kind(static_cast<std::uint32_t>(event.kind));
    entry.set_detail(event.detail);
    entry.set_code(event.code);
  }
  for (const TableLook& look : changes.looks) {
    wire::TableLook& entry = *to.add_looks();
    entry.set_table(look.table);
    entry.set_at(look.at);
  }
  encode(changes.position, *to.mutable_position());
  to.set_more(changes.more);
}

Changes decode(const wire::Changes& from, const SourceSpec& spec) {
  if (from.continuity() > static_cast<std::uint32_t>(Continuity::regressed)) malformed("continuity");
  Changes changes;
  changes.continuity = static_cast<Continuity>(from.continuity());
  changes.reason = from.reason();
  for (const wire::TableChanges& entry : from.tables()) {
    if (entry.table() >= spec.tables.size()) malformed("a table index");
    const SourceTable& table = spec.tables[entry.table()];
    TableChanges result;
    result.table = entry.table();
    result.meta = decode_info<ChangeMeta>(entry.rows(), Operation::remove);
    result.columns = decode_columns(entry.columns(), table.columns.size(), result.meta.size());
    result.old = decode_columns(entry.old(), table.old_columns.size(), result.meta.size());
    changes.tables.push_back(std::move(result));
  }
  for (const wire::TableEvent& entry : from.events()) {
    if (entry.table() >= spec.tables.size() || entry.kind() > static_cast<std::uint32_t>(TableEventKind::reshaped))
      malformed("an event");
    changes.events.push_back({entry.table(), static_cast<TableEventKind>(entry.kind()), entry.detail(), entry.code()});
  }
  for (const wire::TableLook& entry : from.looks()) {
    if (entry.table() >= spec.tables.size()) malformed("a look at a table");
    changes.looks.push_back({entry.table(), entry.at()});
  }
  changes.position = decode(from.position());
  changes.more = from.more();
  return changes;
}

void encode(const SnapshotChunk& chunk, wire::Page& to) {
  to.set_rows(chunk.columns.empty() ? 0 : chunk.columns.front().size());
  for (const Column& column : chunk.columns) encode_column(column, *to.add_columns());
  to.set_cursor(chunk.cursor);
  to.set_done(chunk.done);
  encode(chunk.position, *to.mutable_position());
  if (chunk.digest.size() != 0) encode_column(chunk.digest, *to.mutable_digest());
}

SnapshotChunk decode(const wire::Page& from, std::size_t columns) {
  if (from.rows() > longest_rows) malformed("a page");
  SnapshotChunk chunk{
      decode_columns(from.columns(), columns, from.rows()), from.cursor(), from.done(), decode(from.position()), {}};
  if (from.has_digest()) chunk.digest = decode_column(from.digest(), from.rows());
  return chunk;
}

void encode_keys(std::size_t table, const std::vector<Column>& keys, wire::ReadKeys& to) {
  to.set_table(table);
  for (const Column& column : keys) encode_column(column, *to.add_keys());
}

std::vector<Column> decode_keys(const wire::ReadKeys& from) {
  if (from.keys().empty()) malformed("keys");
  const auto rows = static_cast<std::uint64_t>(from.keys(0).lengths_size());
  if (rows > longest_rows) malformed("keys");
  return decode_columns(from.keys(), static_cast<std::size_t>(from.keys_size()), rows);
}

void encode(const std::vector<MarkRow>& marks, wire::Marks& to) {
  for (const MarkRow& mark : marks) encode_mark(mark, *to.add_marks());
}

std::vector<MarkRow> decode(const wire::Marks& from) {
  std::vector<MarkRow> marks;
  for (const wire::Mark& mark : from.marks()) marks.push_back(decode_mark(mark));
  return marks;
}

void encode(const TargetTransaction& transaction, wire::TargetTransaction& to) {
  to.set_table(transaction.table);
  encode_head(transaction.expected, *to.mutable_expected());
  encode_mark(transaction.next, *to.mutable_next());
  for (const Step& step : transaction.steps) {
    wire::Step& entry = *to.add_steps();
    entry.set_kind(static_cast<std::uint32_t>(step.kind));
    entry.set_every_group(step.groups.is_every());
    for (const Group& group : step.groups.groups()) entry.add_groups(group);
    for (const std::size_t index : step.indexes) entry.add_columns(static_cast<std::uint32_t>(index));
    entry.set_seen(step.seen);
    if (step.kind == Step::Kind::rows) encode_rows(step.rows, *entry.mutable_rows());
  }
}

TargetTransaction decode(const wire::TargetTransaction& from, const TargetSpec& spec) {
  if (from.table() >= spec.tables.size()) malformed("a table index");
  const std::size_t columns = spec.tables[from.table()].columns.size();
  TargetTransaction work{from.table(), decode_head(from.expected()), decode_mark(from.next()), {}};
  for (const wire::Step& entry : from.steps()) {
    if (entry.kind() > static_cast<std::uint32_t>(Step::Kind::sweep)) malformed("a step");
    Step step;
    step.kind = static_cast<Step::Kind>(entry.kind());
    step.groups =
        entry.every_group() ? GroupSet::every() : GroupSet::of({entry.groups().begin(), entry.groups().end()});
    step.indexes = decode_indexes(entry.columns(), columns);
    step.seen = entry.seen();
    if (step.kind == Step::Kind::rows) step.rows = decode_rows(entry.rows(), columns);
    work.steps.push_back(std::move(step));
  }
  return work;
}

void encode(const ApplyResult& result, wire::ApplyResult& to) {
  to.set_state(static_cast<std::uint32_t>(result.state));
  for (const Rejection& rejection : result.rejections) {
    wire::Rejection& entry = *to.add_rejections();
    entry.set_step(rejection.step);
    entry.set_row(rejection.row);
    entry.set_code(rejection.code);
    entry.set_detail(rejection.detail);
    entry.set_may_heal(rejection.may_heal);
  }
  to.set_upserted(result.upserted);
  to.set_removed(result.removed);
  to.set_dropped_partial(result.dropped_partial);
}

ApplyResult decode(const wire::ApplyResult& from, const TargetTransaction& transaction) {
  if (from.state() > static_cast<std::uint32_t>(ApplyResult::State::pending)) malformed("a result");
  ApplyResult result;
  result.state = static_cast<ApplyResult::State>(from.state());
  for (const wire::Rejection& entry : from.rejections()) {
    if (entry.step() >= transaction.steps.size() || entry.row() >= transaction.steps[entry.step()].rows.meta.size())
      malformed("a rejection names no row");
    result.rejections.push_back({entry.step(), entry.row(), entry.code(), entry.detail(), entry.may_heal()});
  }
  if (result.rejections.empty() == (result.state == ApplyResult::State::pending)) malformed("a result");
  result.upserted = from.upserted();
  result.removed = from.removed();
  result.dropped_partial = from.dropped_partial();
  return result;
}

}  // namespace qianzhi::adapter

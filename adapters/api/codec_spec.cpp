#include "adapters/api/adapter.pb.h"
#include "adapters/api/codec.h"

namespace qianzhi::adapter {

namespace {

constexpr std::size_t longest_text = 4096;
constexpr std::size_t longest_name = 1024;
constexpr std::size_t longest_type = 1U << 20U;  // an enumeration lists its values
constexpr int most_columns = 20'000;

template <class List>
std::vector<std::string> texts(const List& list) {
  return {list.begin(), list.end()};
}

template <class List>
void add_texts(const std::vector<std::string>& from, List* to) {
  for (const std::string& text : from) *to->Add() = text;
}

ItemType item_type(std::uint32_t number) {
  if (number > static_cast<std::uint32_t>(ItemType::bytes)) malformed("an item type");
  return static_cast<ItemType>(number);
}

}  // namespace

void malformed(std::string_view what) {
  throw Error(ErrorKind::corrupt, "QZ-ADP-004", std::string("malformed: ").append(what));
}

void encode(const Error& error, wire::Failure& to) {
  to.set_kind(static_cast<std::uint32_t>(error.kind()) + 1);
  to.set_code(error.code());
  to.set_detail(error.detail().substr(0, longest_text));
  to.set_hint(error.hint().substr(0, longest_text));
}

Error decode(const wire::Failure& from) {
  if (from.kind() < 1 || from.kind() > 5 || from.code().size() > 32) malformed("a failure");
  return Error(static_cast<ErrorKind>(from.kind() - 1), from.code(), from.detail().substr(0, longest_text),
               from.hint().substr(0, longest_text));
}

void encode(const Connection& connection, wire::Connection& to) {
  to.mutable_options()->insert(connection.options.begin(), connection.options.end());
  to.mutable_secrets()->insert(connection.secrets.begin(), connection.secrets.end());
}

Connection decode(const wire::Connection& from) {
  return {{from.options().begin(), from.options().end()}, {from.secrets().begin(), from.secrets().end()}};
}

void encode(const SourceSpec& spec, wire::SourceSpec& to) {
  encode(spec.connection, *to.mutable_connection());
  to.set_name(spec.name);
  to.set_mode(static_cast<std::uint32_t>(spec.mode));
  for (const SourceTable& table : spec.tables) {
    wire::SourceTable& entry = *to.add_tables();
    entry.set_table(table.table);
    add_texts(table.columns, entry.mutable_columns());
    add_texts(table.key, entry.mutable_key());
    add_texts(table.old_columns, entry.mutable_old_columns());
    entry.set_watermark(table.watermark);
  }
  to.set_retained_log_ceiling(spec.retained_log_ceiling);
  to.set_canary(spec.canary);
}

SourceSpec decode(const wire::SourceSpec& from) {
  if (from.mode() > static_cast<std::uint32_t>(CaptureMode::watermark)) malformed("a capture mode");
  SourceSpec spec{decode(from.connection()),   from.name(),  static_cast<CaptureMode>(from.mode()), {},
                  from.retained_log_ceiling(), from.canary()};
  for (const wire::SourceTable& table : from.tables())
    spec.tables.push_back(
        {table.table(), texts(table.columns()), texts(table.key()), texts(table.old_columns()), table.watermark()});
  return spec;
}

void encode(const TargetSpec& spec, wire::TargetSpec& to) {
  encode(spec.connection, *to.mutable_connection());
  to.set_name(spec.name);
  for (const TargetTable& table : spec.tables) {
    wire::TargetTable& entry = *to.add_tables();
    entry.set_table(table.table);
    for (const Item& item : table.columns) {
      wire::TargetColumn& column = *entry.add_columns();
      column.set_name(item.id);
      column.set_title(item.title);
      column.set_type(static_cast<std::uint32_t>(item.type));
      column.set_length(item.length);
      column.set_scale(item.scale);
    }
    add_texts(table.key, entry.mutable_key());
    entry.set_mode(static_cast<std::uint32_t>(table.mode));
    entry.set_history_table(table.history_table);
  }
}

TargetSpec decode(const wire::TargetSpec& from) {
  TargetSpec spec{decode(from.connection()), from.name(), {}};
  for (const wire::TargetTable& table : from.tables()) {
    if (table.mode() > static_cast<std::uint32_t>(ApplyMode::history)) malformed("an apply mode");
    TargetTable entry{
        table.table(), {}, texts(table.key()), static_cast<ApplyMode>(table.mode()), table.history_table()};
    for (const wire::TargetColumn& column : table.columns()) {
      Item item;
      item.id = column.name();
      item.title = column.title();
      item.type = item_type(column.type());
      item.length = column.length();
      item.scale = column.scale();
      entry.columns.push_back(std::move(item));
    }
    spec.tables.push_back(std::move(entry));
  }
  return spec;
}

void encode(const std::vector<TableInfo>& tables, wire::Tables& to) {
  for (const TableInfo& table : tables) {
    wire::TableInfo& entry = *to.add_tables();
    entry.set_name(table.name);
    for (const ColumnInfo& info : table.columns) {
      wire::ColumnInfo& column = *entry.add_columns();
      column.set_name(info.name);
      column.set_native_type(info.native_type);
      column.set_type(static_cast<std::uint32_t>(info.type));
      column.set_nullable(info.nullable);
    }
    add_texts(table.key, entry.mutable_key());
    entry.set_rows(table.rows);
    entry.set_instance(table.instance);
  }
}

std::vector<TableInfo> decode(const wire::Tables& from) {
  std::vector<TableInfo> tables;
  for (const wire::TableInfo& table : from.tables()) {
    if (table.columns_size() > most_columns || table.key_size() > most_columns || table.name().size() > longest_name ||
        table.instance().size() > longest_name)
      malformed("a table that is too large");
    for (const wire::ColumnInfo& column : table.columns())
      if (column.name().size() > longest_name || column.native_type().size() > longest_type)
        malformed("a column whose name or type is too long");
    TableInfo entry{table.name(), {}, texts(table.key()), table.rows(), table.instance()};
    for (const wire::ColumnInfo& column : table.columns())
      entry.columns.push_back({column.name(), column.native_type(), item_type(column.type()), column.nullable()});
    tables.push_back(std::move(entry));
  }
  return tables;
}

void encode(const Plan& plan, wire::Plan& to) {
  to.set_install(plan.install);
  to.set_grants(plan.grants);
  to.set_uninstall(plan.uninstall);
  to.set_leftovers(plan.leftovers);
}

Plan decode(const wire::Plan& from) { return {from.install(), from.grants(), from.uninstall(), from.leftovers()}; }

void encode(const std::vector<Finding>& findings, wire::Findings& to) {
  for (const Finding& finding : findings) {
    wire::Finding& entry = *to.add_findings();
    entry.set_severity(static_cast<std::uint32_t>(finding.severity));
    entry.set_code(finding.code);
    entry.set_detail(finding.detail);
    entry.set_cure(finding.cure);
  }
}

std::vector<Finding> decode(const wire::Findings& from) {
  std::vector<Finding> findings;
  for (const wire::Finding& entry : from.findings()) {
    if (entry.severity() > static_cast<std::uint32_t>(Severity::error)) malformed("a severity");
    findings.push_back({static_cast<Severity>(entry.severity()), entry.code(), entry.detail(), entry.cure()});
  }
  return findings;
}

}  // namespace qianzhi::adapter

#include <algorithm>

#include "adapters/odbc/names.h"
#include "adapters/odbc/plan.h"
#include "adapters/odbc/session.h"

namespace qianzhi::odbc {

namespace {

std::string text_type(const Dialect& dialect, std::uint32_t length, bool is_key) {
  const std::string collate(is_key ? dialect.key_collate : std::string_view());
  if (length > 0) return odbc::fill(dialect.type_varchar, {{"n", std::to_string(length)}}) + collate;
  return std::string(is_key ? dialect.type_key : dialect.type_text) + collate;
}

std::string type_of(const Dialect& dialect, const Item& item, bool is_key) {
  switch (item.type) {
    case ItemType::integer: return std::string(dialect.type_integer);
    case ItemType::decimal:
      if (item.length == 0) return std::string(dialect.type_number);
      return odbc::fill(dialect.type_decimal, {{"n", std::to_string(item.length)}, {"s", std::to_string(item.scale)}});
    case ItemType::date: return std::string(dialect.type_date);
    case ItemType::timestamp: return std::string(dialect.type_timestamp);
    case ItemType::boolean: return std::string(dialect.type_boolean);
    case ItemType::bytes: return std::string(dialect.type_bytes);
    case ItemType::year: return text_type(dialect, 4, is_key);
    case ItemType::text:
    case ItemType::code:
    case ItemType::digits: break;
  }
  return text_type(dialect, item.length, is_key);
}

std::string comment_of(const Item& item) {
  std::string title = item.title;
  std::replace_if(
      title.begin(), title.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return title.empty() ? "" : "  -- " + title;
}

std::string columns_of(const Dialect& dialect, const adapter::TargetTable& table) {
  std::string text;
  for (const Item& item : table.columns) {
    const bool is_key = std::find(table.key.begin(), table.key.end(), item.id) != table.key.end();
    const std::string required = is_key ? " NOT NULL" : "";
    text += "  " + quote_name(dialect, item.id) + " " + type_of(dialect, item, is_key) + required + "," +
            comment_of(item) + "\n";
  }
  return text;
}

std::string own_text(const Dialect& dialect, std::uint32_t length) { return text_type(dialect, length, true); }

std::string create_received(const Dialect& dialect, const adapter::TargetTable& table) {
  const std::string name = quote_table(dialect, table.table);
  std::string text = std::string(dialect.create) + " " + name + " (\n" + columns_of(dialect, table) + "  qz_origin " +
                     own_text(dialect, 100) + " NOT NULL,  -- agent that sent the row\n  qz_group " +
                     own_text(dialect, 200) + " NOT NULL,  -- partition value it was granted under\n  qz_seen " +
                     own_text(dialect, 100) + " NOT NULL,  -- refill that last touched it\n";
  if (table.mode == adapter::ApplyMode::soft_delete)
    text += "  qz_deleted " + std::string(dialect.type_integer) + " NOT NULL,\n";
  text += "  PRIMARY KEY (" + quote_list(dialect, table.key) + ")\n);\n";
  const std::string index = ("qz_" + split_table(dialect, table.table).second).substr(0, 50) + "_group";
  return text + odbc::fill(dialect.create_index,
                           {{"g", quote_name(dialect, index)}, {"x", name}, {"c", "qz_origin, qz_group"}});
}

std::string create_history(const Dialect& dialect, const adapter::TargetTable& table) {
  const std::string number(dialect.type_integer);
  return std::string(dialect.create) + " " + quote_table(dialect, table.history_table) + " (\n" +
         columns_of(dialect, table) + "  qz_origin " + own_text(dialect, 100) + " NOT NULL,\n  qz_group " +
         own_text(dialect, 200) + " NOT NULL,\n  qz_operation " + own_text(dialect, 10) +
         " NOT NULL,  -- upsert, delete\n  qz_epoch " + number + " NOT NULL,\n  qz_sequence " + number +
         " NOT NULL,\n  qz_ordinal " + number +
         " NOT NULL,\n  PRIMARY KEY (qz_origin, qz_epoch, qz_sequence, qz_ordinal)\n);\n";
}

std::string create_mark(const Dialect& dialect) {
  const std::string number(dialect.type_integer);
  return "-- Progress of each subscription; changes in the same transaction as the rows. Never edit it.\n" +
         std::string(dialect.create) + " " + quote_name(dialect, "qianzhi_mark") + " (\n  subscription " +
         own_text(dialect, 200) + " NOT NULL,\n  origin " + own_text(dialect, 100) + " NOT NULL,\n  epoch " + number +
         " NOT NULL,\n  sequence_number " + number + " NOT NULL,\n  digest " + own_text(dialect, 64) +
         " NOT NULL,\n  state_hex " + std::string(dialect.type_text) + ",\n  PRIMARY KEY (subscription, origin)\n);\n";
}

}  // namespace

adapter::Plan plan_target(const adapter::TargetSpec& spec) {
  check_name(spec.name);
  const Dialect& dialect = dialect_of(spec.connection);
  const std::string account = account_of(dialect, spec.connection, spec.name);
  const bool users = !dialect.grants_user.empty();
  const auto grant = [&](const char* rights, const std::string& table) {
    return std::string("GRANT ") + rights + " ON " + table + " TO " + account + ";\n";
  };
  adapter::Plan plan;
  plan.install = heading(dialect, "received tables of target " + spec.name) + create_mark(dialect);
  if (dialect.journal.tables.find("qianzhi_guard") != std::string_view::npos)
    plan.install +=
        "-- Holds a row only inside the transactions of Qianzhi's own writer, so that what it writes is not "
        "captured.\n" +
        std::string(dialect.create) + " qianzhi_guard (on_behalf_of " + std::string(dialect.type_text) +
        " NOT NULL);\n";
  plan.grants = users ? "-- An account that can log in and change the received tables; nothing else.\n" +
                            odbc::fill(dialect.grants_user, {{"u", account}}) +
                            grant("SELECT, INSERT, UPDATE", quote_name(dialect, "qianzhi_mark"))
                      : "-- This database knows no users: the agent's account must be able to write its file.\n";
  plan.uninstall = heading(dialect, "removes the received rows of target " + spec.name) +
                   "-- qianzhi_mark is shared with other targets of this database and stays.\n";
  for (const adapter::TargetTable& table : spec.tables) {
    const std::string name = quote_table(dialect, table.table);
    plan.install += "\n" + create_received(dialect, table);
    if (users) plan.grants += grant("SELECT, INSERT, UPDATE, DELETE", name);
    plan.uninstall += "DROP TABLE " + name + ";\n";
    if (table.mode != adapter::ApplyMode::history) continue;
    const std::string history = quote_table(dialect, table.history_table);
    plan.install += create_history(dialect, table);
    if (users) plan.grants += grant("SELECT, INSERT", history);
    plan.uninstall += "DROP TABLE " + history + ";\n";
  }
  plan.uninstall += drop_account(dialect, account, {{"SELECT, INSERT, UPDATE", quote_name(dialect, "qianzhi_mark")}});
  plan.leftovers = target_leftovers(dialect, spec);
  return plan;
}

}  // namespace qianzhi::odbc

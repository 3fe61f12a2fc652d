#include <charconv>

#include "agent/config/parts.h"

namespace qianzhi::config {

namespace {

using yaml::MapReader;

void complain_of(MapReader& reader, std::string_view key, const std::string& zh, const std::string& en,
                 const std::string& hint) {
  const yaml::Node* node = reader.find(key);
  reader.diagnostics().error("QZ-CFG-037", node == nullptr ? reader.place() : node->place, zh, en, hint);
}

void read_number(MapReader& reader, std::string_view key, std::uint64_t most, DatabaseConfig& database) {
  const std::string text = reader.text(key, {});
  if (text.empty()) return;
  std::uint64_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size() || number == 0 || number > most)
    complain_of(reader, key, reader.path_of(key) + " 要写 1 到 " + std::to_string(most) + " 的整数",
                reader.path_of(key) + " is a whole number from 1 to " + std::to_string(most), {});
  database.options[std::string(key)] = text;
}

}  // namespace

void read_mysql(MapReader& reader, DatabaseConfig& database) {
  if (reader.require("database") != nullptr) database.options["database"] = reader.text("database");
  for (const char* key : {"host", "user"})
    if (const std::string text = reader.text(key, {}); !text.empty()) database.options[key] = text;
  read_number(reader, "port", 65'535, database);
  read_number(reader, "server_id", 4'294'967'295, database);
  for (const char* key : {"socket", "tls_ca", "tls_cert", "tls_key"})
    if (reader.find(key) != nullptr) database.options[key] = reader.file(key).string();
  if (reader.find("tls") != nullptr)
    database.options["tls"] =
        reader.choice<std::string>("tls", {{"off", "off"}, {"on", "on"}, {"verify", "verify"}}, "verify");
  const bool host = reader.find("host") != nullptr;
  if (host == (reader.find("socket") != nullptr))
    complain_of(reader, host ? "socket" : "", reader.path() + " 要写 host 或 socket，二者取一",
                reader.path() + " needs either host or socket", "例如 (for example): host: 10.0.0.5");
  if (const auto password = reader.secret("password", false)) database.secrets["password"] = reference_of(*password);
}

}  // namespace qianzhi::config

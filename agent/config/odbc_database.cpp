#include <cctype>

#include "agent/config/parts.h"

namespace qianzhi::config {

namespace {

using yaml::MapReader;

bool names_password(std::string_view text) {
  std::string lower;
  for (const char c : text)
    if (c != ' ') lower.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  for (const char* key : {"pwd=", "password="})
    if (lower.rfind(key, 0) == 0 || lower.find(std::string(";") + key) != std::string::npos) return true;
  return false;
}

void complain(MapReader& reader, std::string_view key, const std::string& zh, const std::string& en,
              const std::string& hint, const char* code) {
  const yaml::Node* node = reader.find(key);
  yaml::Place place = node == nullptr ? reader.place() : node->place;
  if (std::string_view(code) == "QZ-CFG-021") place = {place.source, place.line, place.column, 8};
  reader.diagnostics().error(code, place, zh, en, hint);
}

}  // namespace

void read_odbc(MapReader& reader, DatabaseConfig& database) {
  if (reader.require("dialect") != nullptr)
    database.options["dialect"] = reader.choice<std::string>("dialect",
                                                             {{"postgresql", "postgresql"},
                                                              {"kingbase", "kingbase"},
                                                              {"mariadb", "mariadb"},
                                                              {"sqlite", "sqlite"},
                                                              {"sqlserver", "sqlserver"},
                                                              {"oracle", "oracle"},
                                                              {"dm", "dm"},
                                                              {"db2", "db2"}},
                                                             "");
  for (const char* key : {"connect", "dsn", "user"}) {
    const std::string text = reader.text(key, {});
    if (text.empty()) continue;
    if (names_password(text) || yaml::mask_secrets(text) != text)
      complain(reader, key, reader.path_of(key) + " 中不能直接写密码（值已隐藏）",
               reader.path_of(key) + " must not hold a password (value hidden)",
               "删去密码，另写 (remove it and add): password: {file: PATH}", "QZ-CFG-021");
    else
      database.options[key] = text;
  }
  const bool connect = reader.find("connect") != nullptr;
  if (connect == (reader.find("dsn") != nullptr))
    complain(reader, connect ? "connect" : "", reader.path() + " 要写 connect 或 dsn，二者取一",
             reader.path() + " needs either connect or dsn",
             "例如 (for example): connect: \"Driver={DM8 ODBC DRIVER};Server=10.0.0.5;UID=QIANZHI\"", "QZ-CFG-037");
  if (const auto password = reader.secret("password", false)) database.secrets["password"] = reference_of(*password);
}

}  // namespace qianzhi::config

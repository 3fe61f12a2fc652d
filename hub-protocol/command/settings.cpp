#include "hub-protocol/command/settings.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <sstream>

namespace qianzhi::command {

namespace {

std::string shown_value(const yaml::Setting& setting) {
  return setting.is_secret ? "(secret) " + setting.value : setting.value;
}

}  // namespace

std::string settings_json(const std::vector<yaml::Setting>& settings) {
  Poco::JSON::Array array;
  for (const yaml::Setting& setting : settings) {
    Poco::JSON::Object one(Poco::JSON_PRESERVE_KEY_ORDER);
    one.set("path", setting.path);
    one.set("value", shown_value(setting));
    one.set("secret", setting.is_secret);
    one.set("default", setting.is_default);
    one.set("line", static_cast<Poco::UInt64>(setting.line));
    array.add(one);
  }
  std::ostringstream text;
  array.stringify(text);
  return text.str() + "\n";
}

std::string settings_text(const std::vector<yaml::Setting>& settings) {
  std::string text;
  for (const yaml::Setting& setting : settings)
    text += setting.path + " = " + shown_value(setting) +
            (setting.is_default ? "  （默认 default）" : "  （第 " + std::to_string(setting.line) + " 行 line）") +
            "\n";
  return text;
}

}  // namespace qianzhi::command

#include "hub-protocol/hub/json_rows.h"

#include <Poco/JSONString.h>

namespace qianzhi::hub {

JsonValue::JsonValue(std::string_view text) : text_(Poco::toJSON(std::string(text))) {}

JsonValue JsonValue::raw(std::string json) {
  JsonValue value(false);
  value.text_ = std::move(json);
  return value;
}

std::string json_object(std::initializer_list<std::pair<std::string_view, JsonValue>> fields) {
  std::string text = "{";
  for (const auto& [name, value] : fields) {
    if (text.size() > 1) text += ',';
    text += Poco::toJSON(std::string(name)) + ":" + value.text();
  }
  return text + "}";
}

std::string json_array(const std::vector<std::string>& values) {
  std::string text = "[";
  for (const std::string& value : values) text += (text.size() > 1 ? "," : "") + value;
  return text + "]";
}

}  // namespace qianzhi::hub

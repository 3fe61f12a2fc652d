#include "hub-protocol/hub/json_rows.h"

#include "hub-protocol/base/cells.h"

namespace qianzhi::hub {

JsonValue::JsonValue(std::string_view text) : text_(json_text(text)) {}

JsonValue JsonValue::raw(std::string json) {
  JsonValue value(false);
  value.text_ = std::move(json);
  return value;
}

std::string json_object(const JsonFields& fields) {
  std::string text = "{";
  for (const auto& [name, value] : fields) {
    if (text.size() > 1) text += ',';
    text += json_text(name) + ":" + value.text();
  }
  return text + "}";
}

std::string json_array(const std::vector<std::string>& values) {
  std::string text = "[";
  for (const std::string& value : values) text += (text.size() > 1 ? "," : "") + value;
  return text + "]";
}

}  // namespace qianzhi::hub

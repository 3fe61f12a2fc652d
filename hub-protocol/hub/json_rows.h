// JSON as verbs answer with `--json`: objects with their fields in the order given, and arrays of them.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub-protocol/base/clock.h"

namespace qianzhi::hub {

// One value, already as JSON text.
class JsonValue {
 public:
  JsonValue(std::string_view text);
  JsonValue(const std::string& text) : JsonValue(std::string_view(text)) {}
  JsonValue(const char* text) : JsonValue(std::string_view(text)) {}
  template <std::integral Number>
  JsonValue(Number number) : text_(std::to_string(number)) {}
  JsonValue(bool is) : text_(is ? "true" : "false") {}
  // What is JSON already: a nested object or array.
  static JsonValue raw(std::string json);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

using JsonFields = std::vector<std::pair<std::string, JsonValue>>;
std::string json_object(const JsonFields& fields);
std::string json_array(const std::vector<std::string>& values);

// A time in a column; nothing for 0.
inline std::string shown_time(Micros time) { return time == 0 ? std::string() : to_text(time); }

}  // namespace qianzhi::hub

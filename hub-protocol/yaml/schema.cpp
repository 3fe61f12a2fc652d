#include "hub-protocol/yaml/schema.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>

namespace qianzhi::yaml {

namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

Object ordered() { return Object(Poco::JSON_PRESERVE_KEY_ORDER); }

Array array_of(const std::vector<std::string>& words) {
  Array array;
  for (const std::string& word : words) array.add(word);
  return array;
}

// Plain scalars are texts here whatever they look like to YAML.
Object any_text() {
  Object object = ordered();
  object.set("type", array_of({"string", "number", "boolean", "null"}));
  return object;
}

Object text_like(std::string_view pattern) {
  Object object = ordered();
  object.set("type", "string");
  object.set("pattern", std::string(pattern));
  return object;
}

Object words_of(const std::vector<std::string>& words) {
  Object object = ordered();
  object.set("enum", array_of(words));
  return object;
}

Object reference_to(const std::string& name) {
  Object object = ordered();
  object.set("$ref", "#/$defs/" + name);
  return object;
}

Object integer_in(const Asked& asked) {
  Object object = ordered();
  object.set("type", "integer");
  object.set("minimum", static_cast<Poco::UInt64>(asked.least));
  object.set("maximum", static_cast<Poco::UInt64>(asked.most));
  return object;
}

Object list_of(const Object& item, bool one_too) {
  Object list = ordered();
  list.set("type", "array");
  list.set("items", item);
  if (!one_too) return list;
  Array both;
  both.add(item).add(list);
  Object object = ordered();
  object.set("anyOf", both);
  return object;
}

// What a value that is written down may be, by its kind alone.
Object scalar_form(const Asked& asked) {
  Object boolean = ordered();
  boolean.set("type", "boolean");
  switch (asked.kind) {
    case ValueKind::integer: return integer_in(asked);
    case ValueKind::size: return reference_to("size");
    case ValueKind::duration: return reference_to("duration");
    case ValueKind::boolean: return boolean;
    case ValueKind::word: return words_of(asked.words);
    case ValueKind::words: return list_of(words_of(asked.words), true);
    case ValueKind::texts: return list_of(any_text(), asked.one_too);
    case ValueKind::id: return reference_to("id");
    case ValueKind::secret: return reference_to("secret");
    default: return asked.pattern.empty() ? any_text() : text_like(asked.pattern);
  }
}

std::string text_of(const Object& object) {
  std::ostringstream text;
  object.stringify(text);
  return text.str();
}

Object secret_form() {
  Array ways;
  for (const char* key : {"file", "credential"}) {
    Object text = ordered();
    text.set("type", "string");
    Object properties = ordered();
    properties.set(key, text);
    Object way = ordered();
    way.set("type", "object");
    way.set("properties", properties);
    way.set("required", array_of({key}));
    way.set("additionalProperties", false);
    ways.add(way);
  }
  Object secret = ordered();
  secret.set("description", "密码或密钥在哪里，不写内容 / where a secret is, never what it is");
  secret.set("anyOf", ways);
  return secret;
}

Object definitions() {
  Object all = ordered();
  Object size = text_like("^(0|[1-9][0-9]*)(B|KiB|MiB|GiB|TiB)$");
  size.set("description", "容量 / size: B KiB MiB GiB TiB");
  Object duration = text_like("^(0|[1-9][0-9]*)(us|ms|s|m|h|d)$");
  duration.set("description", "时长 / duration: us ms s m h d");
  all.set("size", size);
  all.set("duration", duration);
  Object id = ordered();
  id.set("type", array_of({"string", "integer"}));
  id.set("pattern", "^[a-z0-9][a-z0-9._-]{0,99}$");
  all.set("id", id);
  all.set("secret", secret_form());
  return all;
}

// The comment behind a line, else those that stand alone above it.
std::string comment_about(const Place& place) {
  if (place.source == nullptr || place.line == 0) return {};
  const auto after_sign = [](std::string_view text) {
    while (!text.empty() && (text.front() == '#' || text.front() == ' ')) text.remove_prefix(1);
    return std::string(text);
  };
  const std::string_view line = place.source->line(place.line);
  if (const std::size_t sign = line.find("  # "); sign != std::string_view::npos) return after_sign(line.substr(sign));
  std::string text;
  for (std::size_t number = place.line - 1; number > 0; --number) {
    const std::string_view above = place.source->line(number);
    const std::size_t first = above.find_first_not_of(' ');
    if (first == std::string_view::npos || above[first] != '#') break;
    text = after_sign(above.substr(first)) + (text.empty() ? "" : "\n") + text;
  }
  return text;
}

}  // namespace

struct Schema::Form {
  struct Property;
  struct Map;

  std::vector<std::pair<std::string, Object>> scalars;  // by their text
  std::vector<Map> maps;
  std::unique_ptr<Form> items;  // of a list

  void add_scalar(const Object& object) {
    const std::string text = text_of(object);
    if (std::none_of(scalars.begin(), scalars.end(), [&](const auto& one) { return one.first == text; }))
      scalars.emplace_back(text, object);
  }
  void add(const Node& node, const Asked& asked, const Record& record);
  void add_map(const Node& node, const Record& record);
  void add_property(Map& map, const Node& node, const Asked& asked, const Record& record);
  Map& map_for(const Node& node, const Shape* shape);

  Object json() const;
  Object map_json(const Map& map) const;
  std::vector<std::string> pins_but(const Map& map) const;
  // Paths that are asked for, and of those the ones that one form at least shows with a comment.
  void paths(const std::string& path, std::set<std::string>& asked, std::set<std::string>& told) const;
};

struct Schema::Form::Property {
  Asked asked;
  Form form;
  std::string comment;
  bool is_shown = false;
};

// Maps that were read alike.
struct Schema::Form::Map {
  std::vector<Property> properties;
  bool any_key = false;
  std::string pinned;
  std::vector<std::string> pins;  // values of the pinned key
  std::unique_ptr<Form> others;   // values under names that people choose
};

void Schema::Form::add(const Node& node, const Asked& asked, const Record& record) {
  const bool is_listed = asked.kind == ValueKind::words || asked.kind == ValueKind::texts;
  if (asked.kind == ValueKind::secret || (node.is_sequence() && is_listed)) return add_scalar(scalar_form(asked));
  if (node.is_map()) return add_map(node, record);
  if (!node.is_sequence()) return add_scalar(scalar_form(asked));
  if (items == nullptr) items = std::make_unique<Form>();
  for (const Node& item : node.items) items->add(item, Asked(), record);
}

// Of the forms so far the one that asks for the same keys; a new one if there is none.
Schema::Form::Map& Schema::Form::map_for(const Node& node, const Shape* shape) {
  const auto same = [&](const Map& map) {
    if (shape == nullptr) return map.properties.empty() && map.any_key;
    if (map.any_key != shape->any_key) return false;
    if (map.any_key) return true;
    return map.properties.size() == shape->asked.size() &&
           std::all_of(map.properties.begin(), map.properties.end(),
                       [&](const Property& one) { return shape->find(one.asked.key) != nullptr; });
  };
  auto found = std::find_if(maps.begin(), maps.end(), same);
  if (found == maps.end()) {
    maps.emplace_back();
    found = std::prev(maps.end());
    found->any_key = shape == nullptr || shape->any_key;
    found->pinned = shape == nullptr ? std::string() : shape->pinned;
  }
  if (const Node* pin = found->pinned.empty() ? nullptr : node.find(found->pinned)) {
    if (std::find(found->pins.begin(), found->pins.end(), pin->text) == found->pins.end())
      found->pins.push_back(pin->text);
  }
  return *found;
}

void Schema::Form::add_map(const Node& node, const Record& record) {
  const Shape* shape = record.find(node);
  Map& map = map_for(node, shape);
  if (shape != nullptr && (!shape->any_key || !shape->pinned.empty())) {
    for (const Asked& asked : shape->asked)
      if (!shape->any_key || asked.key == shape->pinned || asked.kind != ValueKind::any)
        add_property(map, node, asked, record);
  }
  if (!map.any_key) return;
  if (map.others == nullptr) map.others = std::make_unique<Form>();
  if (!map.pinned.empty()) return map.others->add_scalar(Object());
  for (const Entry& entry : node.entries) {
    const Asked* asked = shape == nullptr ? nullptr : shape->find(entry.key);
    map.others->add(entry.value, asked == nullptr ? Asked() : *asked, record);
  }
}

void Schema::Form::add_property(Map& map, const Node& node, const Asked& asked, const Record& record) {
  auto found = std::find_if(map.properties.begin(), map.properties.end(),
                            [&](const Property& one) { return one.asked.key == asked.key; });
  if (found == map.properties.end()) {
    found = map.properties.emplace(map.properties.end());
    found->asked = asked;
  }
  found->asked.required = found->asked.required && asked.required;
  const auto entry =
      std::find_if(node.entries.begin(), node.entries.end(), [&](const Entry& one) { return one.key == asked.key; });
  if (entry != node.entries.end()) {
    found->is_shown = true;
    found->form.add(entry->value, asked, record);
    if (found->comment.empty()) found->comment = comment_about(entry->key_place);
  } else if (asked.kind != ValueKind::any && asked.kind != ValueKind::map && asked.kind != ValueKind::text) {
    found->form.add_scalar(scalar_form(asked));
  }
}

// What the other forms are chosen by.
std::vector<std::string> Schema::Form::pins_but(const Map& map) const {
  std::vector<std::string> pins;
  for (const Map& other : maps)
    if (&other != &map) pins.insert(pins.end(), other.pins.begin(), other.pins.end());
  return pins;
}

Object Schema::Form::map_json(const Map& map) const {
  Object object = ordered();
  object.set("type", "object");
  Object properties = ordered();
  std::vector<std::string> required;
  for (const Property& one : map.properties) {
    Object property = one.form.json();
    if (one.asked.key == map.pinned) {
      property = words_of(map.any_key ? pins_but(map) : map.pins);
      if (map.any_key) {
        Object other = ordered();
        other.set("not", property);
        property = other;
      }
    }
    if (!one.comment.empty()) property.set("description", one.comment);
    if (!one.asked.fallback.empty()) property.set("default", one.asked.fallback);
    properties.set(one.asked.key, property);
    if (one.asked.required) required.push_back(one.asked.key);
  }
  if (!map.properties.empty()) object.set("properties", properties);
  if (!required.empty()) object.set("required", array_of(required));
  if (map.any_key && map.others != nullptr)
    object.set("additionalProperties", map.others->json());
  else
    object.set("additionalProperties", false);
  return object;
}

Object Schema::Form::json() const {
  std::vector<Object> ways;
  for (const auto& [text, object] : scalars) ways.push_back(object);
  for (const Map& map : maps) ways.push_back(map_json(map));
  if (items != nullptr) {
    Object list = ordered();
    list.set("type", "array");
    list.set("items", items->json());
    ways.push_back(list);
  }
  if (ways.empty()) return any_text();
  if (ways.size() == 1) return ways.front();
  Array any;
  for (const Object& way : ways) any.add(way);
  Object object = ordered();
  object.set("anyOf", any);
  return object;
}

void Schema::Form::paths(const std::string& path, std::set<std::string>& asked, std::set<std::string>& told) const {
  for (const Map& map : maps) {
    for (const Property& one : map.properties) {
      const std::string inner = path + (path.empty() ? "" : ".") + one.asked.key;
      asked.insert(inner);
      if (one.is_shown && !one.comment.empty()) told.insert(inner);
      one.form.paths(inner, asked, told);
    }
    if (map.others != nullptr) map.others->paths(path + ".*", asked, told);
  }
  if (items != nullptr) items->paths(path + "[]", asked, told);
}

Schema::Schema() : root_(std::make_unique<Form>()) {}
Schema::~Schema() = default;

void Schema::add(const Node& root, const Record& record) { root_->add_map(root, record); }

std::string Schema::json(std::string_view title) const {
  Object whole = root_->json();
  Object object = ordered();
  object.set("$schema", "https://json-schema.org/draft/2020-12/schema");
  object.set("title", std::string(title));
  for (const std::string& name : whole.getNames()) object.set(name, whole.get(name));
  object.set("$defs", definitions());
  std::ostringstream text;
  object.stringify(text, 2);
  return text.str();
}

std::vector<std::string> Schema::gaps() const {
  std::set<std::string> asked;
  std::set<std::string> told;
  root_->paths({}, asked, told);
  std::vector<std::string> found;
  std::set_difference(asked.begin(), asked.end(), told.begin(), told.end(), std::back_inserter(found));
  return found;
}

void add_references(Schema& schema, const std::vector<std::string_view>& texts,
                    const std::function<void(const Node& root, Diagnostics& diagnostics)>& read) {
  for (const std::string_view text : texts) {
    Diagnostics ignored;
    // In a folder that is not there, so that no file of this machine is taken for one that the document names.
    const auto root = parse_document("/qianzhi-reference/reference.yaml", text, ignored);
    if (!root) continue;
    Record record;
    ignored.record_in(&record);
    read(*root, ignored);
    schema.add(*root, record);
  }
}

}  // namespace qianzhi::yaml

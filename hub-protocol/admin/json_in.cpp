#include "hub-protocol/admin/json_in.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/ParseHandler.h>
#include <Poco/JSON/Parser.h>

namespace qianzhi::admin {

namespace {

constexpr std::size_t deepest = 16;

using Poco::Dynamic::Var;

JsonNode node_of(const Var& value);

JsonNode object_of(const Poco::JSON::Object& object) {
  JsonNode node;
  node.kind = JsonNode::Kind::object;
  for (const std::string& name : object.getNames()) node.members.push_back({name, node_of(object.get(name))});
  return node;
}

JsonNode array_of(const Poco::JSON::Array& array) {
  JsonNode node;
  node.kind = JsonNode::Kind::array;
  for (const Var& item : array) node.items.push_back(node_of(item));
  return node;
}

JsonNode node_of(const Var& value) {
  if (value.isEmpty()) return {};
  if (value.type() == typeid(Poco::JSON::Object::Ptr)) return object_of(*value.extract<Poco::JSON::Object::Ptr>());
  if (value.type() == typeid(Poco::JSON::Array::Ptr)) return array_of(*value.extract<Poco::JSON::Array::Ptr>());
  JsonNode node;
  node.kind = value.isBoolean()  ? JsonNode::Kind::boolean
              : value.isString() ? JsonNode::Kind::text
                                 : JsonNode::Kind::number;
  node.value = value.toString();
  return node;
}

}  // namespace

const JsonNode* JsonNode::find(std::string_view name) const {
  for (const auto& [key, node] : members)
    if (key == name) return &node;
  return nullptr;
}

std::string JsonNode::text_of(std::string_view name) const {
  const JsonNode* found = find(name);
  return found == nullptr ? std::string() : found->value;
}

std::optional<JsonNode> json_from(std::string_view text, std::size_t limit) {
  if (text.size() > limit || text.find_first_of("{[") == std::string_view::npos) return std::nullopt;
  try {
    Poco::JSON::Parser parser(new Poco::JSON::ParseHandler(true));
    parser.setDepth(deepest);
    return node_of(parser.parse(std::string(text)));
  } catch (const Poco::Exception&) {
    return std::nullopt;
  }
}

}  // namespace qianzhi::admin

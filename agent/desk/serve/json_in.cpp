#include "agent/desk/serve/json_in.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

namespace qianzhi::desk::serve {

std::optional<web::Fields> json_from(const std::string& text) {
  try {
    Poco::JSON::Parser parser;
    parser.setDepth(2);
    const auto object = parser.parse(text).extract<Poco::JSON::Object::Ptr>();
    web::Fields fields;
    for (const std::string& name : object->getNames()) {
      if (fields.size() >= 20 || !object->get(name).isString()) return std::nullopt;
      fields[name] = object->getValue<std::string>(name);
    }
    return fields;
  } catch (const Poco::Exception&) {
    return std::nullopt;
  }
}

}  // namespace qianzhi::desk::serve

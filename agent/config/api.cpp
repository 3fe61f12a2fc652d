#include <algorithm>

#include "agent/config/parts.h"

namespace qianzhi::config {

namespace {

constexpr std::size_t most_api_tokens = 100;

ApiToken read_token(const yaml::Node& node, const std::string& path, yaml::Diagnostics& diagnostics) {
  yaml::MapReader reader(&node, path, diagnostics);
  ApiToken token;
  token.name = reader.id("name");
  token.place = reader.find("name") != nullptr ? reader.find("name")->place : reader.place();
  if (const auto secret = reader.secret("token", true)) token.secret = reference_of(*secret);
  if (reader.require("services") != nullptr)
    for (const yaml::Node* service : reader.list("services")) token.services.push_back(service->text);
  for (const yaml::Node* purpose : reader.list("purposes")) token.purposes.insert(purpose->text);
  reader.finish();
  return token;
}

}  // namespace

void read_api(yaml::MapReader& root, Config& config) {
  const yaml::Node* node = root.find("api");
  if (node == nullptr) return;
  yaml::MapReader api(node, "api", root.diagnostics());
  const yaml::Node* tokens = api.require("callers");
  if (tokens != nullptr && (!tokens->is_sequence() || tokens->items.size() > most_api_tokens)) {
    complain_kind(*tokens, "api.callers", "list", root.diagnostics());
  } else if (tokens != nullptr) {
    for (std::size_t i = 0; i < tokens->items.size(); ++i) {
      ApiToken token = read_token(tokens->items[i], "api.callers[" + std::to_string(i + 1) + "]", root.diagnostics());
      const bool is_twice = std::any_of(config.api_tokens.begin(), config.api_tokens.end(),
                                        [&](const ApiToken& other) { return other.name == token.name; });
      if (is_twice && !token.name.empty())
        root.diagnostics().error("QZ-CFG-031", token.place, "api.callers 中 " + token.name + " 写了两次",
                                 token.name + " appears twice in api.callers");
      config.api_tokens.push_back(std::move(token));
    }
  }
  api.finish();
  const SecretReference& own = config.exchange.encryption_key;
  if (!config.api_tokens.empty() && own.file.empty() && own.credential.empty())
    root.diagnostics().error("QZ-CFG-037", config.api_tokens.front().place,
                             "提出请求需要 exchange.encryption_key（注册时生成的 encryption.key）",
                             "asking needs exchange.encryption_key (the encryption.key of enrolment)",
                             "encryption_key: {file: encryption.key}");
}

}  // namespace qianzhi::config

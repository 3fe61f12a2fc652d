#include "agent/desk/outlets/outlet_config.h"

#include <charconv>
#include <set>

#include "agent/desk/outlets/webhook_outlet.h"

namespace qianzhi::desk {

namespace {

enum class OutletKind { webhook, command, smtp, file, statement };

std::vector<std::string> words_of(yaml::MapReader& reader, std::string_view key, bool one_too = false) {
  std::vector<std::string> texts;
  for (const yaml::Node* node : reader.list(key, one_too)) texts.push_back(node->text);
  return texts;
}

// A list that must hold something.
std::vector<std::string> some_texts(yaml::MapReader& reader, std::string_view key) {
  const yaml::Node* node = reader.require(key);
  std::vector<std::string> texts = words_of(reader, key);
  if (node != nullptr && node->is_sequence() && texts.empty())
    yaml::complain_form(*node, reader.path_of(key), "至少一项", "at least one entry", reader.diagnostics());
  return texts;
}

WebhookConfig read_webhook(yaml::MapReader& reader) {
  WebhookConfig config;
  config.plain = reader.boolean("plain", false);
  const yaml::Node* url = reader.find("url");
  config.url = reader.text("url");
  if (url != nullptr && url->is_scalar() && !is_webhook_url(config.url, config.plain))
    yaml::complain_form(
        *url, reader.path_of("url"), "https 地址（http 只用于本机，或写 plain: true），不含用户名和密码",
        "an https address (http to this machine only, or with plain: true), without a login", reader.diagnostics());
  config.trust = reader.file("trust", {});
  config.signature = reader.secret("signature", false);
  config.bearer = reader.secret("bearer", false);
  config.idempotent = reader.boolean("idempotent", true);
  return config;
}

CommandConfig read_command(yaml::MapReader& reader) {
  CommandConfig config{some_texts(reader, "program")};
  const yaml::Node* node = reader.find("program");
  if (!config.program.empty() && config.program.front().substr(0, 1) != "/")
    yaml::complain_form(*node, reader.path_of("program"), "程序的绝对路径在前", "an absolute path first",
                        reader.diagnostics());
  return config;
}

MailConfig read_mail(yaml::MapReader& reader) {
  MailConfig config;
  config.host = reader.text("host");
  config.security = reader.choice<MailSecurity>(
      "security", {{"starttls", MailSecurity::starttls}, {"tls", MailSecurity::tls}, {"none", MailSecurity::none}},
      MailSecurity::starttls);
  const std::uint64_t usual = config.security == MailSecurity::tls ? 465 : 25;
  config.port = static_cast<std::uint16_t>(reader.integer("port", 1, 65535, usual));
  config.trust = reader.file("trust", {});
  config.from = reader.text("from");
  config.to = words_of(reader, "to", true);
  config.to_field = reader.text("to_field", "");
  config.subject_field = reader.text("subject_field", "title");
  config.text_field = reader.text("text_field", "text");
  config.user = reader.text("user", "");
  config.password = reader.secret("password", !config.user.empty());
  if (config.to.empty() && config.to_field.empty()) reader.require("to");
  return config;
}

FileConfig read_file_outlet(yaml::MapReader& reader) {
  FileConfig config;
  config.file = reader.file("file");
  config.csv = reader.choice<bool>("format", {{"json", false}, {"csv", true}}, false);
  if (config.csv) config.columns = some_texts(reader, "columns");
  return config;
}

StatementConfig read_statement_outlet(yaml::MapReader& reader) {
  return {reader.file("file"), reader.text("statement"), words_of(reader, "values")};
}

void read_pace(yaml::MapReader& reader, OutletConfig& config) {
  config.timeout = reader.duration("timeout", config.timeout);
  config.repeat_uncertain = reader.boolean("repeat_uncertain", false);
  config.first_delay = reader.duration("first_delay", config.first_delay);
  config.longest_delay = reader.duration("longest_delay", config.longest_delay);
  config.give_up = reader.duration("give_up", config.give_up);
  if (reader.find("rate") != nullptr) {
    yaml::MapReader rate = reader.map("rate", true);
    config.most = static_cast<std::int64_t>(rate.integer("most", 1, 1'000'000));
    config.per = rate.duration("per");
    rate.finish();
  }
  for (const yaml::Node* node : reader.list("quiet", true)) {
    if (const auto hours = parse_quiet(node->text))
      config.quiet.push_back(*hours);
    else
      yaml::complain_form(*node, reader.path_of("quiet"), "时段，例如 \"21:00-08:00\"", "hours such as \"21:00-08:00\"",
                          reader.diagnostics());
  }
}

OutletConfig read_outlet(yaml::MapReader& reader) {
  OutletConfig config;
  config.id = reader.id("id");
  reader.require("kind");
  reader.pin("kind");
  const std::size_t known = reader.diagnostics().errors();
  const auto kind = reader.choice<OutletKind>("kind",
                                              {{"webhook", OutletKind::webhook},
                                               {"command", OutletKind::command},
                                               {"smtp", OutletKind::smtp},
                                               {"file", OutletKind::file},
                                               {"statement", OutletKind::statement}},
                                              OutletKind::file);
  // Which keys it has nobody knows then.
  if (reader.diagnostics().errors() != known) return config;
  switch (kind) {
    case OutletKind::webhook: config.kind = read_webhook(reader); break;
    case OutletKind::command: config.kind = read_command(reader); break;
    case OutletKind::smtp: config.kind = read_mail(reader); break;
    case OutletKind::file: config.kind = read_file_outlet(reader); break;
    case OutletKind::statement: config.kind = read_statement_outlet(reader); break;
  }
  read_pace(reader, config);
  reader.finish();
  return config;
}

std::optional<int> minutes_in(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  int hours = 0;
  int minutes = 0;
  const auto first = std::from_chars(text.data(), text.data() + 2, hours);
  const auto second = std::from_chars(text.data() + 3, text.data() + 5, minutes);
  if (first.ptr != text.data() + 2 || second.ptr != text.data() + 5) return std::nullopt;
  if (hours < 0 || minutes < 0 || minutes > 59 || hours * 60 + minutes > 24 * 60) return std::nullopt;
  return hours * 60 + minutes;
}

}  // namespace

std::optional<QuietHours> parse_quiet(std::string_view text) {
  if (text.size() != 11 || text[5] != '-') return std::nullopt;
  const auto begin = minutes_in(text.substr(0, 5));
  const auto end = minutes_in(text.substr(6));
  if (!begin || !end || *begin == *end) return std::nullopt;
  return QuietHours{*begin, *end};
}

std::vector<OutletConfig> read_outlets(yaml::MapReader& reader, std::string_view key) {
  std::vector<OutletConfig> outlets;
  const yaml::Node* node = reader.find(key);
  if (node == nullptr) return outlets;
  if (!node->is_sequence()) {
    yaml::complain_kind(*node, reader.path_of(key), "list", reader.diagnostics());
    return outlets;
  }
  std::set<std::string> ids;
  for (const yaml::Node& item : node->items) {
    yaml::MapReader entry(&item, reader.path_of(key) + "[" + std::to_string(outlets.size() + 1) + "]",
                          reader.diagnostics());
    outlets.push_back(read_outlet(entry));
    if (!outlets.back().id.empty() && !ids.insert(outlets.back().id).second)
      yaml::complain_form(item, entry.path_of("id"), "不重复的名字", "an id of its own", reader.diagnostics());
  }
  return outlets;
}

}  // namespace qianzhi::desk

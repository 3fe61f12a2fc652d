// `outlets:` of desk.yaml: where notices go and how fast.
//
//   outlets:
//     - {id: sms, kind: webhook, url: "https://sms.example/send", trust: ca.pem, signature: {credential: sms-key}}
//     - {id: script, kind: command, program: [/usr/local/bin/notify, --now]}
//     - {id: post, kind: smtp, host: mail.example, security: starttls, from: desk@example, to_field: mail}
//     - {id: list, kind: file, file: notices.csv, format: csv, columns: [subject, text]}
//     - {id: own, kind: statement, file: own.db, statement: "INSERT INTO todo VALUES(?1, ?2)", values: [subject, text]}
//
// All kinds: timeout (10s), rate {most, per}, quiet ["21:00-08:00"] in Beijing time, repeat_uncertain (false),
// first_delay (10s), longest_delay (1h), give_up (7d).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::desk {

struct WebhookConfig {
  std::string url;                        // https; http to this machine, or where plain says so
  std::filesystem::path trust;            // PEM; empty: what the system trusts
  std::optional<yaml::Secret> signature;  // key of the HMAC over what is sent
  std::optional<yaml::Secret> bearer;     // for the header Authorization
  bool plain = false;                     // http to another machine is meant
  bool idempotent = true;                 // the receiver does nothing on a key that it knows
};

struct CommandConfig {
  std::vector<std::string> program;  // path and arguments; nothing of a notice ever becomes one
};

enum class MailSecurity { none, starttls, tls };

struct MailConfig {
  std::string host;
  std::uint16_t port = 25;
  MailSecurity security = MailSecurity::starttls;
  std::filesystem::path trust;
  std::string from;
  std::vector<std::string> to;  // fixed receivers
  std::string to_field;         // the field that names the receiver, beside them
  std::string subject_field = "title";
  std::string text_field = "text";
  std::string user;
  std::optional<yaml::Secret> password;
};

struct FileConfig {
  std::filesystem::path file;
  bool csv = false;                  // else one JSON object a line
  std::vector<std::string> columns;  // csv: fields, after the id
};

struct StatementConfig {
  std::filesystem::path file;       // a SQLite database of the department
  std::string statement;            // one, with ?1, ?2, ...
  std::vector<std::string> values;  // fields for them; also id, event and subject
};

// Minutes of the day in Beijing; past midnight if begin > end.
struct QuietHours {
  int begin = 0;
  int end = 0;  // not in it
};

struct OutletConfig {
  std::string id;
  std::variant<WebhookConfig, CommandConfig, MailConfig, FileConfig, StatementConfig> kind;
  Micros timeout = 10'000'000;
  std::int64_t most = 0;  // tries per period; 0: no limit
  Micros per = 0;
  std::vector<QuietHours> quiet;
  bool repeat_uncertain = false;
  Micros first_delay = 10'000'000;
  Micros longest_delay = 3'600'000'000;
  Micros give_up = 7 * 86'400'000'000;
};

// The list under `key`; empty when absent. What is wrong is a diagnostic.
std::vector<OutletConfig> read_outlets(yaml::MapReader& reader, std::string_view key = "outlets");

// "21:00-08:00". Nothing if it is not that.
std::optional<QuietHours> parse_quiet(std::string_view text);

// An https or http URL with a host, without user, password or fragment, whose host is no address that a webhook must
// not reach (see may_reach() of webhook_outlet.h).
bool is_webhook_url(std::string_view url, bool plain);

}  // namespace qianzhi::desk

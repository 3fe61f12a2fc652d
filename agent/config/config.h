// The agent's configuration as values. Loaded from strict YAML by load_config(); nothing here is checked again later.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/model/stream.h"
#include "hub-protocol/model/topic.h"
#include "hub-protocol/yaml/diagnostics.h"

namespace qianzhi::config {

// A secret is only ever named in YAML: {file: PATH} (0600, owner only) or {credential: NAME} ($CREDENTIALS_DIRECTORY,
// then /etc/qianzhi/credentials). Read when it is needed, never stored.
struct SecretReference {
  std::filesystem::path file;
  std::string credential;
  bool operator==(const SecretReference&) const = default;
};

// Where nothing but files passes between here and the hub: a gateway carries them from `out` and brings others to `in`.
struct ExchangeDirectory {
  std::filesystem::path out;
  std::filesystem::path in;
  std::filesystem::path hub_certificate;  // PEM; two while the hub's key is being replaced
  Micros poll = 30'000'000;
  Micros timeout = 7'200'000'000;
  Micros repeat = 600'000'000;
  yaml::Place place = {};
};

struct ExchangeConfig {
  std::string url;                             // empty: see directory
  std::optional<ExchangeDirectory> directory;  // exactly one of the two
  std::filesystem::path certificate;           // own TLS certificate, PEM
  SecretReference private_key;                 // its key
  SecretReference signing_key;                 // PEM, Ed25519, P-256 or SM2: signs batches
  SecretReference second_signing_key;          // likewise: a second signature; empty if there is none
  SecretReference encryption_key;              // PEM: opens requests and answers; empty: none are exchanged
  std::string signer_id;                       // of SM2 signing keys, as the directory states it
  std::filesystem::path trust;                 // exchange CA, PEM
  std::string proxy;                           // http://host:port; empty: the hub is reached directly
  std::string proxy_user;
  SecretReference proxy_password;
  std::filesystem::path directory_key;       // public key that signs the directory, PEM
  std::filesystem::path directory_root_key;  // public key that may replace it, PEM; empty: none
};

enum class QueueCipher { aes, sm4 };  // AES-256-GCM, or SM4-CTR with HMAC-SM3

struct QueueConfig {
  std::filesystem::path path;  // SQLite file
  SecretReference key;         // 32 octets, hex: encrypts content at rest
  std::uint64_t max_octets = 0;
  QueueCipher cipher = QueueCipher::aes;
};

// What an adapter's process may use; 0 and empty: as the agent itself.
struct LimitsConfig {
  std::uint64_t memory = 0;  // octets
  Micros cpu = 0;            // of the process's whole life
  std::uint64_t open_files = 0;
  std::uint64_t file_size = 0;  // octets
  std::uint64_t processes = 0;
  std::string user;  // account
};

// A database: source and target share it.
struct DatabaseConfig {
  std::string id;
  std::string type;  // "sqlite", "mysql": names the program qianzhi-adapter-TYPE
  std::map<std::string, std::string> options;
  std::map<std::string, SecretReference> secrets;
  LimitsConfig limits = {};
};

enum class Capture { log, journal, diff, watermark };

// How fast whole tables are read, in the agent's time zone; from = to: at any time of the day.
struct ThrottleConfig {
  std::uint64_t rows_per_second = 0;  // 0: no limit
  int from = 0;                       // minutes after midnight
  int to = 0;
  std::set<int> weekdays;  // 1 Monday .. 7 Sunday; empty: every day
};

// A table of ours in the source, into which the agent writes when nothing else changes there.
struct CanaryConfig {
  Micros every = 0;             // of silence, until a beat is written; 0: there is none
  Micros within = 120'000'000;  // a beat that is captured no later is on time
  std::string table;
  yaml::Place place = {};
};

struct SourceConfig {
  DatabaseConfig database;
  Capture capture = Capture::journal;
  Micros poll_interval = 200'000;
  std::uint64_t retained_log_ceiling = 0;
  ThrottleConfig throttle = {};
  CanaryConfig canary = {};
};

enum class Normalise { trim, width, collapse_spaces, upper, date };

// How one item gets its value.
struct ItemRule {
  enum class Kind { column, constant, area };
  Kind kind = Kind::column;
  std::string column;  // column; area: a column that holds the code itself, or empty
  std::string constant;
  std::vector<Normalise> normalise;
  std::map<std::string, std::string> code_table;  // applied after normalising
  bool code_table_strict = false;                 // a value that is not in the table quarantines the row
  // area_code only, tried in this order after `column`: registration authority code table, then the first six digits
  // of a 15-digit registration number.
  std::string authority_column;
  std::map<std::string, std::string> authority_table;
  std::string registration_number_column;
  yaml::Place place = {};  // of the item's id
};

struct Schedule {
  enum class Kind { realtime, interval, calendar };
  Kind kind = Kind::realtime;
  Micros interval = 0;
  std::set<int> weekdays;  // calendar: 1 Monday .. 7 Sunday; empty: every day
  int hour = 0;            // calendar, in the agent's time zone
  int minute = 0;
};

struct BatchConfig {
  std::size_t rows = 2000;
  std::size_t octets = 1U << 20U;
  Micros linger = 0;
};

struct PublicationConfig {
  std::string topic;
  std::string source;
  std::string table;
  std::map<std::string, ItemRule> items;               // by item id
  std::map<std::string, std::set<std::string>> where;  // column -> accepted values; all must hold
  GroupSet area = GroupSet::every();
  std::string watermark;              // capture by watermark: the column
  std::optional<Schedule> reconcile;  // when the table is compared beside capture
  Micros update_cycle = 0;            // without a change for longer a person is told; 0: nobody is
  Schedule schedule;
  BatchConfig batch;
  yaml::Place place = {};  // of the topic's id
  yaml::Place area_place = {};
};

enum class Apply { upsert, soft_delete, history };

struct SubscriptionConfig {
  std::string topic;
  std::string target;  // id in databases
  std::string table;
  std::map<std::string, std::string> rename;  // item id -> column
  Apply apply = Apply::upsert;
  Micros update_cycle = 0;           // as of a publication
  std::optional<Schedule> compare;   // when the target is compared with its providers' sources
  bool compare_report_only = false;  // differences are told, and not cured
  yaml::Place place = {};            // of the topic's id
};

// How requests for one answered topic (TopicMode::answer) are answered from a source.
struct AnswerConfig {
  std::string service;  // topic id
  std::string source;
  std::string table;                          // rows of it where each `match` holds; or:
  std::map<std::string, std::string> match;   // key item -> column
  std::string statement;                      // one SELECT with :item parameters, by the department's DBA
  std::map<std::string, std::string> items;   // answered item -> column of table or statement; not there: of that name
  std::uint64_t rows_each = 10;               // answered to one question; more: "several", without them
  std::uint64_t questions_a_minute = 60'000;  // of one asking agent
  std::string group_column;                   // counts what a row sums up; empty: rows are no sums
  std::uint64_t group_least = 0;              // a row that sums up fewer is kept back
  Micros timeout = 5'000'000;                 // of a statement
  yaml::Place place = {};                     // of the service's id
};

// One part of what is asked: the same for each request, or a column of its row.
struct AskValue {
  std::string column;
  std::string constant;
};

// A table of requests in the department's own database, and the table of what was answered to them.
struct AskConfig {
  std::string name;
  std::string source;                                  // reads the requests
  std::string target;                                  // writes the answers; the same database as source
  std::string table;                                   // of requests, one a row; may be a view
  std::string key;                                     // its column
  ItemType key_type = ItemType::text;                  // integer or text
  std::uint32_t key_length = 64;                       // of a text
  std::map<std::string, std::set<std::string>> where;  // column -> accepted values; all must hold
  AskValue service;                                    // topic id
  std::vector<std::string> services;                   // that may be asked: of a constant, itself
  std::map<std::string, std::string> items;            // key item -> column
  AskValue to;                                         // providers, separated by commas; empty: all
  AskValue purpose;
  AskValue basis;
  AskValue case_number;
  AskValue person;  // who asks
  AskValue within = {{}, "10m"};
  AskValue appeal;                            // the key of an earlier request that is asked again
  std::string answers;                        // table of answers
  std::map<std::string, std::string> rename;  // answered item -> column of it
  Micros poll_interval = 1'000'000;
  std::uint64_t rows = 500;  // read at a time
  yaml::Place place = {};    // of the name
};

// A program of the department that may ask others through the page's address: what it presents, and what for.
inline constexpr std::size_t shortest_token = 32;  // characters; a shorter one is nobody's

struct ApiToken {
  std::string name;  // who asks: the provider is told
  SecretReference secret;
  std::vector<std::string> services;
  std::set<std::string> purposes;  // empty: any
  yaml::Place place = {};          // of the name
};

// One row given, and what must become of it: what `qianzhi test` tries without any database.
struct TrialConfig {
  using Row = std::map<std::string, std::optional<std::string>>;  // nothing: null
  std::string name;
  std::string topic;
  bool received = false;      // by a subscription; else sent by a publication
  bool removed = false;       // the row is deleted
  Row given;                  // by column of the source, or by item of what is received
  std::optional<Row> before;  // the row before the change; nothing: the row is new, or as it was
  // What is not said is not looked at.
  std::optional<std::vector<std::string>> operations;  // upsert, remove, withheld in order; empty: nothing is sent
  std::optional<std::string> group;
  std::string quarantine;  // code
  Row values;              // by item, or by column of the target
  yaml::Place place = {};
};

// The page for other machines, behind TLS and with accounts.
struct RemoteStatusConfig {
  std::string host;  // IP address
  std::uint16_t port = 0;
  std::filesystem::path certificate;
  SecretReference private_key;
  std::vector<std::string> hosts;  // names it is opened by, beside IP addresses
  bool operator==(const RemoteStatusConfig&) const = default;
};

struct StatusConfig {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8420;
  std::optional<RemoteStatusConfig> remote;
};

struct Config {
  std::filesystem::path file;
  std::string agent_id;
  std::string name;  // shown to people
  std::string language = "zh-CN";
  std::string timezone = "Asia/Shanghai";
  std::filesystem::path adapters;  // folder of the adapter programs; empty: beside this program
  ExchangeConfig exchange;
  QueueConfig queue;
  std::map<std::string, SourceConfig> sources;
  std::map<std::string, DatabaseConfig> targets;
  std::vector<PublicationConfig> publications;
  std::vector<SubscriptionConfig> subscriptions;
  std::vector<AnswerConfig> answers;
  std::vector<AskConfig> asks;
  std::vector<ApiToken> api_tokens;  // none: there is no interface for requests
  std::vector<TrialConfig> trials;
  StatusConfig status;
  LogForm log = LogForm::text;
};

}  // namespace qianzhi::config

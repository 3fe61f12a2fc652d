// The parts of load_config(); not for other folders.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/config/config.h"
#include "agent/config/names.h"
#include "hub-protocol/model/topic.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::config {

// Fills config.sources and config.targets. After the queue was read.
void read_databases(yaml::MapReader& root, Config& config);

// The settings of databases of type files. config: what was read before, the queue's path.
void read_files_source(yaml::MapReader& reader, const Config& config, DatabaseConfig& database);
void read_files_target(yaml::MapReader& reader, const Config& config, DatabaseConfig& database);

// The settings of databases of type mysql (MariaDB).
void read_mysql(yaml::MapReader& reader, DatabaseConfig& database);

// The settings of databases of type odbc.
void read_odbc(yaml::MapReader& reader, DatabaseConfig& database);

// "02:30" as minutes after midnight; 0 if the key is not there or is complained of.
int minute_of_day(yaml::MapReader& reader, std::string_view key);
// The list of days under `key`; "mon" is 1. Complains of what is no day.
std::set<int> weekdays_of(yaml::MapReader& reader, std::string_view key);
// sources.X.throttle
ThrottleConfig read_throttle(yaml::MapReader& source);

// exchange.directory, which there is.
ExchangeDirectory read_exchange_directory(yaml::MapReader& exchange);
// sources.X.canary; source: what was read of it before.
CanaryConfig read_canary(yaml::MapReader& reader, const Config& config, const SourceConfig& source);

// What `limits` of a database says.
LimitsConfig read_limits(yaml::MapReader& database);

// Fills config.publications and config.subscriptions.
void read_exchanges(yaml::MapReader& root, Config& config);

// Fills config.trials. After everything else was read.
void read_trials(yaml::MapReader& root, Config& config);

// The configuration of a document.
Config read_config(const std::filesystem::path& file, const yaml::Node& root, yaml::Diagnostics& diagnostics);

// Fills config.answers.
void read_answers(yaml::MapReader& root, Config& config);
// Fills config.asks.
void read_asks(yaml::MapReader& root, Config& config);
// Fills config.api_tokens.
void read_api(yaml::MapReader& root, Config& config);
// Sources of this type are folders: each question would read all of them.
inline bool is_read_whole(std::string_view type) { return type == "files" || type == "xlsx"; }
// Their databases are defined, can be asked and written to, and are the same one.
void check_asks(const yaml::Node& root, const Config& config, yaml::Diagnostics& diagnostics);
// The name of a table or column. Complains of what no database takes.
std::string read_name(const yaml::Node& node, std::string_view path, yaml::Diagnostics& diagnostics);

// Names that are used are defined, nothing is defined twice, nothing goes round in a circle.
void check_references(const yaml::Node& root, const Config& config, yaml::Diagnostics& diagnostics);

SecretReference reference_of(const yaml::Secret& secret);

}  // namespace qianzhi::config

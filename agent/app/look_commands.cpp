#include "agent/app/look_commands.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "agent/app/agent.h"
#include "agent/app/control_commands.h"
#include "agent/app/doctor.h"
#include "agent/app/kept.h"
#include "agent/config/loader.h"
#include "agent/store/store.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/command/outcome.h"
#include "hub-protocol/command/terminal.h"
#include "hub-protocol/service/control.h"
#include "hub-protocol/service/process.h"
#include "hub-protocol/sqlite/check.h"

namespace qianzhi::app {

namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

void print_json(const auto& value) {
  std::ostringstream out;
  value.stringify(out);
  std::printf("%s\n", out.str().c_str());
}

Array strings(const std::vector<std::string>& texts) {
  Array array;
  for (const std::string& text : texts) array.add(text);
  return array;
}

std::string joined_by_comma(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ",") + text;
  return all.empty() ? "-" : all;
}

// A table without a key can only be taken whole; log and journal name rows by it.
std::vector<std::string> captures_of(const adapter::TableInfo& table, const adapter::Capabilities& can) {
  std::vector<std::string> ways;
  if (table.key.empty()) return ways;
  if (can.log) ways.emplace_back("log");
  if (can.journal) ways.emplace_back("journal");
  if (can.snapshot) ways.emplace_back("diff");
  const bool has_time = std::any_of(table.columns.begin(), table.columns.end(), [](const adapter::ColumnInfo& column) {
    return column.type == ItemType::timestamp || column.type == ItemType::integer;
  });
  if (can.watermark && has_time) ways.emplace_back("watermark");
  return ways;
}

void print_table(const std::string& source, const adapter::TableInfo& table, const std::vector<std::string>& ways) {
  const std::string rows = table.rows < 0 ? "?" : std::to_string(table.rows);
  std::printf("%s%s%s%s%s\n", command::padded(source, 14).c_str(), command::padded(table.name, 36).c_str(),
              command::padded("~" + rows, 12).c_str(), command::padded(joined_by_comma(table.key), 24).c_str(),
              ways.empty() ? "✕ 没有主键 / no primary key" : joined_by_comma(ways).c_str());
}

store::Store read_queue(const config::Config& config, SystemRandom& random) {
  if (!std::filesystem::exists(config.queue.path))
    throw Error(ErrorKind::misuse, "QZ-CLI-020", config.queue.path.string());
  return store::Store(store_options(config, true), from_hex(config::read_secret(config.queue.key)), random);
}

}  // namespace

int doctor(const std::filesystem::path& config, command::Language language, bool json) {
  return command::tell(examine(config), language, json);
}

int watch_status(const std::filesystem::path& config_file, bool json) {
  constexpr int every_ms = 2'000;
  const config::Config config = load_or_throw(config_file);
  const bool clears = !json && command::wants_colour(stdout);
  service::Signals signals;
  do {
    std::string text;
    try {
      text = service::ask_control(control_socket_of(config), {json ? "status-json" : "status"});
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::unavailable) throw;
      text = json ? command::json_of(error) : std::string(error.what()) + "\n";
    }
    std::printf("%s%s", clears ? "\033[H\033[2J" : "", text.c_str());
    std::fflush(stdout);
  } while (!signals.wait(every_ms));
  return command::status_good;
}

int tables(const std::filesystem::path& config_file, const std::string& wanted, bool json) {
  const config::Config config = load_or_throw(config_file);
  if (!wanted.empty() && config.sources.count(wanted) == 0)
    throw Error(ErrorKind::rejected, "QZ-AGT-071", wanted.substr(0, 64));
  const SystemClock clock;
  const AdapterFactory adapters = process_adapters(config, clock);
  Array array;
  for (const auto& [id, source] : config.sources) {
    if (!wanted.empty() && wanted != id) continue;
    const auto adapter = adapters(source.database);
    const adapter::Capabilities can = adapter->capabilities();
    for (const adapter::TableInfo& table : adapter->describe(connection_of(source.database))) {
      const std::vector<std::string> ways = captures_of(table, can);
      if (!json) {
        print_table(id, table, ways);
        continue;
      }
      Object one(Poco::JSON_PRESERVE_KEY_ORDER);
      one.set("source", id);
      one.set("table", table.name);
      one.set("key", strings(table.key));
      one.set("rows", table.rows);
      one.set("columns", table.columns.size());
      one.set("captures", strings(ways));
      array.add(one);
    }
  }
  if (json) print_json(array);
  return command::status_good;
}

int list_queue(const std::filesystem::path& config_file, bool json) {
  const config::Config config = load_or_throw(config_file);
  SystemRandom random;
  const store::Store store = read_queue(config, random);
  Array array;
  for (const std::string& topic : store.topics()) {
    const auto stream = store.stream(topic);
    const store::Store::Waiting waiting = store.waiting_after(topic, stream ? stream->receipted : Position{});
    if (!json) {
      std::printf("%s%s%llu 批 batches  %llu 行 rows%s\n", command::padded(topic, 40).c_str(),
                  waiting.batches == 0 ? "✓ " : "… ", static_cast<unsigned long long>(waiting.batches),
                  static_cast<unsigned long long>(waiting.rows),
                  waiting.batches == 0 ? "" : ("  最早 oldest " + qianzhi::to_text(waiting.oldest)).c_str());
      continue;
    }
    Object one(Poco::JSON_PRESERVE_KEY_ORDER);
    one.set("topic", topic);
    one.set("batches", waiting.batches);
    one.set("rows", waiting.rows);
    one.set("oldest", waiting.batches == 0 ? std::string() : qianzhi::to_text(waiting.oldest));
    array.add(one);
  }
  if (json) print_json(array);
  return command::status_good;
}

int verify_queue(const std::filesystem::path& config_file, bool json) {
  const config::Config config = load_or_throw(config_file);
  SystemRandom random;
  const store::Store store = read_queue(config, random);
  sqlite::check_whole(config.queue.path, "QZ-CLI-026");
  std::uint64_t octets = 0;
  const std::vector<std::string> topics = store.topics();
  const std::uint64_t batches = each_kept_batch(
      store, topics, [&](const auto&, const store::KeptBatch& batch) { octets += batch.octets.size(); });
  if (json) {
    Object one(Poco::JSON_PRESERVE_KEY_ORDER);
    one.set("good", true);
    one.set("file", config.queue.path.string());
    one.set("streams", topics.size());
    one.set("batches", batches);
    one.set("octets", octets);
    print_json(one);
    return command::status_good;
  }
  std::printf("✓ %s: %zu 个数据流 streams, %llu 批 batches, %llu B\n", config.queue.path.c_str(), topics.size(),
              static_cast<unsigned long long>(batches), static_cast<unsigned long long>(octets));
  return command::status_good;
}

}  // namespace qianzhi::app

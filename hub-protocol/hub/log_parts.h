// Private to the log: its connections and the statements that reading and writing share.
#pragma once

#include <atomic>
#include <mutex>

#include "hub-protocol/hub/log.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::hub {

struct LogParts {
  LogParts(std::filesystem::path where, std::string file_system);

  std::filesystem::path file;
  std::string vfs;
  sqlite::Database writer;
  std::mutex writing;
  std::atomic<bool> abandoned = false;
  std::mutex pool_lock;
  std::vector<sqlite::Database> pool;  // idle readers

  sqlite::Database take_reader();
  void give_back(sqlite::Database reader);
};

// Statements that work on any connection of the store.
std::optional<Digest> select_digest(sqlite::Database& database, std::int64_t stream, Position position);
std::vector<StreamRecord> select_streams(sqlite::Database& database);
HubState select_hub_state(sqlite::Database& database);
void store_hub_state(sqlite::Database& database, const HubState& state);
void store_stream(sqlite::Database& database, StreamRecord& stream);
Head head_from(const sqlite::Statement& row, int column);

}  // namespace qianzhi::hub

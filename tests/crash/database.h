// A department's database as its own application and its DBA use it: past every Qianzhi program.
#pragma once

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace qianzhi::crash {

// The server is away or ended the connection: whether a transaction under way was committed is not known.
class Lost : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// One connection; belongs to one thread. Everything throws std::runtime_error with the database's words, and Lost.
class Database {
 public:
  virtual ~Database() = default;
  // One or more statements without results that matter.
  virtual void run(const std::string& text) = 0;
  // Each row as "value|value|", NULL as "-".
  virtual std::vector<std::string> rows(const std::string& query) = 0;
};

std::unique_ptr<Database> open_sqlite(const std::filesystem::path& file);
std::unique_ptr<Database> open_postgresql(const std::string& dsn);

}  // namespace qianzhi::crash

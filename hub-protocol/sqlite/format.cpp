#include "hub-protocol/sqlite/format.h"

#include <sqlite3.h>

#include <fstream>

#include "hub-protocol/base/error.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::sqlite {

namespace {

constexpr std::streamoff number_place =
    60;                           // "user version", https://www.sqlite.org/fileformat2.html#user_version_number
constexpr int number_octets = 4;  // big-endian

std::int64_t number_by_sqlite(const std::filesystem::path& file) {
  OpenOptions options;
  options.access = Access::read_only;
  options.own_store = false;
  Database database(file, options);
  // Else the last one to close a file moves its log into it.
  sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  return database.scalar("PRAGMA user_version").value_or(0);
}

// Of a file that SQLite would have to mend before it reads it, as after a power cut.
std::int64_t number_in_header(const std::filesystem::path& file) {
  std::ifstream octets(file, std::ios::binary);
  octets.seekg(number_place);
  std::int64_t number = 0;
  for (int i = 0; i < number_octets; ++i) {
    const int octet = octets.get();
    if (octet == std::ifstream::traits_type::eof()) return 0;
    number = number * 256 + octet;
  }
  return number;
}

}  // namespace

void refuse_newer(const std::filesystem::path& file, std::int64_t newest) {
  std::error_code failure;
  if (std::filesystem::file_size(file, failure) == 0 || failure) return;
  std::int64_t found = 0;
  try {
    found = number_by_sqlite(file);
  } catch (const Error&) {
    found = number_in_header(file);
  }
  if (found > newest)
    throw Error(ErrorKind::misuse, "QZ-PKG-001",
                file.string() + ": format " + std::to_string(found) + ", known up to " + std::to_string(newest));
}

}  // namespace qianzhi::sqlite

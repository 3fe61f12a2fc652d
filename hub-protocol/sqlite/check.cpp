#include "hub-protocol/sqlite/check.h"

#include "hub-protocol/base/error.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::sqlite {

void check_whole(const std::filesystem::path& file, std::string_view code) {
  OpenOptions options;
  options.access = Access::read_only;
  options.own_store = false;
  try {
    Database database(file, options);
    Statement row = database.prepare("PRAGMA quick_check(1)");
    const std::string found = row.step() ? row.text(0) : "nothing";
    if (found != "ok") throw Error(ErrorKind::corrupt, code, file.string() + ": " + found);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt || error.code() == code) throw;
    throw Error(ErrorKind::corrupt, code, file.string() + ": " + error.detail());
  }
}

}  // namespace qianzhi::sqlite

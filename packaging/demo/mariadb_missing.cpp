// Takes the place of mariadb_database.cpp where libmariadb is not installed.
#include "hub-protocol/base/error.h"
#include "packaging/demo/database.h"

namespace qianzhi::demo {

std::unique_ptr<Database> open_mariadb(const Place&) {
  throw Error(ErrorKind::misuse, "QZ-DEM-001", "this program was built without libmariadb");
}

}  // namespace qianzhi::demo

#include <sys/resource.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>

#include "hub-protocol/sqlite/database.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;
using namespace qianzhi::sqlite;
using qianzhi::test::TempDir;
using qianzhi::test::thrown_by;

namespace {

OpenOptions options_for(Access access, bool own_store = true) {
  OpenOptions options;
  options.access = access;
  options.own_store = own_store;
  options.busy_timeout_ms = 0;
  return options;
}

Database create(const std::filesystem::path& file) { return {file, options_for(Access::read_write_create)}; }

std::string pragma(Database& database, const std::string& name) {
  Statement statement = database.prepare("PRAGMA " + name);
  return statement.step() ? statement.text(0) : "";
}

unsigned mode_of(const std::filesystem::path& file) {
  struct stat status {};
  REQUIRE(stat(file.c_str(), &status) == 0);
  return status.st_mode & 0777U;
}

// Lets every file of this process grow to the size and no further.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t size) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &saved_);
    const rlimit lower{size, saved_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &lower);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &saved_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  using Handler = void (*)(int);
  Handler handler_;
  rlimit saved_{};
};

}  // namespace

TEST_CASE("P36: our own stores are opened with WAL and synchronous=FULL, and SQLite says so") {
  const TempDir folder;
  Database database = create(folder / "store.db");
  CHECK(pragma(database, "journal_mode") == "wal");
  CHECK(database.scalar("PRAGMA synchronous") == 2);
  CHECK(database.scalar("PRAGMA page_size") == 8192);
  CHECK(database.scalar("PRAGMA secure_delete") == 0);
  CHECK(database.scalar("PRAGMA foreign_keys") == 1);
  CHECK(database.scalar("PRAGMA mmap_size") == 0);
  CHECK(database.scalar("PRAGMA trusted_schema") == 0);
}

TEST_CASE("P36: a store that is opened again is opened as strictly") {
  const TempDir folder;
  create(folder / "store.db").execute("CREATE TABLE t (a)");
  Database database(folder / "store.db", options_for(Access::read_write));
  CHECK(pragma(database, "journal_mode") == "wal");
  CHECK(database.scalar("PRAGMA synchronous") == 2);
}

TEST_CASE("A database of somebody else keeps its settings") {
  const TempDir folder;
  {
    Database database(folder / "theirs.db", options_for(Access::read_write_create, false));
    database.execute("PRAGMA page_size=1024; CREATE TABLE t (a)");
    CHECK(pragma(database, "journal_mode") == "delete");
  }
  Database database(folder / "theirs.db", options_for(Access::read_write, false));
  CHECK(database.scalar("PRAGMA page_size") == 1024);
  CHECK(pragma(database, "journal_mode") == "delete");
  CHECK(database.scalar("PRAGMA foreign_keys") == 1);
}

TEST_CASE("S3.5: a new store and its log can be read by its owner only, whatever the umask is") {
  const TempDir folder;
  const mode_t saved = umask(0);
  Database database = create(folder / "store.db");
  database.execute("CREATE TABLE t (a)");
  umask(saved);
  CHECK(mode_of(folder / "store.db") == 0600);
  CHECK(mode_of(folder / "store.db-wal") == 0600);
  CHECK(mode_of(folder / "store.db-shm") == 0600);
}

TEST_CASE("A store opened for reading cannot be written, and sees what others commit") {
  const TempDir folder;
  Database writer = create(folder / "store.db");
  writer.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
  Database reader(folder / "store.db", options_for(Access::read_only));
  CHECK(reader.scalar("SELECT count(*) FROM t") == 1);
  writer.execute("INSERT INTO t VALUES (2)");
  CHECK(reader.scalar("SELECT count(*) FROM t") == 2);
  CHECK(thrown_by([&] { reader.execute("INSERT INTO t VALUES (3)"); }) == "misuse QZ-SQL-005");
}

TEST_CASE("A file that is not there is created only when asked") {
  const TempDir folder;
  const auto file = folder / "none.db";
  CHECK(thrown_by([&] { Database(file, options_for(Access::read_write)); }) == "misuse QZ-SQL-005");
  CHECK(thrown_by([&] { Database(file, options_for(Access::read_only)); }) == "misuse QZ-SQL-005");
  CHECK_FALSE(std::filesystem::exists(file));
  CHECK(thrown_by([&] { create(folder / "no-folder" / "a.db"); }) == "misuse QZ-SQL-005");
}

TEST_CASE("An unknown file system layer is refused") {
  const TempDir folder;
  OpenOptions options;
  options.vfs = "no-such-vfs";
  CHECK(thrown_by([&] { Database(folder / "store.db", options); }) == "misuse QZ-SQL-005");
}

TEST_CASE("P36: a file that is no database is corrupt") {
  const TempDir folder;
  std::ofstream(folder / "store.db") << std::string(20'000, 'x');
  CHECK(thrown_by([&] { create(folder / "store.db"); }) == "corrupt QZ-SQL-003");
}

TEST_CASE("P36: a damaged page is corrupt when it is read") {
  const TempDir folder;
  {
    Database database = create(folder / "store.db");
    database.execute("CREATE TABLE t (a TEXT)");
    Statement insert = database.prepare("INSERT INTO t VALUES (?1)");
    for (int i = 0; i < 100; ++i) insert.bind(1, std::string(1000, 'a')).run();
  }
  std::fstream stream(folder / "store.db", std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(8192);
  stream << std::string(3 * 8192, '\xff');
  stream.close();
  Database database = create(folder / "store.db");
  CHECK(thrown_by([&] { database.scalar("SELECT sum(length(a)) FROM t"); }) == "corrupt QZ-SQL-003");
}

TEST_CASE("P36: a write that the file system refuses is corrupt: stop acknowledging") {
  const TempDir folder;
  Database database = create(folder / "store.db");
  database.execute("CREATE TABLE t (a BLOB)");
  const FileSizeLimit limit(64'000);
  CHECK(thrown_by([&] { database.execute("INSERT INTO t VALUES (zeroblob(1000000))"); }) == "corrupt QZ-SQL-003");
}

TEST_CASE("P38: a full store is full, and takes more when there is room again") {
  const TempDir folder;
  Database database = create(folder / "store.db");
  database.execute("CREATE TABLE t (a BLOB); PRAGMA max_page_count=8");
  CHECK(thrown_by([&] { database.execute("INSERT INTO t VALUES (zeroblob(1000000))"); }) == "full QZ-SQL-002");
  database.execute("PRAGMA max_page_count=1000000");
  database.execute("INSERT INTO t VALUES (zeroblob(1000000))");
  CHECK(database.scalar("SELECT count(*) FROM t") == 1);
}

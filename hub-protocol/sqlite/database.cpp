#include "hub-protocol/sqlite/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <exception>
#include <map>
#include <utility>

#include "hub-protocol/base/error.h"
#include "hub-protocol/sqlite/wal.h"

namespace qianzhi::sqlite {

struct Database::State {
  sqlite3* handle = nullptr;
  std::map<std::string, sqlite3_stmt*, std::less<>> statements;
  bool own_store = false;
  std::atomic<bool> failed = false;  // an own store had an I/O fault
  std::exception_ptr thrown;         // by a function that SQL called

  ~State() {
    for (const auto& entry : statements) sqlite3_finalize(entry.second);
    sqlite3_close(handle);
  }
};

namespace {

[[noreturn]] void fail(sqlite3* handle, int result, std::string_view what) {
  std::string detail(what);
  detail.append(": ").append(handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(result));
  const int extended = handle != nullptr ? sqlite3_extended_errcode(handle) : result;
  detail.append(" (").append(std::to_string(extended)).append(")");
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: throw Error(ErrorKind::unavailable, "QZ-SQL-001", detail);
    case SQLITE_FULL: throw Error(ErrorKind::full, "QZ-SQL-002", detail);
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: throw Error(ErrorKind::corrupt, "QZ-SQL-003", detail);
    case SQLITE_CONSTRAINT: throw Error(ErrorKind::rejected, "QZ-SQL-004", detail);
    default: throw Error(ErrorKind::misuse, "QZ-SQL-005", detail);
  }
}

template <typename State>
void check(State& state, int result, std::string_view what) {
  const int kind = result & 0xff;
  if (kind == SQLITE_OK || kind == SQLITE_ROW || kind == SQLITE_DONE) return;
  if (state.thrown != nullptr) std::rethrow_exception(std::exchange(state.thrown, nullptr));
  const bool is_fault = kind == SQLITE_IOERR || kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB;
  if (state.own_store && is_fault) state.failed = true;
  fail(state.handle, result, what);
}

void create_private(const std::filesystem::path& file) {
  const int descriptor = open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor >= 0) close(descriptor);
}

int flags_of(Access access) {
  switch (access) {
    case Access::read_write_create: return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    case Access::read_write: return SQLITE_OPEN_READWRITE;
    case Access::read_only: return SQLITE_OPEN_READONLY;
  }
  return SQLITE_OPEN_READONLY;
}

// As SQLite's own, which drops the error of a checkpoint: the file may then lack what the log gave up (pitfall 36).
// That it could not come to its end, for readers or for want of room, is none: the log only grows on.
int checkpoint_if_long(void*, sqlite3* handle, const char* name, int pages) {
  constexpr int enough = 1000;
  if (pages < enough) return SQLITE_OK;
  const int result = sqlite3_wal_checkpoint_v2(handle, name, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr) & 0xff;
  return result == SQLITE_IOERR || result == SQLITE_CORRUPT || result == SQLITE_NOTADB ? result : SQLITE_OK;
}

// What is special in a URI is written as %XX.
std::string read_only_uri(const std::filesystem::path& file) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(file).string()) {
    const auto octet = static_cast<unsigned char>(c);
    const bool is_special = octet <= 0x20U || c == '%' || c == '?' || c == '#' || octet >= 0x7FU;
    uri += is_special ? std::string{'%', digits[octet >> 4U], digits[octet & 0xFU]} : std::string{c};
  }
  return uri + "?mode=ro";
}

struct Callable {
  TextFunction function;
  std::exception_ptr* thrown;
};

void call(sqlite3_context* context, int count, sqlite3_value** values) {
  const auto* callable = static_cast<const Callable*>(sqlite3_user_data(context));
  try {
    TextArguments arguments;
    for (int i = 0; i < count; ++i) {
      const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(values[i]));
      const auto size = static_cast<std::size_t>(sqlite3_value_bytes(values[i]));
      arguments.push_back(text == nullptr ? std::nullopt : std::optional(std::string_view(text, size)));
    }
    const std::optional<std::string> result = callable->function(arguments);
    if (!result) return sqlite3_result_null(context);
    sqlite3_result_text64(context, result->data(), result->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  } catch (...) {
    // SQLite is C: the exception waits until the statement has come back.
    *callable->thrown = std::current_exception();
    sqlite3_result_error(context, "a function that was called failed", -1);
  }
}

}  // namespace

Database::Database(const std::filesystem::path& file, const OpenOptions& options) : state_(std::make_unique<State>()) {
  if (options.access == Access::read_write_create && options.vfs.empty()) create_private(file);
  // With URIs a path that begins with "file:" would be one; a whole path does not.
  const std::filesystem::path path = options.attaches ? std::filesystem::absolute(file) : file;
  const int uris = options.attaches ? SQLITE_OPEN_URI : 0;
  const int result =
      sqlite3_open_v2(path.c_str(), &state_->handle, flags_of(options.access) | SQLITE_OPEN_NOMUTEX | uris,
                      options.vfs.empty() ? nullptr : options.vfs.c_str());
  check(*state_, result, file.string());
  sqlite3_extended_result_codes(state_->handle, 1);
  sqlite3_busy_timeout(state_->handle, options.busy_timeout_ms);
  execute("PRAGMA foreign_keys=ON; PRAGMA mmap_size=0; PRAGMA trusted_schema=OFF");
  if (!options.own_store) return;
  state_->own_store = true;
  if (options.access == Access::read_only) {
    execute("PRAGMA query_only=ON; PRAGMA wal_autocheckpoint=0");
    return;
  }
  execute("PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=OFF");
  if (scalar("PRAGMA synchronous") != 2)
    throw Error(ErrorKind::misuse, "QZ-SQL-005", "synchronous=FULL was not taken: " + file.string());
  check(*state_, renew_wal(state_->handle), "write-ahead log of " + file.string());
  sqlite3_wal_hook(state_->handle, &checkpoint_if_long, nullptr);
}

Database::~Database() = default;
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;

void Database::execute(const std::string& sql) {
  if (state_->failed) throw Error(ErrorKind::corrupt, "QZ-SQL-003", "nothing more after an I/O fault");
  check(*state_, sqlite3_exec(state_->handle, sql.c_str(), nullptr, nullptr, nullptr), "execute");
}

Statement Database::prepare(std::string_view sql) {
  const auto found = state_->statements.find(sql);
  if (found != state_->statements.end()) {
    sqlite3_reset(found->second);
    sqlite3_clear_bindings(found->second);
    return Statement(state_.get(), found->second);
  }
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v3(state_->handle, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  check(*state_, result, "prepare");
  state_->statements.emplace(sql, statement);
  return Statement(state_.get(), statement);
}

std::optional<std::int64_t> Database::scalar(std::string_view sql) {
  Statement statement = prepare(sql);
  if (!statement.step() || statement.is_null(0)) return std::nullopt;
  return statement.integer(0);
}

void Database::attach_read_only(const std::filesystem::path& file, const std::string& name) {
  Statement statement = prepare("ATTACH ?1 AS ?2");
  statement.bind(1, read_only_uri(file)).bind(2, name).run();
  // Attaching alone reads nothing.
  scalar("SELECT count(*) FROM \"" + name + "\".sqlite_schema");
}

void Database::add_function(const std::string& name, int arguments, TextFunction function) {
  auto callable = std::make_unique<Callable>(Callable{std::move(function), &state_->thrown});
  const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
  // SQLite owns it from here on, also when it refuses.
  check(*state_,
        sqlite3_create_function_v2(state_->handle, name.c_str(), arguments, flags, callable.release(), &call, nullptr,
                                   nullptr, [](void* owned) { delete static_cast<Callable*>(owned); }),
        "function " + name);
}

void Database::checkpoint() {
  const int result = sqlite3_wal_checkpoint_v2(state_->handle, "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if ((result & 0xff) != SQLITE_BUSY) check(*state_, result, "checkpoint");
}

bool Database::has_failed() const { return state_->failed; }

std::int64_t Database::changes() const { return sqlite3_changes64(state_->handle); }

bool Database::in_transaction() const { return sqlite3_get_autocommit(state_->handle) == 0; }

std::int64_t Database::data_version() { return scalar("PRAGMA data_version").value_or(0); }

sqlite3* Database::handle() const { return state_->handle; }

Statement::~Statement() {
  if (statement_ != nullptr) sqlite3_reset(statement_);
}

Statement::Statement(Statement&& other) noexcept : state_(other.state_), statement_(other.statement_) {
  other.statement_ = nullptr;
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  check(*state_, sqlite3_bind_int64(statement_, parameter, value), "bind");
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
  check(*state_,
        sqlite3_bind_text64(statement_, parameter, text.data() == nullptr ? "" : text.data(), text.size(),
                            SQLITE_TRANSIENT, SQLITE_UTF8),
        "bind");
  return *this;
}

Statement& Statement::bind_blob(int parameter, std::string_view octets) {
  check(*state_,
        sqlite3_bind_blob64(statement_, parameter, octets.data() == nullptr ? "" : octets.data(), octets.size(),
                            SQLITE_TRANSIENT),
        "bind");
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  check(*state_, sqlite3_bind_null(statement_, parameter), "bind");
  return *this;
}

bool Statement::step() {
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result != SQLITE_DONE) check(*state_, result, "step");
  return false;
}

void Statement::run() {
  while (step()) {
  }
  sqlite3_reset(statement_);
}

void Statement::reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

int Statement::parameters() const { return sqlite3_bind_parameter_count(statement_); }
bool Statement::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Statement::view(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  if (data == nullptr || size <= 0) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

int Statement::columns() const { return sqlite3_column_count(statement_); }

std::string Statement::column_name(int column) const { return sqlite3_column_name(statement_, column); }

int Statement::type(int column) const { return sqlite3_column_type(statement_, column); }

Transaction::Transaction(Database& database, bool immediate) : database_(database) {
  database_.execute(immediate ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
  // A failed rollback leaves nothing to do here: the connection is closed by its owner.
  if (open_ && database_.in_transaction()) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace qianzhi::sqlite

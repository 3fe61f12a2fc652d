#include "hub-protocol/hub/log.h"

#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/hub/ledger.h"
#include "hub-protocol/hub/log_parts.h"
#include "hub-protocol/hub/log_schema.h"
#include "hub-protocol/sqlite/format.h"

namespace qianzhi::hub {

namespace {

sqlite::Database open_writer(const std::filesystem::path& file, const std::string& vfs) {
  if (vfs.empty()) sqlite::refuse_newer(file, log_format);
  sqlite::OpenOptions options;
  options.vfs = vfs;
  return {file, options};
}

void create(sqlite::Database& database) {
  sqlite::Transaction transaction(database);
  database.execute(log_schema);
  create_ledger(database);
  database.execute("PRAGMA application_id=" + std::to_string(log_application_id));
  database.execute("PRAGMA user_version=" + std::to_string(log_format));
  transaction.commit();
}

void add_ledger(sqlite::Database& database) {
  sqlite::Transaction transaction(database);
  create_ledger(database);
  database.execute("PRAGMA user_version=" + std::to_string(log_format));
  transaction.commit();
}

void verify(sqlite::Database& database, const std::filesystem::path& file) {
  auto check = database.prepare("PRAGMA quick_check(1)");
  if (!check.step() || check.view(0) != "ok")
    throw Error(ErrorKind::corrupt, "QZ-HUB-032", file.string() + ": " + check.text(0));
  log(LogLevel::notice, "hub log", file.string() + " was not closed in order: verified");
}

}  // namespace

LogParts::LogParts(std::filesystem::path where, std::string file_system)
    : file(std::move(where)), vfs(std::move(file_system)), writer(open_writer(file, vfs)) {
  if (writer.scalar("SELECT count(*) FROM sqlite_schema") == 0) create(writer);
  const std::int64_t format = writer.scalar("PRAGMA user_version").value_or(0);
  if (writer.scalar("PRAGMA application_id") != log_application_id ||
      (format != log_format && format != format_without_ledger))
    throw Error(ErrorKind::misuse, "QZ-HUB-029", file.string());
  if (writer.scalar("SELECT clean FROM hub") == 0) verify(writer, file);
  if (format == format_without_ledger) add_ledger(writer);
  writer.execute("UPDATE hub SET clean = 0");
}

sqlite::Database LogParts::take_reader() {
  {
    const std::lock_guard lock(pool_lock);
    if (!pool.empty()) {
      sqlite::Database reader = std::move(pool.back());
      pool.pop_back();
      return reader;
    }
  }
  sqlite::OpenOptions options;
  options.access = sqlite::Access::read_only;
  options.vfs = vfs;
  return {file, options};
}

void LogParts::give_back(sqlite::Database reader) {
  static constexpr std::size_t kept = 8;
  const std::lock_guard lock(pool_lock);
  if (pool.size() < kept) pool.push_back(std::move(reader));
}

Log::Log(const std::filesystem::path& file, const std::string& vfs) : parts_(std::make_unique<LogParts>(file, vfs)) {}

void Log::abandon() { parts_->abandoned = true; }

void Log::close() {
  if (parts_->abandoned.exchange(true)) return;
  parts_->writer.execute("UPDATE hub SET clean = 1");
  try {
    parts_->writer.checkpoint();
  } catch (const Error&) {
    parts_->writer.execute("UPDATE hub SET clean = 0");
    throw;
  }
}

Log::~Log() {
  // Whatever fails here only makes the next start verify the file.
  try {
    close();
  } catch (const Error& error) {
    log("hub log", error);
  }
}

// --- writing ---

struct LogWrite::State {
  explicit State(LogParts& log_parts) : parts(log_parts), lock(log_parts.writing), transaction(log_parts.writer) {}
  LogParts& parts;
  std::unique_lock<std::mutex> lock;
  sqlite::Transaction transaction;
  sqlite::Database& database() { return parts.writer; }
};

LogWrite::LogWrite(std::unique_ptr<State> state) : state_(std::move(state)) {}
LogWrite::~LogWrite() = default;
LogWrite::LogWrite(LogWrite&&) noexcept = default;

LogWrite Log::write() { return LogWrite(std::make_unique<LogWrite::State>(*parts_)); }

std::optional<Digest> LogWrite::digest_at(const StreamRecord& stream, Position position) {
  return select_digest(state_->database(), stream.id, position);
}

StoredBatch LogWrite::batch_at(const StreamRecord& stream, Position position) {
  auto row = state_->database().prepare(
      "SELECT place, digest, octets FROM batch WHERE stream = ? AND epoch = ? AND sequence = ?");
  row.bind(1, stream.id).bind(2, position.epoch).bind(3, position.sequence);
  if (!row.step()) return {};
  return {row.number(0), {position, Digest::from_bytes(row.view(1))}, row.text(2)};
}

void LogWrite::append(StreamRecord& stream, const seal::Header& header, const Digest& digest, std::string_view octets) {
  stream.head = {header.position, digest};
  ++stream.place;
  if (header.kind == BatchKind::begin) {
    stream.open_place = stream.place;
    stream.open_begin = digest;
    stream.open_every = header.scope.is_every();
    if (stream.open_every) stream.every_place = stream.place;
  } else if (header.kind == BatchKind::end && stream.open_place != 0 && header.begin == stream.open_begin) {
    if (stream.open_every) stream.complete_place = stream.open_place;
    stream.open_place = 0;
    stream.open_begin = {};
  }
  stream.keys.add(header.keys());
  save(stream);
  state_->database()
      .prepare("INSERT INTO batch(stream, place, epoch, sequence, digest, octets) VALUES(?, ?, ?, ?, ?, ?)")
      .bind(1, stream.id)
      .bind(2, stream.place)
      .bind(3, header.position.epoch)
      .bind(4, header.position.sequence)
      .bind_blob(5, digest.bytes())
      .bind_blob(6, octets)
      .run();
}

void LogWrite::save(StreamRecord& stream) { store_stream(state_->database(), stream); }

void LogWrite::keep_evidence(const StreamRecord& stream, Position position, std::string_view held,
                             std::string_view offered, Micros now) {
  auto statement = state_->database().prepare(
      "INSERT INTO evidence(stream, epoch, sequence, held, offered, time) SELECT ?1, ?2, ?3, ?4, ?5, ?6 "
      "WHERE (SELECT count(*) FROM evidence WHERE stream = ?1) < 100 "
      "AND NOT EXISTS (SELECT 1 FROM evidence WHERE stream = ?1 AND offered = ?5)");
  statement.bind(1, stream.id).bind(2, position.epoch).bind(3, position.sequence);
  statement.bind_blob(4, held).bind_blob(5, offered).bind(6, now).run();
}

bool LogWrite::trim(StreamRecord& stream, std::uint64_t below, int limit) {
  if (stream.trimmed_place + 1 >= below) return false;
  const std::uint64_t last = std::min<std::uint64_t>(below - 1, stream.trimmed_place + static_cast<unsigned>(limit));
  {
    auto row = state_->database().prepare("SELECT epoch, sequence, digest FROM batch WHERE stream = ? AND place = ?");
    row.bind(1, stream.id).bind(2, last);
    QZ_ASSERT(row.step());
    stream.trimmed = head_from(row, 0);
  }
  stream.trimmed_place = last;
  state_->database()
      .prepare("DELETE FROM batch WHERE stream = ? AND place <= ?")
      .bind(1, stream.id)
      .bind(2, last)
      .run();
  save(stream);
  return last + 1 < below;
}

void LogWrite::save(const HubState& state) { store_hub_state(state_->database(), state); }

void LogWrite::keep_applied(const std::string& subscriber, const StreamId& stream, std::string_view applied,
                            Micros now) {
  auto statement = state_->database().prepare("INSERT OR REPLACE INTO applied VALUES(?, ?, ?, ?, ?)");
  statement.bind(1, subscriber).bind(2, stream.agent).bind(3, stream.topic).bind_blob(4, applied).bind(5, now).run();
}

void LogWrite::count(const StreamRecord& stream, const AcceptedLine& line) {
  count_accepted(state_->database(), stream.id, line);
}

void LogWrite::count(const AppliedLine& line) { count_applied(state_->database(), line); }

void LogWrite::commit() { state_->transaction.commit(); }

// --- reading ---

struct LogView::State {
  explicit State(LogParts& log_parts) : parts(log_parts), database(log_parts.take_reader()) {
    database.execute("BEGIN");
  }
  ~State() {
    // A reader that cannot end its transaction is closed, not kept.
    try {
      database.execute("COMMIT");
      parts.give_back(std::move(database));
    } catch (const Error& error) {
      log("hub log", error);
    }
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  LogParts& parts;
  sqlite::Database database;
};

LogView::LogView(std::unique_ptr<State> state) : state_(std::move(state)) {}
LogView::~LogView() = default;
LogView::LogView(LogView&&) noexcept = default;

LogView Log::view() { return LogView(std::make_unique<LogView::State>(*parts_)); }

std::optional<std::uint64_t> LogView::place_of(const StreamRecord& stream, const Digest& digest) {
  auto row = state_->database.prepare("SELECT place FROM batch WHERE stream = ? AND digest = ?");
  row.bind(1, stream.id).bind_blob(2, digest.bytes());
  if (row.step()) return row.number(0);
  return std::nullopt;
}

std::optional<Digest> LogView::digest_at(const StreamRecord& stream, Position position) {
  return select_digest(state_->database, stream.id, position);
}

Head LogView::head_at(const StreamRecord& stream, std::uint64_t place) {
  if (place == stream.trimmed_place) return stream.trimmed;
  auto row = state_->database.prepare("SELECT epoch, sequence, digest FROM batch WHERE stream = ? AND place = ?");
  row.bind(1, stream.id).bind(2, place);
  return row.step() ? head_from(row, 0) : Head{};
}

void LogView::read(const StreamRecord& stream, std::uint64_t after, std::uint64_t through,
                   const std::function<bool(const StoredBatch&)>& visit) {
  auto row = state_->database.prepare(
      "SELECT place, epoch, sequence, digest, octets FROM batch "
      "WHERE stream = ? AND place > ? AND place <= ? ORDER BY place");
  row.bind(1, stream.id).bind(2, after).bind(3, through);
  while (row.step())
    if (!visit({row.number(0), head_from(row, 1), row.text(4)})) return;
}

std::vector<StreamRecord> LogView::streams() { return select_streams(state_->database); }

HubState LogView::hub_state() { return select_hub_state(state_->database); }

std::size_t LogView::evidence_count(const StreamRecord& stream) {
  auto row = state_->database.prepare("SELECT count(*) FROM evidence WHERE stream = ?");
  row.bind(1, stream.id);
  return row.step() ? row.number(0) : 0;
}

std::vector<std::pair<Bytes, Bytes>> LogView::evidence(const StreamRecord& stream) {
  std::vector<std::pair<Bytes, Bytes>> pairs;
  auto row = state_->database.prepare("SELECT held, offered FROM evidence WHERE stream = ? ORDER BY id");
  row.bind(1, stream.id);
  while (row.step()) pairs.emplace_back(row.text(0), row.text(1));
  return pairs;
}

void LogView::copy_into(const std::filesystem::path& copy, const std::function<bool()>& go_on) {
  state_->database.copy_into(copy, go_on);
}

std::vector<AcceptedLine> LogView::ledger_accepted(Days days) { return select_accepted(state_->database, days); }

std::vector<AppliedLine> LogView::ledger_applied(Days days) { return select_applied(state_->database, days); }

Bytes LogView::applied(const std::string& subscriber, const StreamId& stream) {
  auto row = state_->database.prepare("SELECT receipt FROM applied WHERE subscriber = ? AND agent = ? AND topic = ?");
  row.bind(1, subscriber).bind(2, stream.agent).bind(3, stream.topic);
  return row.step() ? row.text(0) : Bytes{};
}

}  // namespace qianzhi::hub

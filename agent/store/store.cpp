#include "agent/store/store.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>

#include "agent/store/store_schema.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::store {

namespace {

std::string label_of(std::string_view topic, const Position& position) {
  return std::string(topic) + "/" + to_text(position);
}

std::string row_label(const QuarantineEntry& entry) {
  return "quarantine/" + entry.topic + "/" + entry.origin + "/" + entry.key;
}

std::string known_label(std::string_view topic, const KnownRow& row) {
  return "known/" + std::string(topic) + "/" + to_hex(row.tag);
}

struct Job {
  const std::function<void(StoreTransaction&)>* closure = nullptr;
  std::exception_ptr error;
  bool done = false;
};

}  // namespace

struct Store::State {
  State(const StoreOptions& store_options, Bytes key, Random& random, Breakpoint point)
      : options(store_options),
        vault(std::move(key), random, store_options.cipher),
        writer(store_options.file,
               {store_options.read_only ? sqlite::Access::read_only : sqlite::Access::read_write_create, true,
                store_options.vfs, 5000}),
        breakpoint(std::move(point)) {
    if (!store_options.read_only) writer.execute(schema);
    reader.emplace(store_options.file, sqlite::OpenOptions{sqlite::Access::read_only, true, store_options.vfs, 5000});
    queued = writer.scalar("SELECT coalesce(sum(size), 0) FROM batch WHERE superseded = 0").value_or(0);
  }

  void reach(std::string_view point) const {
    if (breakpoint) breakpoint(point);
  }

  void run_group(std::vector<Job*>& jobs);
  void run_one(Job& job);

  StoreOptions options;
  Vault vault;
  sqlite::Database writer;
  std::optional<sqlite::Database> reader;
  Breakpoint breakpoint;

  std::mutex read_mutex;
  std::mutex write_mutex;
  std::condition_variable finished;
  std::vector<Job*> waiting;
  bool writing = false;
  std::exception_ptr broken;
  std::atomic<bool> is_broken{false};  // the same, for any thread
  std::int64_t queued = 0;             // touched by the one that writes
  std::atomic<std::int64_t> queued_seen{0};
  std::atomic<std::uint64_t> version{0};
};

void Store::State::run_one(Job& job) {
  const std::int64_t before = queued;
  writer.execute("SAVEPOINT job");
  try {
    StoreTransaction transaction(writer, queued);
    (*job.closure)(transaction);
  } catch (const Error& error) {
    // A full disk may have undone the whole transaction, and with it what the others of the group had done.
    if (error.code() == "QZ-SQL-003" || !writer.in_transaction()) throw;
    job.error = std::current_exception();
    queued = before;
    writer.execute("ROLLBACK TO job");
  }
  writer.execute("RELEASE job");
}

void Store::State::run_group(std::vector<Job*>& jobs) {
  const std::int64_t before = queued;
  try {
    sqlite::Transaction transaction(writer);
    for (Job* job : jobs) run_one(*job);
    reach("store.before_commit");
    transaction.commit();
    reach("store.after_commit");
  } catch (const Error& error) {
    queued = before;
    if (error.kind() == ErrorKind::corrupt) broken = std::current_exception();
    for (Job* job : jobs) job->error = std::current_exception();
  } catch (...) {
    // Not one of ours (a crash test's own exception): what is in the file is unknown until it is opened again.
    broken = std::current_exception();
    for (Job* job : jobs) job->error = broken;
  }
  is_broken = broken != nullptr;
  queued_seen = queued;
  ++version;
}

Store::Store(const StoreOptions& options, Bytes key, Random& random, Breakpoint breakpoint)
    : state_(std::make_unique<State>(options, std::move(key), random, std::move(breakpoint))) {
  State& state = *state_;
  state.queued_seen = state.queued;
  // The marker is there while the store is open: finding it means that the last run ended by a crash.
  const bool crashed = !options.read_only && value("open").has_value();
  if (crashed && integrity() != "ok") throw Error(ErrorKind::corrupt, "QZ-AGT-013", integrity());
  if (crashed) log(LogLevel::notice, "queue", options.file.string() + " was not closed in order: verified");
  if (const auto probe = value("key-probe")) {
    if (state.vault.open(*probe, "key-probe") != "qianzhi") throw Error(ErrorKind::corrupt, "QZ-AGT-011", "key-probe");
  }
  if (options.read_only) return;
  const Bytes probe = state.vault.lock("qianzhi", "key-probe");
  update([&](StoreTransaction& transaction) {
    transaction.put_value("open", "1");
    if (!transaction.value("key-probe")) transaction.put_value("key-probe", probe);
  });
}

Store::~Store() {
  if (state_->broken || state_->options.read_only) return;
  state_->breakpoint = nullptr;
  try {
    update([](StoreTransaction& transaction) { transaction.erase_value("open"); });
    try {
      state_->writer.checkpoint();
    } catch (const Error&) {
      // So that the next start checks the file.
      update([](StoreTransaction& transaction) { transaction.put_value("open", "1"); });
      throw;
    }
  } catch (const Error& error) {
    log("queue", error);
  }
}

void Store::update(const std::function<void(StoreTransaction&)>& closure) {
  State& state = *state_;
  Job job{&closure, nullptr, false};
  std::unique_lock lock(state.write_mutex);
  state.waiting.push_back(&job);
  state.finished.wait(lock, [&] { return job.done || !state.writing; });
  if (!job.done) {
    std::vector<Job*> group;
    group.swap(state.waiting);
    if (state.broken) {
      for (Job* refused : group) refused->error = state.broken;
    } else {
      state.writing = true;
      lock.unlock();
      state.run_group(group);
      lock.lock();
      state.writing = false;
    }
    for (Job* member : group) member->done = true;
    state.finished.notify_all();
  }
  if (job.error) std::rethrow_exception(job.error);
}

LockedBatch Store::lock(KeptBatch batch) const {
  batch.octets = state_->vault.lock(batch.octets, label_of(batch.topic, batch.head.position));
  return {std::move(batch)};
}

std::int64_t Store::set_aside(StoreTransaction& transaction, const QuarantineEntry& entry) const {
  return transaction.set_aside(entry, state_->vault.lock(entry.row, row_label(entry)));
}

std::vector<std::string> Store::topics() const {
  const std::lock_guard lock(state_->read_mutex);
  std::vector<std::string> result;
  auto rows = state_->reader->prepare("SELECT topic FROM stream ORDER BY topic");
  while (rows.step()) result.push_back(rows.text(0));
  return result;
}

std::optional<StreamState> Store::stream(std::string_view topic) const {
  const std::lock_guard lock(state_->read_mutex);
  std::int64_t unused = 0;
  return StoreTransaction(*state_->reader, unused).stream(topic);
}

SourcePosition Store::checkpoint(std::string_view source) const {
  const std::lock_guard lock(state_->read_mutex);
  std::int64_t unused = 0;
  return StoreTransaction(*state_->reader, unused).checkpoint(source);
}

std::optional<Bytes> Store::value(std::string_view name) const {
  const std::lock_guard lock(state_->read_mutex);
  std::int64_t unused = 0;
  return StoreTransaction(*state_->reader, unused).value(name);
}

std::vector<std::pair<std::string, Bytes>> Store::values_with_prefix(std::string_view prefix) const {
  const std::lock_guard lock(state_->read_mutex);
  std::vector<std::pair<std::string, Bytes>> result;
  auto rows =
      state_->reader->prepare("SELECT name, value FROM meta WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name");
  rows.bind(1, prefix);
  while (rows.step()) result.emplace_back(rows.text(0), rows.text(1));
  return result;
}

std::uint64_t Store::queued_octets() const {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, state_->queued_seen));
}

bool Store::is_full() const { return state_->options.max_octets != 0 && queued_octets() >= state_->options.max_octets; }

std::uint64_t Store::version() const { return state_->version; }

bool Store::has_failed() const {
  const State& state = *state_;
  return state.is_broken || state.vault.has_failed() || state.writer.has_failed() || state.reader->has_failed();
}

std::string Store::integrity() const {
  const std::lock_guard lock(state_->read_mutex);
  auto check = state_->reader->prepare("PRAGMA quick_check(1)");
  return check.step() ? check.text(0) : "no answer";
}

namespace {

KeptBatch read_batch(sqlite::Statement& row, std::string_view topic) {
  KeptBatch batch;
  batch.topic = topic;
  batch.head = {{row.number(0), row.number(1)}, Digest::from_bytes(row.view(2))};
  batch.previous = Digest::from_bytes(row.view(3));
  batch.kind = static_cast<BatchKind>(row.integer(4));
  batch.rows = row.number(5);
  batch.sealed = row.integer(6);
  return batch;
}

}  // namespace

std::vector<KeptBatch> Store::batches_after(std::string_view topic, const Position& after, std::size_t max_octets,
                                            Micros before) const {
  std::vector<KeptBatch> batches;
  {
    const std::lock_guard lock(state_->read_mutex);
    auto rows = state_->reader->prepare(
        "SELECT epoch, sequence, digest, previous, kind, rows, sealed, octets FROM batch WHERE topic = ?1 AND "
        "superseded = 0 AND (epoch, sequence) > (?2, ?3) ORDER BY epoch, sequence");
    rows.bind(1, topic).bind(2, after.epoch).bind(3, after.sequence);
    for (std::size_t total = 0; (batches.empty() || total < max_octets) && rows.step();) {
      if (before != 0 && rows.integer(6) >= before) break;  // nothing behind it, whatever time of day that was sealed
      batches.push_back(read_batch(rows, topic));
      batches.back().octets = rows.text(7);
      total += batches.back().octets.size();
    }
  }
  for (KeptBatch& batch : batches)
    batch.octets = state_->vault.open(batch.octets, label_of(topic, batch.head.position));
  return batches;
}

std::optional<KeptBatch> Store::batch_following(std::string_view topic, const Digest& previous) const {
  const std::lock_guard lock(state_->read_mutex);
  auto row = state_->reader->prepare(
      "SELECT epoch, sequence, digest, previous, kind, rows, sealed FROM batch WHERE topic = ? AND superseded = 0 AND "
      "previous = ?");
  if (!row.bind(1, topic).bind_blob(2, previous.bytes()).step()) return std::nullopt;
  return read_batch(row, topic);
}

bool Store::keeps(std::string_view topic, const Digest& digest) const {
  const std::lock_guard lock(state_->read_mutex);
  auto row = state_->reader->prepare("SELECT 1 FROM batch WHERE topic = ? AND superseded = 0 AND digest = ?");
  return row.bind(1, topic).bind_blob(2, digest.bytes()).step();
}

bool Store::keeps(std::string_view topic, const Head& head) const {
  const std::lock_guard lock(state_->read_mutex);
  auto row = state_->reader->prepare(
      "SELECT 1 FROM batch WHERE topic = ? AND superseded = 0 AND digest = ? AND epoch = ? AND sequence = ?");
  row.bind(1, topic).bind_blob(2, head.digest.bytes()).bind(3, head.position.epoch).bind(4, head.position.sequence);
  return row.step();
}

std::uint64_t Store::rows_through(std::string_view topic, const Position& after, const Position& through) const {
  const std::lock_guard lock(state_->read_mutex);
  auto row = state_->reader->prepare(
      "SELECT coalesce(sum(rows), 0) FROM batch WHERE topic = ? AND superseded = 0 AND (epoch, sequence) > (?, ?) AND "
      "(epoch, sequence) <= (?, ?)");
  row.bind(1, topic).bind(2, after.epoch).bind(3, after.sequence).bind(4, through.epoch).bind(5, through.sequence);
  return row.step() ? row.number(0) : 0;
}

Store::Waiting Store::waiting_after(std::string_view topic, const Position& after) const {
  const std::lock_guard lock(state_->read_mutex);
  auto row = state_->reader->prepare(
      "SELECT count(*), coalesce(sum(rows), 0), coalesce(min(sealed), 0) FROM batch WHERE topic = ? AND superseded = 0 "
      "AND (epoch, sequence) > (?, ?)");
  row.bind(1, topic).bind(2, after.epoch).bind(3, after.sequence);
  if (!row.step()) return {};
  return {row.number(0), row.number(1), row.integer(2)};
}

Micros Store::first_after(std::string_view topic, const Position& after) const {
  const std::lock_guard lock(state_->read_mutex);
  auto row = state_->reader->prepare(
      "SELECT sealed FROM batch WHERE topic = ? AND superseded = 0 AND (epoch, sequence) > (?, ?) ORDER BY epoch, "
      "sequence LIMIT 1");
  return row.bind(1, topic).bind(2, after.epoch).bind(3, after.sequence).step() ? row.integer(0) : 0;
}

std::vector<QuarantineEntry> Store::quarantine(bool with_rows) const {
  std::vector<QuarantineEntry> entries;
  {
    const std::lock_guard lock(state_->read_mutex);
    auto rows = state_->reader->prepare(
        "SELECT id, side, topic, origin, key, epoch, sequence, ordinal, code, detail, first_seen, tries, row FROM "
        "quarantine ORDER BY id");
    while (rows.step()) {
      QuarantineEntry entry;
      entry.id = rows.integer(0);
      entry.side = rows.view(1) == "capture" ? QuarantineSide::capture : QuarantineSide::apply;
      entry.topic = rows.text(2);
      entry.origin = rows.text(3);
      entry.key = rows.text(4);
      entry.position = {rows.number(5), rows.number(6)};
      entry.ordinal = static_cast<std::uint32_t>(rows.integer(7));
      entry.code = rows.text(8);
      entry.detail = rows.text(9);
      entry.first_seen = rows.integer(10);
      entry.tries = rows.number(11);
      if (with_rows) entry.row = rows.text(12);
      entries.push_back(std::move(entry));
    }
  }
  if (with_rows)
    for (QuarantineEntry& entry : entries) entry.row = state_->vault.open(entry.row, row_label(entry));
  return entries;
}

std::uint64_t Store::quarantined(std::string_view topic) const {
  const std::lock_guard lock(state_->read_mutex);
  auto row = state_->reader->prepare("SELECT count(*) FROM quarantine WHERE topic = ?");
  return row.bind(1, topic).step() ? row.number(0) : 0;
}

std::vector<KnownRow> Store::known_after(std::string_view topic, std::int64_t id, std::size_t limit) const {
  const std::lock_guard lock(state_->read_mutex);
  std::vector<KnownRow> rows;
  auto found = state_->reader->prepare(
      "SELECT id, tag, digest FROM known WHERE topic = (SELECT id FROM known_topic WHERE topic = ?1) AND id > ?2 "
      "ORDER BY id LIMIT ?3");
  found.bind(1, topic).bind(2, id).bind(3, static_cast<std::int64_t>(limit));
  while (found.step()) rows.push_back({found.integer(0), found.text(1), found.text(2), {}});
  return rows;
}

std::vector<KnownRow> Store::known(std::string_view topic, const std::vector<std::int64_t>& ids) const {
  std::vector<KnownRow> rows;
  {
    const std::lock_guard lock(state_->read_mutex);
    const sqlite::Transaction view(*state_->reader, false);
    auto found = state_->reader->prepare(
        "SELECT id, tag, digest, kept FROM known WHERE topic = (SELECT id FROM known_topic WHERE topic = ?1) AND "
        "id = ?2");
    for (const std::int64_t id : ids) {
      found.bind(1, topic).bind(2, id);
      if (found.step()) rows.push_back({found.integer(0), found.text(1), found.text(2), found.text(3)});
      found.reset();
    }
  }
  for (KnownRow& row : rows) row.kept = state_->vault.open(row.kept, known_label(topic, row));
  return rows;
}

std::int64_t Store::last_known(std::string_view topic) const {
  const std::lock_guard lock(state_->read_mutex);
  auto row = state_->reader->prepare(
      "SELECT coalesce(max(id), 0) FROM known WHERE topic = (SELECT id FROM known_topic WHERE topic = ?)");
  return row.bind(1, topic).step() ? row.integer(0) : 0;
}

Bytes Store::lock_known(std::string_view topic, const KnownRow& row) const {
  return state_->vault.lock(row.kept, known_label(topic, row));
}

Tagger Store::tagger() const { return Tagger(state_->vault.derived_key("known rows"), state_->vault.cipher()); }

}  // namespace qianzhi::store

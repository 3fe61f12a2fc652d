#include "agent/store/store.h"

#include <algorithm>

#include "agent/store/store_state.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::store {

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

void Store::State::alone(const std::function<void(sqlite::Database&)>& work) {
  std::unique_lock lock(write_mutex);
  finished.wait(lock, [&] { return !writing; });
  if (broken) std::rethrow_exception(broken);
  writing = true;
  lock.unlock();
  std::exception_ptr error;
  try {
    work(writer);
  } catch (const Error&) {
    error = std::current_exception();
  }
  lock.lock();
  writing = false;
  finished.notify_all();
  lock.unlock();
  if (error) std::rethrow_exception(error);
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

void Store::erase_secret(std::string_view name) {
  State& state = *state_;
  state.alone([](sqlite::Database& database) { database.execute("PRAGMA secure_delete=ON"); });
  update([&](StoreTransaction& transaction) { transaction.erase_value(name); });
  state.alone([&](sqlite::Database& database) {
    const std::lock_guard no_reader(state.read_mutex);
    database.execute("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA secure_delete=OFF");
  });
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

}  // namespace qianzhi::store

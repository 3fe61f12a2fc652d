// Private to Store: its connections and who writes. Internal to this folder.
#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "agent/store/store.h"
#include "agent/store/store_schema.h"

namespace qianzhi::store {

// One caller of update(), while it waits.
struct Job {
  const std::function<void(StoreTransaction&)>* closure = nullptr;
  std::exception_ptr error;
  bool done = false;
};

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
  // On the writing connection, outside of any transaction.
  void alone(const std::function<void(sqlite::Database&)>& work);

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

}  // namespace qianzhi::store

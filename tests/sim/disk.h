// The disks of the simulation: a SQLite file system over the real one, the default of the process while it lives. It
// knows of each file what was synced and what was only written, so that a machine can lose its power, and it can refuse
// a write, take no more at all, or freeze what a killed process had open.
//
// The model, no kinder than POSIX: after a power loss a file holds what was last synced, and of each later write,
// truncation or removal all, nothing or (a write) any of its sectors of 512 octets; sectors are never half new. What a
// failed sync should have made durable is still read, never becomes durable by a later sync, and is gone after a power
// loss, as Linux keeps it. The shared memory of WAL is gone as well.
// Single-threaded, as the simulation is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "hub-protocol/base/clock.h"

struct sqlite3_vfs;

namespace qianzhi::sim {

enum class Call { write, sync, truncate, remove };

enum class Fate {
  succeed,
  fail,  // an I/O error, this once
  full,  // no space left, this once
  die,   // the file's process is killed here: nothing that it does to its store from now on has any effect
};

class Disk {
 public:
  // Asked before each call that changes a file; `store` is the database's path without "-wal" or "-journal".
  using Judge = std::function<Fate(const std::filesystem::path& store, Call call)>;

  Disk();  // becomes the default of the process
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  void judge_by(Judge judge);
  // What SQLite takes for the present, in place of the machine's own time.
  void tell_time_by(std::function<Micros()> now);
  // The process that has this store open is gone: its connections fail from now on and change nothing.
  void freeze(const std::filesystem::path& store);
  // Nothing has the store open any more. It can be opened again, as the killed process left it.
  void thaw(const std::filesystem::path& store);
  // As thaw, but the machine lost its power. What survives comes from `below(n)`, numbers below n.
  void lose_power(const std::filesystem::path& store, const std::function<std::uint64_t(std::uint64_t)>& below);
  bool is_frozen(const std::filesystem::path& store) const;
  // The files of this store were replaced by others: what is there now is durable.
  void replaced(const std::filesystem::path& store);

  // Calls that changed a file of this store, so far: the n-th of a run can be chosen.
  std::uint64_t calls(const std::filesystem::path& store) const;

  // Of every octet that was written, in order: two runs that did the same have the same.
  std::uint64_t checksum() const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace qianzhi::sim

#include "tests/sim/disk.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace qianzhi::sim {

namespace {

constexpr std::size_t sector = 512;

struct Change {
  Call call;
  std::size_t at = 0;  // of a truncation: the new size
  std::string octets;
};

struct Content {
  std::optional<std::string> durable;  // nothing: the file is not there
  std::vector<Change> doubtful;        // since then, in order
};

std::optional<std::string> read_whole(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

void put(std::string& image, std::size_t at, std::string_view octets) {
  if (image.size() < at + octets.size()) image.resize(at + octets.size(), '\0');
  image.replace(at, octets.size(), octets);
}

void apply(std::optional<std::string>& image, const Change& change) {
  if (change.call == Call::remove) {
    image.reset();
    return;
  }
  if (!image) image.emplace();
  if (change.call == Call::truncate) image->resize(change.at, '\0');
  if (change.call == Call::write) put(*image, change.at, change.octets);
}

std::string store_of(const std::string& file) {
  for (const std::string_view suffix : {"-wal", "-journal"})
    if (file.ends_with(suffix)) return file.substr(0, file.size() - suffix.size());
  return file;
}

}  // namespace

struct Disk::State {
  Fate ask(const std::string& file, Call call) {
    const std::string store = store_of(file);
    if (frozen.count(store) != 0) return Fate::die;
    ++calls[store];
    const Fate fate = judge ? judge(store, call) : Fate::succeed;
    if (fate == Fate::die) frozen.insert(store);
    return fate;
  }

  // FNV-1a.
  void note(const unsigned char* octets, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) sum = (sum ^ octets[i]) * 0x100'0000'01b3U;
  }

  Content& content(const std::string& file) {
    const auto [place, is_new] = contents.try_emplace(file);
    if (is_new) place->second.durable = read_whole(file);
    return place->second;
  }

  // Files that were removed from this file's directory stay removed.
  void sync_removals(const std::filesystem::path& file) {
    for (auto& [path, content] : contents) {
      if (std::filesystem::path(path).parent_path() != file.parent_path()) continue;
      auto& changes = content.doubtful;
      const auto last = std::find_if(changes.rbegin(), changes.rend(),
                                     [](const Change& change) { return change.call == Call::remove; });
      if (last == changes.rend()) continue;
      changes.erase(changes.begin(), last.base());
      content.durable.reset();
    }
  }

  sqlite3_vfs vfs{};
  sqlite3_vfs* real = nullptr;
  sqlite3_io_methods methods{};
  std::string name;
  std::function<Micros()> now;
  std::uint64_t sum = 0xcbf2'9ce4'8422'2325U;
  Judge judge;
  std::map<std::string, Content> contents;
  std::map<std::string, std::uint64_t> calls;
  std::map<std::string, int> open;  // handles a store
  std::set<std::string> frozen;
};

namespace {

// One open file; SQLite allocates it, the real one lies behind it.
struct File {
  sqlite3_file base;
  Disk::State* disk;
  const char* path;  // SQLite keeps it until the file is closed; none: a temporary file
  bool counted;
  bool syncs_directory;  // with its first sync, as SQLite has it for journals

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File* as_file(sqlite3_file* file) { return reinterpret_cast<File*>(file); }

int code_of(Fate fate, int failure) { return fate == Fate::full ? SQLITE_FULL : failure; }

template <auto Method, typename... Arguments>
int pass(sqlite3_file* file, Arguments... arguments) {
  sqlite3_file* real = as_file(file)->real();
  return (real->pMethods->*Method)(real, arguments...);
}

int close_file(sqlite3_file* file) {
  File* self = as_file(file);
  if (self->counted) --self->disk->open[store_of(self->path)];
  return pass<&sqlite3_io_methods::xClose>(file);
}

int write_file(sqlite3_file* file, const void* octets, int size, sqlite3_int64 at) {
  File* self = as_file(file);
  if (self->path != nullptr) {
    const Fate fate = self->disk->ask(self->path, Call::write);
    if (fate != Fate::succeed) return code_of(fate, SQLITE_IOERR_WRITE);
    self->disk->note(static_cast<const unsigned char*>(octets), static_cast<std::size_t>(size));
    self->disk->content(self->path)
        .doubtful.push_back({Call::write,
                             static_cast<std::size_t>(at),
                             {static_cast<const char*>(octets), static_cast<std::size_t>(size)}});
  }
  return pass<&sqlite3_io_methods::xWrite>(file, octets, size, at);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  File* self = as_file(file);
  if (self->path != nullptr) {
    const Fate fate = self->disk->ask(self->path, Call::truncate);
    if (fate != Fate::succeed) return code_of(fate, SQLITE_IOERR_TRUNCATE);
    self->disk->content(self->path).doubtful.push_back({Call::truncate, static_cast<std::size_t>(size), {}});
  }
  return pass<&sqlite3_io_methods::xTruncate>(file, size);
}

int sync_file(sqlite3_file* file, int) {
  File* self = as_file(file);
  if (self->path == nullptr) return SQLITE_OK;
  const Fate fate = self->disk->ask(self->path, Call::sync);
  Content& content = self->disk->content(self->path);
  if (fate == Fate::fail) content.doubtful.clear();
  if (fate != Fate::succeed) return code_of(fate, SQLITE_IOERR_FSYNC);
  for (const Change& change : content.doubtful) apply(content.durable, change);
  if (!content.durable) content.durable.emplace();
  content.doubtful.clear();
  if (std::exchange(self->syncs_directory, false)) self->disk->sync_removals(self->path);
  return SQLITE_OK;
}

sqlite3_io_methods methods_over() {
  sqlite3_io_methods methods{};
  methods.iVersion = 2;  // no memory mapping
  methods.xClose = close_file;
  methods.xRead = pass<&sqlite3_io_methods::xRead>;
  methods.xWrite = write_file;
  methods.xTruncate = truncate_file;
  methods.xSync = sync_file;
  methods.xFileSize = pass<&sqlite3_io_methods::xFileSize>;
  methods.xLock = pass<&sqlite3_io_methods::xLock>;
  methods.xUnlock = pass<&sqlite3_io_methods::xUnlock>;
  methods.xCheckReservedLock = pass<&sqlite3_io_methods::xCheckReservedLock>;
  methods.xFileControl = pass<&sqlite3_io_methods::xFileControl>;
  methods.xSectorSize = pass<&sqlite3_io_methods::xSectorSize>;
  methods.xDeviceCharacteristics = pass<&sqlite3_io_methods::xDeviceCharacteristics>;
  methods.xShmMap = pass<&sqlite3_io_methods::xShmMap>;
  methods.xShmLock = pass<&sqlite3_io_methods::xShmLock>;
  methods.xShmBarrier = [](sqlite3_file* file) {
    sqlite3_file* real = as_file(file)->real();
    real->pMethods->xShmBarrier(real);
  };
  methods.xShmUnmap = pass<&sqlite3_io_methods::xShmUnmap>;
  return methods;
}

Disk::State* disk_of(sqlite3_vfs* vfs) { return static_cast<Disk::State*>(vfs->pAppData); }

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out) {
  Disk::State* disk = disk_of(vfs);
  File* self = as_file(file);
  self->disk = disk;
  self->path = path;
  self->counted = false;
  self->syncs_directory =
      (flags & SQLITE_OPEN_CREATE) != 0 && (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
  self->base.pMethods = nullptr;
  if (path != nullptr && disk->frozen.count(store_of(path)) != 0) return SQLITE_CANTOPEN;
  if (path != nullptr) disk->content(path);
  const int result = disk->real->xOpen(disk->real, path, self->real(), flags, out);
  if (self->real()->pMethods == nullptr) return result;
  self->base.pMethods = &disk->methods;
  if (path != nullptr) {
    ++disk->open[store_of(path)];
    self->counted = true;
  }
  return result;
}

int remove_file(sqlite3_vfs* vfs, const char* path, int sync_directory) {
  Disk::State* disk = disk_of(vfs);
  const Fate fate = disk->ask(path, Call::remove);
  if (fate != Fate::succeed) return code_of(fate, SQLITE_IOERR_DELETE);
  Content& content = disk->content(path);
  content.doubtful.push_back({Call::remove, 0, {}});
  if (sync_directory != 0) disk->sync_removals(path);
  return disk->real->xDelete(disk->real, path, 0);
}

}  // namespace

Disk::Disk() : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.real = sqlite3_vfs_find("unix");
  state.methods = methods_over();
  state.vfs = *state.real;
  state.name = "simulated";
  state.vfs.zName = state.name.c_str();
  state.vfs.szOsFile = static_cast<int>(sizeof(File)) + state.real->szOsFile;
  state.vfs.pNext = nullptr;
  state.vfs.pAppData = &state;
  state.vfs.xOpen = open_file;
  state.vfs.xDelete = remove_file;
  // The others of the real one find their own data by the pointer that they are given.
  state.vfs.xAccess = [](sqlite3_vfs* vfs, const char* path, int flags, int* out) {
    return disk_of(vfs)->real->xAccess(disk_of(vfs)->real, path, flags, out);
  };
  state.vfs.xFullPathname = [](sqlite3_vfs* vfs, const char* path, int size, char* out) {
    return disk_of(vfs)->real->xFullPathname(disk_of(vfs)->real, path, size, out);
  };
  // In milliseconds of the Julian day.
  state.vfs.xCurrentTimeInt64 = [](sqlite3_vfs* vfs, sqlite3_int64* out) {
    const State& disk = *disk_of(vfs);
    if (!disk.now) return disk.real->xCurrentTimeInt64(disk.real, out);
    *out = 210'866'760'000'000 + disk.now() / 1000;
    return SQLITE_OK;
  };
  if (sqlite3_vfs_register(&state.vfs, 1) != SQLITE_OK) throw std::logic_error("the file system was not registered");
}

Disk::~Disk() { sqlite3_vfs_unregister(&state_->vfs); }

void Disk::judge_by(Judge judge) { state_->judge = std::move(judge); }

void Disk::tell_time_by(std::function<Micros()> now) { state_->now = std::move(now); }

void Disk::freeze(const std::filesystem::path& store) { state_->frozen.insert(store.string()); }

bool Disk::is_frozen(const std::filesystem::path& store) const { return state_->frozen.count(store.string()) != 0; }

void Disk::thaw(const std::filesystem::path& store) {
  if (state_->open[store.string()] != 0) throw std::logic_error("still open: " + store.string());
  state_->frozen.erase(store.string());
}

void Disk::lose_power(const std::filesystem::path& store, const std::function<std::uint64_t(std::uint64_t)>& below) {
  thaw(store);
  const std::uint64_t kept = below(3) * 50;  // of a hundred changes
  for (const char* suffix : {"", "-wal", "-journal"}) {
    const std::string file = store.string() + suffix;
    Content& content = state_->content(file);
    for (const Change& change : content.doubtful) {
      if (change.call != Call::write) {
        if (below(100) < kept) apply(content.durable, change);
        continue;
      }
      for (std::size_t from = 0; from < change.octets.size();) {
        const std::size_t size = std::min(sector - (change.at + from) % sector, change.octets.size() - from);
        if (below(100) < kept)
          apply(content.durable, {Call::write, change.at + from, change.octets.substr(from, size)});
        from += size;
      }
    }
    content.doubtful.clear();
    std::filesystem::remove(file);
    if (content.durable) std::ofstream(file, std::ios::binary) << *content.durable;
  }
  std::filesystem::remove(store.string() + "-shm");
}

void Disk::replaced(const std::filesystem::path& store) {
  thaw(store);
  for (const char* suffix : {"", "-wal", "-journal"}) state_->contents.erase(store.string() + suffix);
}

std::uint64_t Disk::calls(const std::filesystem::path& store) const {
  const auto found = state_->calls.find(store.string());
  return found == state_->calls.end() ? 0 : found->second;
}

std::uint64_t Disk::checksum() const { return state_->sum; }

}  // namespace qianzhi::sim

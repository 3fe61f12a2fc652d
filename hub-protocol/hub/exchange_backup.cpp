// Backups of the log, and what they secure (R6.8).
#include <fcntl.h>
#include <unistd.h>

#include <system_error>

#include "hub-protocol/hub/exchange_state.h"

namespace qianzhi::hub {

namespace {

// A rename is durable once its directory is.
void make_durable(const std::filesystem::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool done = descriptor >= 0 && ::fsync(descriptor) == 0;
  if (descriptor >= 0) ::close(descriptor);
  if (!done) throw Error(ErrorKind::unavailable, "QZ-HUB-054", "cannot sync " + directory.string());
}

// What the finished copy really holds: verified as after a crash, and told to start stopped.
std::vector<StreamRecord> finish_copy(const std::filesystem::path& file, Micros now) {
  Log copy(file, {});
  HubState state = copy.view().hub_state();
  state.stop_code = "QZ-HUB-025";
  state.stop_detail = "from the backup of " + to_text(now);
  LogWrite write = copy.write();
  write.save(state);
  write.commit();
  return copy.view().streams();
}

}  // namespace

void Exchange::back_up(const std::filesystem::path& file, const std::function<bool()>& go_on) {
  State& state = *state_;
  const std::filesystem::path part = file.string() + ".part";
  std::error_code ignored;
  std::vector<StreamRecord> held;
  try {
    for (const char* suffix : {"", "-wal", "-shm", "-journal"})
      std::filesystem::remove(part.string() + suffix, ignored);
    state.log.view().copy_into(part, go_on);
    held = finish_copy(part, state.clock.now());
    std::filesystem::rename(part, file);
    make_durable(file.parent_path());
  } catch (const Error& error) {
    std::filesystem::remove(part, ignored);
    const ErrorKind kind = error.kind() == ErrorKind::full ? ErrorKind::full : ErrorKind::unavailable;
    throw Error(kind, "QZ-HUB-054", file.string() + ": " + error.what());
  } catch (const std::filesystem::filesystem_error& error) {
    std::filesystem::remove(part, ignored);
    throw Error(ErrorKind::unavailable, "QZ-HUB-054", error.what());
  }
  state.reach("hub.backup.before_announce");
  state.secure(held);
}

void Exchange::State::secure(const std::vector<StreamRecord>& held) {
  guarded([&] {
    LogWrite write = log.write();
    std::vector<StreamRecord> secured;
    for (const StreamRecord& copy : held) {
      StreamRecord record = *record_of(copy.stream);
      if (record.id == 0 || copy.head.is_none() || copy.head.position <= record.secured.position) continue;
      const bool is_here = copy.head.position <= record.trimmed.position ||
                           write.digest_at(record, copy.head.position) == copy.head.digest;
      if (!is_here) continue;
      record.secured = copy.head;
      write.save(record);
      secured.push_back(std::move(record));
    }
    write.commit();
    const std::lock_guard guard(lock);
    for (const StreamRecord& record : secured) publish(record, {});
    tell_waiting();
  });
}

}  // namespace qianzhi::hub

#include "agent/desk/outlets/cut_off.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

namespace qianzhi::desk {

// A descriptor of its own: the other may be closed, and its number be given to somebody else.
CutOff::CutOff(int socket, Micros after)
    : socket_(::fcntl(socket, F_DUPFD_CLOEXEC, 0)), thread_([this, after] {
        std::unique_lock lock(mutex_);
        if (!told_.wait_for(lock, std::chrono::microseconds(after), [this] { return is_over_; }))
          ::shutdown(socket_, SHUT_RDWR);
      }) {}

CutOff::~CutOff() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  told_.notify_one();
  thread_.join();
  if (socket_ >= 0) ::close(socket_);
}

}  // namespace qianzhi::desk

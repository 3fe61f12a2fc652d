#include "adapters/api/waiter.h"

#include <poll.h>

namespace qianzhi::adapter {

void SystemWaiter::wait(Micros duration) {
  if (duration <= 0) return;
  const timespec time{duration / 1'000'000, (duration % 1'000'000) * 1'000};
  ppoll(nullptr, 0, &time, nullptr);
}

}  // namespace qianzhi::adapter

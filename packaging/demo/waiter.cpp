#include "packaging/demo/waiter.h"

#include "hub-protocol/base/error.h"

namespace qianzhi::demo {

bool Waiter::pause(int milliseconds) { return !signals_.wait(milliseconds); }

void Waiter::until(const std::string& what, int seconds, const std::function<bool()>& condition,
                   const std::function<std::uint64_t()>& progress) {
  std::uint64_t seen = progress ? progress() : 0;
  Micros moved = clock_.steady();
  while (!condition()) {
    if (!pause(100)) throw Error(ErrorKind::unavailable, "QZ-DEM-003", what);
    const std::uint64_t now = progress ? progress() : 0;
    if (now != seen) moved = clock_.steady();
    seen = now;
    if (clock_.steady() - moved > Micros{seconds} * 1'000'000) throw Error(ErrorKind::unavailable, "QZ-DEM-002", what);
  }
}

}  // namespace qianzhi::demo

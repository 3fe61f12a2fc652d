// The stage that sends what is due: run_once() takes each outlet in turn. Before a try the notice is marked, after it
// settled; what was marked by a process that died is sent again where that has no further effect, else it is uncertain
// and stays (or is sent again where the configuration says so). So each notice is there exactly once in effect, or a
// person is told that nobody can know.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/desk/outlets/outlet.h"

namespace qianzhi::desk {

struct SendCounts {
  int sent = 0;
  int later = 0;
  int failed = 0;
  int uncertain = 0;
};

class NoticeSender {
 public:
  using MakeOutlet = std::function<std::unique_ptr<Outlet>(const OutletConfig&, const Clock&)>;
  // passing: told the points "notice.marked" and "notice.sent"; for the crash tests.
  NoticeSender(NoticeBox& box, std::vector<OutletConfig> outlets, const Clock& clock, Random& random,
               std::function<void(std::string_view)> passing = {}, const MakeOutlet& make = make_outlet);

  // At most so many tries at each outlet. An outlet that could not take one is left alone until the next run.
  SendCounts run_once(std::size_t most = 100);

  // When there may be something to do again by itself; nothing: only when a notice is added.
  std::optional<Micros> next(Micros now);

 private:
  struct Channel {
    OutletConfig config;
    std::unique_ptr<Outlet> outlet;
  };
  void take_up();
  std::size_t allowance(const Channel& channel, std::size_t most, Micros now);
  Delivery::Verdict send(Channel& channel, Notice notice);
  void settle(const Channel& channel, const Notice& notice, const Delivery& delivery);

  NoticeBox& box_;
  const Clock& clock_;
  Random& random_;
  std::function<void(std::string_view)> passing_;
  std::vector<Channel> channels_;
  bool taken_up_ = false;
};

}  // namespace qianzhi::desk

// A notice for a program of the department: started without a shell, with the arguments of the configuration only, the
// JSON object on standard input, its output thrown away, no other descriptor, and of the environment PATH, LANG and
// QIANZHI_NOTICE (the token). Exit status 0: sent. 75 (EX_TEMPFAIL): later. Any other: refused. Ended by a signal or
// after the timeout: uncertain; its process group is then killed.
#pragma once

#include "agent/desk/outlets/outlet.h"

namespace qianzhi::desk {

class CommandOutlet final : public Outlet {
 public:
  CommandOutlet(CommandConfig config, Micros timeout);
  bool is_repeatable() const override { return false; }
  Delivery send(const Notice& notice) override;

 private:
  CommandConfig config_;
  Micros timeout_;
};

}  // namespace qianzhi::desk

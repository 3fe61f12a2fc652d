// A notice as one statement in a SQLite database of the department (others are reached by a command). The statement is
// the configuration's; values of the notice are only ever bound. In the same transaction the token goes into the table
// qianzhi_notice of that database, so that the statement runs once however often it is tried.
#pragma once

#include "agent/desk/outlets/outlet.h"

namespace qianzhi::desk {

class StatementOutlet final : public Outlet {
 public:
  explicit StatementOutlet(StatementConfig config);
  bool is_repeatable() const override { return true; }
  Delivery send(const Notice& notice) override;

 private:
  StatementConfig config_;
};

}  // namespace qianzhi::desk

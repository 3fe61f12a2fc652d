// Notices as lines of a file that the department reads: JSON objects, or CSV with a line of names. Whole lines on
// stable storage; who died in between finds its line again, or its torn beginning. A file that was taken away meanwhile
// (it is shorter than it was) leaves the notice uncertain. Nobody else writes to it.
#pragma once

#include "agent/desk/outlets/outlet.h"

namespace qianzhi::desk {

class FileOutlet final : public Outlet {
 public:
  explicit FileOutlet(FileConfig config);
  bool is_repeatable() const override { return true; }
  std::string place() override;  // its length now
  Delivery send(const Notice& notice) override;

 private:
  std::string line_of(const Notice& notice) const;

  FileConfig config_;
};

}  // namespace qianzhi::desk

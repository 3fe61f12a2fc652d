// From complete files in the drop folder to the spool: one file in one transaction, or not at all. A file that cannot
// be taken whole goes to the rejected ones, with the reason; nothing of it is used. One thread at a time.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/files/folder.h"
#include "adapters/files/spool.h"
#include "adapters/files/staging.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::files {

class Importer {
 public:
  // All must outlive it.
  Importer(const SourceSettings& settings, const SourceSpec& spec, Spool& spool, const Clock& clock)
      : settings_(settings), spec_(spec), spool_(spool), clock_(clock), folder_(settings, clock) {}

  // One slice of work, a small part of a second; merging a file of a million rows takes seconds. True: more waits.
  bool work();

  // What stands in the way now; table: in SourceSpec::tables.
  const std::vector<Remark>& remarks() const { return remarks_; }

 private:
  // A file that was looked at in this state, and still lies there.
  struct Known {
    FileState state;
    bool ready = false;  // imported; only to be put away
    std::string code;
    std::string detail;
  };

  bool look();
  void begin(const Waiting& file);
  void finish();
  void take();
  void check_removed(const std::string& table);
  void refuse(const Error& error);
  void put_away();
  bool is_still() const;
  std::optional<std::size_t> table_of(std::size_t files) const;
  void remark_rejected();

  const SourceSettings& settings_;
  const SourceSpec& spec_;
  Spool& spool_;
  const Clock& clock_;
  Folder folder_;
  std::optional<Micros> looked_at_;
  Look look_;
  std::unique_ptr<Staging> staging_;
  Waiting file_;     // of staging_
  FileState state_;  // likewise, when it was begun
  std::map<std::string, Known> known_;
  std::vector<Remark> remarks_;
};

}  // namespace qianzhi::adapter::files

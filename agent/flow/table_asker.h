// TableAsker: what the department's own system writes into a table of requests is asked of others, and what they answer
// is written into a table beside it. Each request is asked once and has one collected answer, whatever is killed when:
// the store knows which row was asked as which inquiry, and answers are written again until they are told.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/api/lookup.h"
#include "agent/config/config.h"
#include "agent/flow/ask_drafts.h"
#include "agent/flow/ask_rows.h"
#include "agent/flow/directory_keeper.h"
#include "agent/flow/requests.h"
#include "agent/flow/stage.h"
#include "agent/store/store.h"

namespace qianzhi::flow {

struct TableAskerParts {
  adapter::Adapter& source;  // reads requests
  adapter::Adapter& target;  // writes answers
  adapter::Connection source_connection;
  adapter::Connection target_connection;
  Requests& requests;
  store::Store& store;
  DirectoryKeeper& directory;
  const Clock& clock;
};

class TableAsker final : public Stage {
 public:
  TableAsker(std::string agent, config::AskConfig ask, config::SourceConfig source, config::DatabaseConfig target,
             TableAskerParts parts);

  std::string name() const override { return "ask " + ask_.name; }
  Progress run_once() override;

 private:
  void open(const Directory& directory);
  // Writes what is known and not told yet. Whether there was any.
  bool tell();
  void tell(const Inquiry& inquiry);
  // Once: requests that the table says were asked, and of which the store knows nothing, as it was lost or is an older
  // one. They are asked again.
  void recover(const Directory& directory);
  // Asks what was found, and tells which were refused. Whether anything was asked.
  bool take(const Directory& directory, const adapter::Found& found, bool tells_known);
  // Reads requests, asks, and tells which were refused. Whether there may be more.
  bool read(const Directory& directory);
  // Returns whether it was asked; what is refused is added to `refused`. False with nothing refused: not now.
  bool ask(const InquiryDraft& draft, std::vector<RefusedRequest>& refused);
  void read_mark();
  // One transaction. Rows that the table refuses are counted, and the others stay.
  void write(AskRows& rows);
  void say_notices();

  std::string agent_;
  config::AskConfig ask_;
  config::SourceConfig source_config_;
  config::DatabaseConfig target_config_;
  TableAskerParts parts_;
  Catalogue catalogue_;  // the one that both were opened under
  adapter::TargetTable table_;
  std::unique_ptr<adapter::Lookup> lookup_;
  std::unique_ptr<adapter::Target> target_;
  Head mark_;  // of the last transaction
  bool knows_mark_ = false;
  bool has_recovered_ = false;
  bool has_known_ = false;     // rows that were asked before were taken last
  Micros read_at_ = 0;         // steady; not before
  std::uint64_t told_at_ = 0;  // the store's version at which everything was told
  std::size_t nameless_ = 0;   // at the last reading
  bool is_full_ = false;       // likewise: more is open than may be
  std::string rejected_;       // code of the newest row that the table refused
};

}  // namespace qianzhi::flow

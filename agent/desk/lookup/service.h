// The lookup as a whole: index, trail, accounts and listener on one connection to desk.db. Answers from its own
// threads; the index is brought up by whoever calls turn(), between searches.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "agent/desk/data/change_file.h"
#include "agent/desk/lookup/config.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::desk::lookup {

class Service {
 public:
  // database: a connection that nobody else uses while the service lives; others may write desk.db through theirs. What
  // is in the index can be searched at once, also while it is behind. Throws what Sessions and Server throw.
  Service(sqlite::Database& database, LookupConfig config, std::vector<ChangeFile> files, Random& random,
          const Clock& clock);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  std::uint16_t port() const;
  // The index built, if it must be (searches wait meanwhile), and all changes taken in, a portion at a time. How many
  // rows. Throws what the database throws; may then be called again.
  std::uint64_t turn();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianzhi::desk::lookup

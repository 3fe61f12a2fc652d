// One read-only snapshot on a session: everything that is read while it lives belongs together.
#pragma once

#include "adapters/postgresql/session.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

// The journal is read by its key, and tables by theirs: what the server knows of a table that just filled may be so
// wrong that it would rather read all of it each time.
inline constexpr const char* by_key_only =
    "; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_sort = off;"
    " SET LOCAL enable_bitmapscan = off";

// Ends the snapshot however it is left; a connection that broke has ended it by itself. The session must outlive it.
class ReadSnapshot {
 public:
  // settings: "; SET LOCAL ...", or empty.
  explicit ReadSnapshot(Session& session, const char* settings = "") : session_(session) {
    session_.run(std::string("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") + settings, "beginning a snapshot");
  }
  ~ReadSnapshot() {
    try {
      session_.run("ROLLBACK", "ending a snapshot");
    } catch (const Error&) {
    }
  }
  ReadSnapshot(const ReadSnapshot&) = delete;
  ReadSnapshot& operator=(const ReadSnapshot&) = delete;

 private:
  Session& session_;
};

}  // namespace qianzhi::postgresql

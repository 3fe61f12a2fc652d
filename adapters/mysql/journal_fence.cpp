#include "adapters/mysql/journal_fence.h"

#include <algorithm>

#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

constexpr Micros list_age = 110'000;  // the server renews its list when nobody read it for 100 ms
constexpr int most_looks = 20;

// Those that have written have numbers; readers are listed with 0, or with addresses.
constexpr const char* transactions_sql =
    "SELECT trx_id, trx_mysql_thread_id = CONNECTION_ID() FROM information_schema.INNODB_TRX"
    " WHERE trx_id BETWEEN 1 AND 281474976710655";

}  // namespace

void JournalFence::raise(std::uint64_t sequence) { cleared_ = std::max(cleared_, sequence); }

void JournalFence::reset(bool new_writer) {
  if (new_writer) own_ = 0;
  cleared_ = 0;
  waiting_ = false;
  open_.clear();
}

void JournalFence::look(Session& reader, Session& writer) {
  if (!waiting_) {
    const Result newest = reader.run("SELECT MAX(seq) FROM " + journal_.table(), "looking at the journal");
    if (newest.is_null(0, 0) || newest.number(0, 0) <= cleared_) return;
    next_ = newest.number(0, 0);
    open_ = open_transactions(writer);
    waiting_ = true;
    listed_at_ = clock_.steady();
  } else {
    if (clock_.steady() - listed_at_ < list_age) return;
    listed_at_ = clock_.steady();
    // An older list than now may only make us wait longer: it is not older than the one that open_ is of.
    const Result now = reader.run(transactions_sql, "looking at open transactions");
    std::set<std::uint64_t> still;
    for (int row = 0; row < now.rows(); ++row)
      if (open_.count(now.number(row, 0)) != 0) still.insert(now.number(row, 0));
    open_ = std::move(still);
  }
  if (!open_.empty()) return;
  cleared_ = next_;
  waiting_ = false;
}

std::set<std::uint64_t> JournalFence::open_transactions(Session& writer) {
  writer.run("START TRANSACTION READ WRITE", "looking at open transactions");
  try {
    // Only a transaction that writes gets a number; it is taken back.
    writer.run("UPDATE " + journal_.forgotten() + " SET looks = looks + 1 WHERE id = 1",
               "looking at open transactions");
    for (int looks = 0; looks < most_looks; ++looks) {
      const Result now = writer.run(transactions_sql, "looking at open transactions");
      std::set<std::uint64_t> open;
      std::uint64_t own = 0;
      for (int row = 0; row < now.rows(); ++row)
        if (now.truth(row, 1))
          own = now.number(row, 0);
        else
          open.insert(now.number(row, 0));
      if (own > own_) {
        own_ = own;
        writer.run("ROLLBACK", "looking at open transactions");
        return open;
      }
      waiter_.wait(list_age);
    }
  } catch (const Error&) {
    writer.set_broken();
    throw;
  }
  writer.run("ROLLBACK", "looking at open transactions");
  throw Error(ErrorKind::unavailable, "QZ-MY-005",
              "the list of transactions is not renewed: something reads it all the time");
}

}  // namespace qianzhi::mysql

// The ledger: how many records of which topic a sender gave and a receiver applied on which day (Beijing time). Lies in
// the hub's log, so that a batch and its figures are one commit; trimming the log does not touch it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hub-protocol/base/calendar.h"
#include "hub-protocol/model/stream.h"
#include "hub-protocol/seal/batch.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::hub {

// What was accepted of a stream on one day.
struct AcceptedLine {
  Day day = 0;
  StreamId stream;
  std::string department;  // of the sender, on that day
  bool is_refill = false;  // rows that state again what is there; else changes
  std::uint64_t batches = 0;
  seal::RowCounts rows;
};

// What a subscriber signed that it applied, on the day it came. A subscription counts from its beginning; what it
// applied again after its target was restored from an older copy counts once.
struct AppliedLine {
  Day day = 0;
  StreamId stream;
  std::string sender_department;
  std::string subscriber;
  std::string department;  // of the receiver
  Micros begun = 0;        // of the subscription, by the subscriber's clock: which of several it is
  std::uint64_t upserted = 0;
  std::uint64_t removed = 0;
  Bytes receipt;  // the newest of the day, serialised wire::Applied: its counts are the sums of all days through this
};

// Tables of the ledger, and what an older store already holds: counted by the provider's clock, without departments.
void create_ledger(sqlite::Database& database);

// Within the caller's transaction.
void count_accepted(sqlite::Database& database, std::int64_t stream, const AcceptedLine& line);
// line: counts as the receipt states them. Nothing if they are not above those known. Throws Error(rejected,
// QZ-HUB-240) beyond 1,000 beginnings of one subscription.
void count_applied(sqlite::Database& database, const AppliedLine& line);

// Of these days, in order of day, stream and receiver.
std::vector<AcceptedLine> select_accepted(sqlite::Database& database, Days days);
std::vector<AppliedLine> select_applied(sqlite::Database& database, Days days);

}  // namespace qianzhi::hub

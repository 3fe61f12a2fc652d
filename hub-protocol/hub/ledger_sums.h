// The ledger summed up for people: by day or month, topic, sender and receiver.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "hub-protocol/hub/exchange.h"

namespace qianzhi::hub {

struct LedgerQuery {
  Days days;
  std::string topic;     // empty: all
  std::string sender;    // a department or an agent; empty: all
  std::string receiver;  // likewise; then nothing but what was applied
  // "day", "month", "topic", "sender", "receiver": what is told apart; everything else is summed up.
  std::set<std::string, std::less<>> by = {"month", "topic", "sender", "receiver"};
};

struct LedgerSum {
  bool is_applied = false;  // else accepted from the sender
  std::string period;       // "2026-11-23", "2026-11" or empty
  std::string topic;
  std::string sender;    // department
  std::string receiver;  // department; of what was applied
  std::uint64_t upserts = 0;
  std::uint64_t removes = 0;
  std::uint64_t refill = 0;  // rows that stated again what was there; of what was applied they are among the upserts
  std::uint64_t withheld = 0;
  std::uint64_t batches = 0;
  std::uint64_t records() const { return upserts + removes + refill; }
};

// Accepted first; sorted by period, topic, sender, receiver.
std::vector<LedgerSum> sum_up(const Ledger& ledger, const LedgerQuery& query);

// With a header line in Chinese and English, and a last line each for all that was accepted and applied.
std::string to_csv(const std::vector<LedgerSum>& sums);
std::string to_json(const std::vector<LedgerSum>& sums);
std::string to_table(const std::vector<LedgerSum>& sums);

}  // namespace qianzhi::hub

#include "hub-protocol/audit/verify_ledger.h"

#include <set>

#include "hub-protocol/audit/audit.pb.h"
#include "hub-protocol/base/calendar.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/signatures.h"
#include "hub-protocol/wire/exchange.pb.h"

namespace qianzhi::audit {

using seal::Verdict;

struct LedgerVerifier::Applied {
  const LedgerMessage& line;
  StreamId stream;
  std::string name;  // for findings
};

namespace {

template <typename Message>
void parse(std::string_view octets, Message& message) {
  if (!message.ParseFromArray(octets.data(), static_cast<int>(octets.size())))
    throw Error(ErrorKind::corrupt, "QZ-SEAL-086", "a line of the ledger");
}

void add_up(seal::RowCounts& sum, const seal::RowCounts& more) {
  sum.upserts += more.upserts;
  sum.removes += more.removes;
  sum.withheld += more.withheld;
}

bool covers(const seal::RowCounts& sum, const seal::RowCounts& part) {
  return sum.upserts >= part.upserts && sum.removes >= part.removes && sum.withheld >= part.withheld;
}

}  // namespace

void LedgerVerifier::add_head(std::string_view octets) {
  LedgerHeadMessage head;
  parse(octets, head);
  has_head_ = true;
  is_whole_ = head.is_whole();
  for (const StreamHeadMessage& stream : head.heads())
    heads_[{stream.agent(), stream.topic()}] = {stream.epoch(), stream.sequence()};
}

void LedgerVerifier::add(std::string_view octets) {
  if (!has_head_) return add_head(octets);
  LedgerMessage line;
  parse(octets, line);
  const StreamId stream{line.agent(), line.topic()};
  if (!line.is_applied())
    return add_up(accepted_[{stream, line.is_refill()}], {line.upserts(), line.removes(), line.withheld()});
  check_applied({line, stream, date_text(line.day()) + " " + line.subscriber() + " of " + to_text(stream)});
}

void LedgerVerifier::check_applied(const Applied& applied) {
  const LedgerMessage& line = applied.line;
  wire::Applied receipt;
  wire::AppliedBody body;
  parse(line.receipt(), receipt);
  parse(receipt.body(), body);
  ++report_.receipts;
  const AgentEntry* agent = trust_.agent(body.subscriber());
  if (agent == nullptr)
    return report_.add({Verdict::untrusted, file_, "QZ-SEAL-051", applied.name + ": the directory has no such agent"});
  std::vector<seal::SignatureView> signatures{{receipt.signature().key_id(), receipt.signature().value()}};
  if (receipt.has_second()) signatures.push_back({receipt.second().key_id(), receipt.second().value()});
  const auto judgement = seal::judge_signatures(agent->signing_keys, seal::Purpose::applied, receipt.body(),
                                                receipt.signature().key_id(), receipt.second().key_id(), signatures);
  if (!judgement.unknown.empty())
    report_.add({Verdict::untrusted, file_, "QZ-SEAL-051", applied.name + ": " + judgement.unknown});
  if (!judgement.broken.empty())
    report_.add({Verdict::tampered, file_, "QZ-SEAL-093", applied.name + ": " + judgement.broken});

  const auto differs = [&](const char* what) {
    report_.add({Verdict::tampered, file_, "QZ-SEAL-091", applied.name + ": " + what});
  };
  if (body.subscriber() != line.subscriber() || body.begun() != line.begun() || body.stream().agent() != line.agent() ||
      body.stream().topic() != line.topic())
    return differs("the receipt is of another subscription");
  // One that does not say when it began may begin again unseen.
  if (line.begun() == 0) return;
  const auto [before, is_first] = signed_.try_emplace({applied.stream, line.subscriber(), line.begun()}, Signed{});
  const bool follows = body.upserted() >= before->second.upserted && body.removed() >= before->second.removed;
  const std::uint64_t upserted = body.upserted() - before->second.upserted;
  const std::uint64_t removed = body.removed() - before->second.removed;
  const bool is_exact = line.upserts() == upserted && line.removes() == removed;
  // The days before a ledger that is not whole are not in it.
  const bool may_begin_before = is_first && !is_whole_ && line.upserts() <= upserted && line.removes() <= removed;
  if (!follows || (!is_exact && !may_begin_before)) differs("the figures are not those that were signed");
  before->second = {body.upserted(), body.removed()};
}

void LedgerVerifier::finish() {
  if (!has_head_ || !is_whole_) return;
  std::map<std::pair<StreamId, bool>, seal::RowCounts> held;
  std::map<StreamId, std::set<Position>> positions;
  std::set<StreamId> from_the_start;
  for (const seal::CountedBatch& batch : report_.counted) {
    const auto head = heads_.find(batch.stream);
    if (head == heads_.end() || batch.position > head->second) continue;
    if (!positions[batch.stream].insert(batch.position).second) continue;
    if (batch.is_first) from_the_start.insert(batch.stream);
    add_up(held[{batch.stream, batch.is_refill}], batch.rows);
  }
  for (const auto& [key, rows] : held) {
    const auto& stream = key.first;
    const seal::RowCounts counted = accepted_[key];
    // All batches from the first to the head: gaps are findings of their own.
    const bool is_all = from_the_start.count(stream) != 0 && positions[stream].count(heads_[stream]) != 0 &&
                        report_.verdict == Verdict::good;
    if (is_all ? counted == rows : covers(counted, rows)) continue;
    report_.add({Verdict::tampered, file_, "QZ-SEAL-092",
                 to_text(stream) + ": the ledger says " + std::to_string(counted.all()) + ", the batches hold " +
                     std::to_string(rows.all())});
  }
}

}  // namespace qianzhi::audit

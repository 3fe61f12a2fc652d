#include "agent/flow/table_asker.h"

#include <algorithm>
#include <utility>

#include "agent/flow/ask_table.h"
#include "agent/flow/deliver.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::flow {

namespace {

constexpr std::size_t rows_of_write = 2'000;
constexpr std::size_t octets_of_write = 1U << 20U;
constexpr std::size_t told_at_once = 100;
constexpr std::size_t octets_of_read = 1U << 20U;
constexpr std::size_t octets_of_recovery = 8U << 20U;

// A mark counts by its position; but none is one of a zero digest.
Digest mark_digest() { return Digest::from_bytes(std::string(32, 'q')); }

}  // namespace

TableAsker::TableAsker(std::string agent, config::AskConfig ask, config::SourceConfig source,
                       config::DatabaseConfig target, TableAskerParts parts)
    : agent_(std::move(agent)),
      ask_(std::move(ask)),
      source_config_(std::move(source)),
      target_config_(std::move(target)),
      parts_(std::move(parts)) {}

// Another catalogue may have other items.
void TableAsker::open(const Directory& directory) {
  if (lookup_ && target_ && catalogue_.topics == directory.catalogue.topics) return;
  lookup_.reset();
  target_.reset();
  knows_mark_ = false;
  catalogue_ = directory.catalogue;
  table_ = answer_table(ask_, catalogue_);
  adapter::TargetSpec spec = Deliver::spec_of(target_config_, {}, catalogue_, parts_.target_connection);
  spec.tables = {table_};
  target_ = parts_.target.open_target(spec);
  lookup_ = parts_.source.open_lookup(requests_spec(agent_, ask_, source_config_, parts_.source_connection));
}

void TableAsker::read_mark() {
  mark_ = {};
  for (const adapter::MarkRow& row : target_->marks())
    if (row.subscription == "ask/" + ask_.name && row.origin == agent_) mark_ = row.head;
}

void TableAsker::write(AskRows& rows) {
  if (rows.rows() == 0) return;
  // What became of the transaction before is not known after an error.
  if (!std::exchange(knows_mark_, false)) read_mark();
  adapter::TargetTransaction transaction;
  transaction.expected = mark_;
  transaction.next = {"ask/" + ask_.name, agent_, {{1, mark_.position.sequence + 1}, mark_digest()}, {}};
  transaction.steps.resize(1);
  transaction.steps.front().rows = rows.take();
  const adapter::ApplyResult result = target_->apply(transaction);
  if (result.state == adapter::ApplyResult::State::stale)
    throw Error(ErrorKind::unavailable, "QZ-AGT-167", "somebody else moves qianzhi_mark of ask/" + ask_.name);
  if (result.state == adapter::ApplyResult::State::pending) {
    target_->commit();
    const adapter::Rejection& first = result.rejections.front();
    rejected_ = first.code + " " + first.detail;
    log(LogLevel::warning, name(), "QZ-AGT-167 " + std::to_string(result.rejections.size()) + " rows: " + rejected_);
  }
  mark_ = transaction.next.head;
  knows_mark_ = true;
}

void TableAsker::tell(const Inquiry& inquiry) {
  AskRows rows(ask_, table_);
  const std::size_t count = std::min(inquiry.rows.size(), inquiry.questions.count());
  for (std::size_t question = 0; question < count; ++question) {
    rows.add(inquiry, question);
    if (rows.rows() >= rows_of_write || rows.octets() >= octets_of_write) write(rows);
  }
  write(rows);
  const auto over = std::count_if(inquiry.providers.begin(), inquiry.providers.end(),
                                  [](const ProviderAnswer& answer) { return store::is_over(answer.state); });
  parts_.store.update([&](store::StoreTransaction& update) { update.put_told(inquiry.id, over, inquiry.is_over()); });
}

bool TableAsker::tell() {
  const std::uint64_t version = parts_.store.version();
  if (version == told_at_) return false;
  const std::vector<Bytes> untold = parts_.store.untold(ask_.name, told_at_once);
  for (const Bytes& id : untold) tell(parts_.requests.inquiry(id));
  if (untold.empty()) told_at_ = version;
  return !untold.empty();
}

bool TableAsker::ask(const InquiryDraft& draft, std::vector<RefusedRequest>& refused) {
  try {
    parts_.requests.ask(draft);
    return true;
  } catch (const Error& error) {
    is_full_ = error.kind() == ErrorKind::full;
    if (is_full_) return false;
    if (error.kind() != ErrorKind::rejected) throw;
    for (const std::string& row : draft.rows) refused.push_back({row, error.code(), error.detail()});
    return false;
  }
}

bool TableAsker::take(const Directory& directory, const adapter::Found& found, bool tells_known) {
  AskDrafts sorted = drafts_of(ask_, directory.catalogue, found,
                               [&](const std::string& row) { return parts_.requests.asked_as(ask_.name, row); });
  nameless_ = sorted.nameless;
  is_full_ = false;
  // Their rows are gone, or were never written: what is known of them is written again.
  has_known_ = tells_known && !sorted.known.empty();
  if (has_known_)
    parts_.store.update([&](store::StoreTransaction& update) {
      for (const Bytes& inquiry : sorted.known) update.put_told(inquiry, -1, false);
    });
  bool has_asked = false;
  for (const InquiryDraft& draft : sorted.drafts) {
    if (is_full_) break;
    has_asked = ask(draft, sorted.refused) || has_asked;
  }
  AskRows rows(ask_, table_);
  for (const RefusedRequest& refused : sorted.refused) rows.add(refused, parts_.clock.now());
  write(rows);
  return has_asked || !sorted.refused.empty();
}

void TableAsker::recover(const Directory& directory) {
  if (has_recovered_) return;
  const adapter::Found found = lookup_->find(asked_requests, requests_question(ask_, asked_requests),
                                             adapter::most_rows_each, {adapter::most_rows_each, octets_of_recovery});
  take(directory, found, false);
  has_recovered_ = !is_full_;
}

bool TableAsker::read(const Directory& directory) {
  if (parts_.clock.steady() < read_at_) return false;
  read_at_ = parts_.clock.steady() + ask_.poll_interval;
  recover(directory);
  const auto most = static_cast<std::size_t>(ask_.rows);
  const adapter::Found found = lookup_->find(new_requests, requests_question(ask_), most, {most, octets_of_read});
  if (!found.unfit.empty())
    throw Error(ErrorKind::misuse, "QZ-ADP-060", "where of asks " + ask_.name + " holds no value of its column");
  const bool has_moved = take(directory, found, true);
  if (!found.cut.empty() && has_moved && !is_full_) read_at_ = 0;
  return has_moved || has_known_;
}

void TableAsker::say_notices() {
  std::vector<Notice> notices;
  if (is_full_) notices.push_back({NoticeLevel::info, "QZ-AGT-154", ask_.name, "requests wait in " + ask_.table});
  if (nameless_ != 0)
    notices.push_back({NoticeLevel::warning, "QZ-AGT-166", ask_.name, std::to_string(nameless_) + " rows without key"});
  if (!rejected_.empty()) notices.push_back({NoticeLevel::warning, "QZ-AGT-167", ask_.answers, rejected_});
  say(std::move(notices));
}

Progress TableAsker::run_once() {
  const auto directory = parts_.directory.in_force();
  open(*directory);
  const bool has_told = tell();
  const bool has_read = read(*directory);
  say_notices();
  return has_told || has_read ? Progress::moved : Progress::idle;
}

}  // namespace qianzhi::flow

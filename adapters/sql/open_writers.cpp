#include "adapters/sql/open_writers.h"

#include <algorithm>

namespace qianzhi::adapter::sql {

namespace {

// Two machines' clocks run at slightly different speeds.
Micros surely(Micros elapsed) { return elapsed - elapsed / 1000 - 1000; }

}  // namespace

void OpenWriters::raise(std::uint64_t mark) { settled_ = std::max(settled_, mark); }

void OpenWriters::reset() { *this = OpenWriters(); }

void OpenWriters::settle() {
  if (!running_.empty() || !open_.empty()) return;
  waiting_ = false;
  settled_ = std::max(settled_, mark_);
}

void OpenWriters::begin(std::uint64_t mark, const WriterLists& lists) {
  waiting_ = true;
  mark_ = mark;
  heard_ = lists.heard;
  running_.clear();
  open_.clear();
  for (const RunningStatement& statement : lists.statements) running_.insert(statement.session);
  for (const OpenTransaction& transaction : lists.transactions) open_.insert(transaction.number);
  settle();
}

void OpenWriters::look(const WriterLists& lists) {
  std::map<std::uint64_t, Micros> ages;
  for (const RunningStatement& statement : lists.statements) ages[statement.session] = statement.age;
  std::set<std::uint64_t> ended;
  for (const std::uint64_t session : running_) {
    const auto found = ages.find(session);
    const bool another = found != ages.end() && found->second < surely(lists.asked - heard_);
    if (found == ages.end() || another) ended.insert(session);
  }
  std::set<std::uint64_t> still;
  for (const OpenTransaction& transaction : lists.transactions) {
    // What an ended statement has begun may be open, and be nobody's if it was prepared.
    const bool begun = ended.count(transaction.session) != 0 || (transaction.session == 0 && !ended.empty());
    if (begun || open_.count(transaction.number) != 0) still.insert(transaction.number);
  }
  for (const std::uint64_t session : ended) running_.erase(session);
  open_ = std::move(still);
  settle();
}

}  // namespace qianzhi::adapter::sql

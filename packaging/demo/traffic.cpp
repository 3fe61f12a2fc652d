#include "packaging/demo/traffic.h"

#include <algorithm>
#include <chrono>

namespace qianzhi::demo {

namespace {

std::string counter(Provider department, const std::string& table) {
  return std::string(id_of(department)) + "/" + table;
}

}  // namespace

Traffic::Traffic(Generator& generator, const std::vector<Member>& members, std::uint64_t seed, int a_second,
                 std::size_t limit)
    : generator_(generator), members_(members), dice_(Dice::of(seed, 0, 77)), a_second_(a_second), limit_(limit) {
  for (const Member& member : members_) {
    if (!member.provider) continue;
    databases_[*member.provider] = open(member.business);
    for (const Table& table : tables()) {
      if (table.department != *member.provider) continue;
      const auto rows = databases_[*member.provider]->rows("SELECT count(*) FROM " + std::string(table.name));
      committed_[counter(*member.provider, std::string(table.name))] = std::stoull(rows[0][0].value());
    }
  }
}

Traffic::~Traffic() { stop(); }

void Traffic::start() {
  thread_ = std::thread([this] { work(); });
}

void Traffic::stop() {
  {
    const std::scoped_lock lock(mutex_);
    ends_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Traffic::check() {
  const std::scoped_lock lock(mutex_);
  if (failure_) throw Error(*failure_);
}

std::uint64_t Traffic::committed(const std::string& topic) const {
  const Table& table = table_of(topic);
  const std::scoped_lock lock(mutex_);
  const auto found = committed_.find(counter(table.department, std::string(table.name)));
  return found == committed_.end() ? 0 : found->second;
}

std::string Traffic::latest() const {
  const std::scoped_lock lock(mutex_);
  return latest_;
}

void Traffic::commit(Provider department, const Change& change) {
  databases_.at(department)->run(change.statements);
  for (const Statement& statement : change.statements)
    ++committed_[counter(department, table_of_statement(statement.sql))];
  latest_ = change.title;
  ++transactions_;
}

std::string Traffic::commit_faulty_row() {
  const std::scoped_lock lock(mutex_);
  const Change change = generator_.faulty_change();
  commit(Provider::commerce, change);
  return change.statements.front().values.front().value();
}

void Traffic::work() {
  std::unique_lock lock(mutex_);
  try {
    while (!ends_ && (limit_ == 0 || transactions_ < limit_)) {
      // Commerce has most to do.
      const std::size_t chance = dice_.below(10);
      const Provider department = chance < 4   ? Provider::commerce
                                  : chance < 6 ? Provider::quality
                                  : chance < 8 ? Provider::national_tax
                                               : Provider::local_tax;
      commit(department, generator_.next_live_change(department));
      wake_.wait_for(lock, std::chrono::milliseconds(1000 / a_second_), [this] { return ends_; });
    }
  } catch (const Error& error) {
    failure_ = std::make_unique<Error>(error);
  }
  done_ = true;
}

}  // namespace qianzhi::demo

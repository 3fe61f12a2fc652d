// The departments at work: a thread that commits the generator's transactions in their databases.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "hub-protocol/base/error.h"
#include "packaging/demo/database.h"
#include "packaging/demo/firm.h"
#include "packaging/demo/generator.h"
#include "packaging/demo/site.h"

namespace qianzhi::demo {

class Traffic {
 public:
  // generator outlives it. a_second: transactions; limit: after which it rests, 0: none.
  Traffic(Generator& generator, const std::vector<Member>& members, std::uint64_t seed, int a_second,
          std::size_t limit);
  ~Traffic();

  void start();
  void stop();
  bool is_done() const { return done_; }
  std::size_t transactions() const { return transactions_; }
  // Throws what ended the thread, if anything did.
  void check();

  // Rows inserted, changed or removed in the topic's table, the initial ones included.
  std::uint64_t committed(const std::string& topic) const;
  std::string latest() const;
  // Commits one row that its topic must set aside, and returns its registration number. From any thread.
  std::string commit_faulty_row();

 private:
  void work();
  void commit(Provider department, const Change& change);

  Generator& generator_;
  const std::vector<Member>& members_;
  Dice dice_;
  int a_second_;
  std::size_t limit_;
  mutable std::mutex mutex_;  // over everything below
  std::condition_variable wake_;
  bool ends_ = false;
  std::map<Provider, std::unique_ptr<Database>> databases_;
  std::map<std::string, std::uint64_t, std::less<>> committed_;  // by table name, per department
  std::string latest_;
  std::unique_ptr<Error> failure_;
  std::atomic<std::size_t> transactions_ = 0;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

}  // namespace qianzhi::demo

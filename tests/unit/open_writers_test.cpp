// P26: a fence made of two lists, against every order in which sessions draw marks, write, commit and prepare.
#include <catch2/catch.hpp>
#include <random>

#include "adapters/sql/open_writers.h"

namespace qianzhi::adapter::sql {

namespace {

// A server whose sessions draw marks within statements, and write some time later.
class Server {
 public:
  explicit Server(unsigned seed) : random_(seed), sessions_(4) {}

  void step() {
    now_ += 10'000 + random_() % 200'000;
    Session& session = sessions_[random_() % sessions_.size()];
    switch (random_() % 4) {
      case 0:
        if (!session.runs) session = {true, now_, 0, session.open, session.rows};
        break;
      case 1:
        if (session.runs && session.drawn == 0) session.drawn = ++marks_;
        break;
      case 2: write(session); break;
      default: end(session); break;
    }
  }
  // The lists are made at two moments, between which others go on.
  WriterLists lists() {
    WriterLists made;
    made.asked = now_;
    for (std::size_t i = 0; i < sessions_.size(); ++i)
      if (sessions_[i].runs) made.statements.push_back({i + 1, now_ - sessions_[i].since});
    made.heard = now_;
    for (int i = 0; i < 3; ++i) step();
    for (std::size_t i = 0; i < sessions_.size(); ++i)
      if (sessions_[i].open != 0) made.transactions.push_back({sessions_[i].open, i + 1});
    for (const auto& [number, rows] : prepared_) made.transactions.push_back({number, 0});
    return made;
  }
  std::uint64_t draw() { return ++marks_; }
  const std::set<std::uint64_t>& committed() const { return committed_; }

 private:
  struct Session {
    bool runs = false;
    Micros since = 0;
    std::uint64_t drawn = 0;  // not yet written
    std::uint64_t open = 0;
    std::set<std::uint64_t> rows;
  };
  void write(Session& session) {
    if (!session.runs || session.drawn == 0) return;
    if (session.open == 0) session.open = ++transactions_;
    session.rows.insert(session.drawn);
    session.drawn = 0;
  }
  // A statement ends, a transaction commits, or it is prepared and loses its session; or a prepared one commits.
  void end(Session& session) {
    if (session.runs) {
      session.runs = session.drawn != 0;
    } else if (session.open != 0 && random_() % 3 == 0) {
      prepared_[session.open] = session.rows;
      session = {};
    } else if (session.open != 0) {
      committed_.insert(session.rows.begin(), session.rows.end());
      session = {};
    } else if (!prepared_.empty()) {
      committed_.insert(prepared_.begin()->second.begin(), prepared_.begin()->second.end());
      prepared_.erase(prepared_.begin());
    }
  }

  std::mt19937 random_;
  Micros now_ = 1'000'000;
  std::uint64_t marks_ = 0;
  std::uint64_t transactions_ = 0;
  std::vector<Session> sessions_;
  std::map<std::uint64_t, std::set<std::uint64_t>> prepared_;
  std::set<std::uint64_t> committed_;
};

}  // namespace

TEST_CASE("P26 below the fence nothing is committed any more, in 3,000 random schedules, and the fence moves") {
  std::uint64_t moved = 0;
  for (unsigned seed = 1; seed <= 3'000; ++seed) {
    Server server(seed);
    OpenWriters writers;
    std::set<std::uint64_t> read;
    std::uint64_t read_to = 0;
    for (int round = 0; round < 60; ++round) {
      for (int i = 0; i < 4; ++i) server.step();
      if (writers.is_waiting()) {
        writers.look(server.lists());
      } else {
        const std::uint64_t mark = server.draw();
        server.step();
        writers.begin(mark, server.lists());
      }
      if (writers.settled() > read_to) ++moved;
      read_to = writers.settled();
      for (const std::uint64_t mark : server.committed()) {
        if (mark >= read_to) break;
        read.insert(mark);
      }
      // What is committed later must lie behind.
      for (int i = 0; i < 4; ++i) server.step();
      for (const std::uint64_t mark : server.committed()) {
        if (mark >= read_to || read.count(mark) != 0) continue;
        INFO("seed " << seed << ", round " << round << ", mark " << mark << " below " << read_to);
        REQUIRE(false);
      }
    }
  }
  CHECK(moved > 3'000);
}

TEST_CASE("P26 a stored place holds without a look, and another server makes everything unknown") {
  OpenWriters writers;
  CHECK(writers.settled() == 0);
  writers.raise(7);
  CHECK(writers.settled() == 7);
  writers.begin(20, {{{1, 5}}, {}, 100, 200});
  CHECK(writers.is_waiting());
  CHECK(writers.waits_for() == 1);
  // Ran before already, as its age says; then another one.
  writers.look({{{1, 1'000'000}}, {}, 900'000, 900'100});
  CHECK(writers.settled() == 7);
  writers.look({{{1, 1'000}}, {}, 1'900'000, 1'900'100});
  CHECK(writers.settled() == 20);
  writers.reset();
  CHECK(writers.settled() == 0);
}

}  // namespace qianzhi::adapter::sql

// A desk.db with notices and the outlets of a desk.yaml, at a time that the test owns.
#pragma once

#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "agent/desk/outlets/sender.h"
#include "hub-protocol/sqlite/database.h"
#include "hub-protocol/yaml/document.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::test {

class OutletClock final : public Clock {
 public:
  Micros now() const override { return now_; }
  Micros steady() const override { return 0; }
  void pass(Micros time) { now_ += time; }

 private:
  Micros now_ = 1'400'000'000'000'000;  // 2014-05-14 00:53:20 in Beijing
};

class HalfRandom final : public Random {
 public:
  Bytes bytes(std::size_t size) override { return Bytes(size, '\x80'); }
};

// The outlets of a desk.yaml with these texts; a fault fails the test.
inline std::vector<desk::OutletConfig> outlets_of(const std::string& text) {
  yaml::Diagnostics diagnostics;
  const auto root = yaml::parse_document("desk.yaml", text, diagnostics);
  REQUIRE(root.has_value());
  yaml::MapReader reader(&*root, "", diagnostics);
  std::vector<desk::OutletConfig> outlets = desk::read_outlets(reader);
  reader.finish();
  INFO(diagnostics.render());
  REQUIRE(!diagnostics.has_errors());
  return outlets;
}

struct OutletWorld {
  TempDir dir;
  OutletClock clock;
  HalfRandom random;
  std::vector<desk::OutletConfig> outlets;
  std::unique_ptr<sqlite::Database> database;
  std::unique_ptr<desk::NoticeBox> box;

  OutletWorld() { open(); }

  void open() {
    box.reset();
    database = std::make_unique<sqlite::Database>(dir / "desk.db", sqlite::OpenOptions());
    box = std::make_unique<desk::NoticeBox>(*database, "desk");
  }
  void close() {
    box.reset();
    database.reset();
  }
  bool add(const std::string& outlet, const std::string& subject, const std::string& payload = R"({"text":"好"})") {
    sqlite::Transaction transaction(*database);
    const bool added = box->add({outlet, "event", subject, payload}, clock.now());
    transaction.commit();
    return added;
  }
  desk::SendCounts run(const std::function<void(std::string_view)>& passing = {}, std::size_t most = 100) {
    return desk::NoticeSender(*box, outlets, clock, random, passing).run_once(most);
  }
  // A process of its own runs and is killed at this point.
  void run_killed(const std::string& point) {
    close();
    const pid_t child = fork();
    if (child == 0) {
      open();
      run([&](std::string_view at) {
        if (at == point) kill(getpid(), SIGKILL);
      });
      _exit(0);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    open();
  }
  std::string state(std::int64_t id) { return std::string(name_of(box->find(id)->state)); }
  std::string result(std::int64_t id) { return box->find(id)->result; }
  std::string token(std::int64_t id) { return box->find(id)->token; }
  std::string path(const std::string& name) const { return (dir / name).string(); }

  void write(const std::string& name, const std::string& text, bool executable = false) const {
    std::ofstream(dir / name, std::ios::binary) << text;
    using std::filesystem::perms;
    std::filesystem::permissions(dir / name, executable ? perms::owner_all : perms::owner_read | perms::owner_write);
  }
  std::string read(const std::string& name) const {
    std::ifstream file(dir / name, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
};

inline std::size_t occurrences(const std::string& text, const std::string& word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + word.size())) ++count;
  return count;
}

}  // namespace qianzhi::test

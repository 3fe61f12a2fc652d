#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "hub-protocol/base/log.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;

namespace {

// Sends standard error to a file as long as it lives.
class Captured {
 public:
  Captured() : saved_(dup(STDERR_FILENO)) {
    const int file = open((folder_ / "log").c_str(), O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
    dup2(file, STDERR_FILENO);
    close(file);
  }
  ~Captured() {
    dup2(saved_, STDERR_FILENO);
    close(saved_);
    set_log_level(LogLevel::info);
    set_log_form(LogForm::text);
  }
  Captured(const Captured&) = delete;
  Captured& operator=(const Captured&) = delete;

  std::vector<std::string> lines() const {
    std::ifstream stream(folder_ / "log");
    std::vector<std::string> all;
    for (std::string line; std::getline(stream, line);) all.push_back(line);
    return all;
  }

 private:
  test::TempDir folder_;
  int saved_;
};

}  // namespace

TEST_CASE("E: a log line has priority, time, place and sentence") {
  std::vector<std::string> lines;
  {
    const Captured captured;
    log(LogLevel::warning, "commerce-01/topic", "前置 is here");
    lines = captured.lines();
  }
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].substr(0, 5) == "<4>20");
  CHECK(lines[0].find("Z commerce-01/topic: 前置 is here") != std::string::npos);
}

TEST_CASE("A message cannot forge a second line or a control sequence") {
  std::vector<std::string> lines;
  {
    const Captured captured;
    log(LogLevel::info, "wh\nere", std::string_view("a\r\n<3>b\x1b[0m\x7f\0c", 15));
    lines = captured.lines();
  }
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("wh\\x0aere: a\\x0d\\x0a<3>b\\x1b[0m\\x7f\\x00c") != std::string::npos);
}

TEST_CASE("Lines less urgent than the level are dropped") {
  std::vector<std::string> lines;
  {
    const Captured captured;
    log(LogLevel::debug, "a", "dropped by default");
    set_log_level(LogLevel::error);
    log(LogLevel::warning, "a", "dropped");
    log(LogLevel::error, "a", "kept");
    set_log_level(LogLevel::debug);
    log(LogLevel::debug, "a", "kept too");
    lines = captured.lines();
  }
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].substr(0, 3) == "<3>");
  CHECK(lines[1].substr(0, 3) == "<7>");
}

TEST_CASE("E: an error is logged with code and hint, louder when it does not pass by itself") {
  std::vector<std::string> lines;
  {
    const Captured captured;
    log("uplink", Error(ErrorKind::unavailable, "QZ-SQL-001", "seen"));
    log("uplink", Error(ErrorKind::full, "QZ-SQL-002", "seen"));
    log("uplink", Error(ErrorKind::corrupt, "QZ-SQL-003", "seen", "do this"));
    lines = captured.lines();
  }
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].substr(0, 3) == "<4>");
  CHECK(lines[1].substr(0, 3) == "<4>");
  CHECK(lines[2].substr(0, 3) == "<3>");
  CHECK(lines[2].find("QZ-SQL-003: seen -> do this") != std::string::npos);
}

TEST_CASE("Lines of several threads never mix") {
  std::vector<std::string> lines;
  {
    const Captured captured;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([t] {
        for (int i = 0; i < 200; ++i) log(LogLevel::info, "thread", std::string(300, static_cast<char>('a' + t)));
      });
    for (std::thread& thread : threads) thread.join();
    lines = captured.lines();
  }
  REQUIRE(lines.size() == 800);
  for (const std::string& line : lines) {
    const std::string message = line.substr(line.rfind(' ') + 1);
    REQUIRE(message == std::string(300, message[0]));
  }
}

TEST_CASE("E a log in JSON is one object a line, whatever is in it, with code and title in both languages") {
  std::vector<std::string> lines;
  {
    const Captured captured;
    set_log_form(LogForm::json);
    log(LogLevel::notice, "a\"b\\", "前置\n{\x7f");
    log(LogLevel::info, "bad", "\xff\xe5\x89|\xc0\xaf|\xed\xa0\x80|\xf4\x90\x80\x80|\xf0\x9f\x98\x80");
    log(LogLevel::debug, "a", "dropped by default");
    log("uplink", Error(ErrorKind::corrupt, "QZ-BASE-010", "seen", "do this"));
    log("uplink", Error(ErrorKind::unavailable, "QZ-NONE-000", "seen"));
    lines = captured.lines();
  }
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].substr(0, 11) == R"({"time":"20)");
  CHECK(lines[0].find(R"(Z","level":"notice","where":"a\"b\\","text":"前置\u000a{\u007f"})") != std::string::npos);
  const auto count = [&](const std::string& line, const std::string& what) {
    std::size_t found = 0;
    for (std::size_t at = line.find(what); at != std::string::npos; at = line.find(what, at + 1)) ++found;
    return found;
  };
  CHECK(count(lines[1], "\\ufffd") == 12);
  CHECK(lines[1].find("|\xf0\x9f\x98\x80\"}") != std::string::npos);
  CHECK(lines[2].find(R"("level":"error","where":"uplink","text":"QZ-BASE-010: seen","kind":"corrupt",)"
                      R"("code":"QZ-BASE-010","detail":"seen","hint":"do this","zh":")") != std::string::npos);
  CHECK(lines[2].find(R"("en":")") != std::string::npos);
  CHECK(lines[3].find(R"("level":"warning")") != std::string::npos);
  CHECK(lines[3].substr(lines[3].size() - 16) == R"("detail":"seen"})");
}

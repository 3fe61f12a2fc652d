// The parts of hub-protocol/command that need no program.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "hub-protocol/command/bundle.h"
#include "hub-protocol/command/checkup.h"
#include "hub-protocol/command/explain.h"
#include "hub-protocol/command/nearest.h"
#include "hub-protocol/command/outcome.h"
#include "hub-protocol/command/progress.h"
#include "hub-protocol/command/terminal.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;
using namespace qianzhi::command;

namespace {

std::string code_thrown(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  return {};
}

void make_file(const std::filesystem::path& file, mode_t mode) {
  std::ofstream(file) << "x";
  chmod(file.c_str(), mode);
}

}  // namespace

TEST_CASE("E3 the language is the locale's, and both where it names none") {
  for (const char* name : {"QIANZHI_LANG", "LC_ALL", "LC_MESSAGES"}) unsetenv(name);
  const auto with = [](const char* lang) {
    setenv("LANG", lang, 1);
    return language_of_environment();
  };
  CHECK(with("zh_CN.UTF-8") == Language::zh);
  CHECK(with("de_DE.UTF-8") == Language::en);
  CHECK(with("C.UTF-8") == Language::both);
  CHECK(with("") == Language::both);
  setenv("QIANZHI_LANG", "zh", 1);
  CHECK(with("en_US.UTF-8") == Language::zh);
  unsetenv("QIANZHI_LANG");
  CHECK(in_language("队列 / queue", Language::zh) == "队列");
  CHECK(in_language("队列 / queue", Language::en) == "queue");
  CHECK(in_language("JSON", Language::en) == "JSON");
}

TEST_CASE("E3 did you mean what is near, and nothing where nothing is") {
  const std::vector<std::string> known = {"check", "compare", "status", "--purpose"};
  CHECK(nearest("chek", known) == "check");
  CHECK(nearest("hceck", known) == "check");
  CHECK(nearest("--purpos", known) == "--purpose");
  CHECK(nearest("xyz", known).empty());
  CHECK(nearest("", known).empty());
  CHECK(distance("ab", "ba") == 1);
  CHECK(distance("", "abc") == 3);
}

TEST_CASE("columns of Chinese text are two wide") {
  CHECK(width_of("前置机") == 6);
  CHECK(width_of("✓ a") == 3);
  CHECK(padded("前", 4) == "前  ");
  CHECK(painted("a", Colour::red, false) == "a");
}

TEST_CASE("exit statuses go by kind and code") {
  CHECK(status_of(Error(ErrorKind::unavailable, "QZ-LINK-002", "")) == 69);
  CHECK(status_of(Error(ErrorKind::misuse, "QZ-CFG-023", "")) == 78);
  CHECK(status_of(Error(ErrorKind::rejected, "QZ-AGT-071", "")) == 1);
  CHECK(status_of(Error(ErrorKind::rejected, "QZ-HUB-270", "")) == 77);
  CHECK(status_of(Error(ErrorKind::misuse, "QZ-HUB-051", "")) == 2);
}

TEST_CASE("E3 a code is explained in one language, and a wrong one has a nearest") {
  CHECK(explained("link-003", Language::en, false).find("TLS handshake") != std::string::npos);
  CHECK(explained("QZ-LINK-003", Language::en, false).find("现象") == std::string::npos);
  CHECK(code_thrown([] { explained("QZ-LINK-03", Language::en, false); }) == "QZ-CLI-004");
  CHECK(all_codes("QZ-CLI", Language::en, false).find("QZ-CLI-001") == 0);
  CHECK(all_codes("QZ-CLI", Language::en, false).find("QZ-LINK") == std::string::npos);
}

TEST_CASE("doctor tells a missing, an open and a foreign key file, and a full disk") {
  const test::TempDir dir;
  make_file(dir / "key", 0600);
  make_file(dir / "open", 0640);
  CHECK(look_at_secret_file(dir / "key", -1).find("0600") != std::string::npos);
  CHECK(code_thrown([&] { look_at_secret_file(dir / "none", -1); }) == "QZ-CLI-020");
  CHECK(code_thrown([&] { look_at_secret_file(dir / "open", -1); }) == "QZ-CLI-022");
  CHECK(code_thrown([&] { look_at_file(dir.path()); }) == "QZ-CLI-020");
  if (owner_of(dir / "key") == 0) {
    REQUIRE(chown((dir / "key").c_str(), 65534, 65534) == 0);
    CHECK(code_thrown([&] { look_at_secret_file(dir / "key", 65533); }) == "QZ-CLI-023");
  }
  CHECK(code_thrown([&] { look_at_folder(dir.path(), UINT64_MAX); }) == "QZ-CLI-025");
  CHECK(code_thrown([&] { look_at_folder(dir / "key", 0); }) == "QZ-CLI-020");
}

TEST_CASE("a line of doctor has its cure in both languages, and only a failed one is bad") {
  Checkup checkup;
  checkup.add({Mark::warning, "disk", "磁盘 / disk", "QZ-CLI-025", "x", ""});
  CHECK(checkup.is_good());
  CHECK_FALSE(checkup.look("tcp", "连接 / connection",
                           []() -> std::string { throw Error(ErrorKind::unavailable, "QZ-LINK-002", "refused"); }));
  CHECK_FALSE(checkup.is_good());
  const std::string text = checkup.rendered(Language::en, false, false);
  CHECK(text.find("✕ connection  QZ-LINK-002  refused\n     -> ") != std::string::npos);
  CHECK(checkup.rendered(Language::zh, true, false).find(R"("cure_zh":"")") == std::string::npos);
}

TEST_CASE("A what looks like a secret is taken out of a bundle, in any encoding") {
  CHECK(redacted("password: Tax#2024") == "password: (secret)");
  CHECK(redacted("dsn: host=a password=Tax2024 user=b").find("Tax2024") == std::string::npos);
  CHECK(redacted("https://li:Tax2024@hub:8443/") == "https://(secret)@hub:8443/");
  CHECK(redacted("password: {file: /etc/qianzhi/db.pw}") == "password: {file: /etc/qianzhi/db.pw}");
  CHECK(redacted("-----BEGIN PRIVATE KEY-----\nMIIB\nAAAA\n-----END PRIVATE KEY-----\nnext").find("MIIB") ==
        std::string::npos);
  CHECK(redacted("0123456789abcdef0123456789abcdef0123").find("abcdef") == std::string::npos);
  const std::string secret = "Kanarie!9";
  const std::string wide_text = {'K', 0, 'a', 0, 'n', 0, 'a', 0, 'r', 0, 'i', 0, 'e', 0, '!', 0, '9', 0};
  Bundle bundle({secret});
  bundle.add("a.txt", "一 / one", [&] {
    return "Kanarie!9 4b616e617269652139 4B616E617269652139 S2FuYXJpZSE5 eEthbmFyaWUhOQ== Kanarie%219 " + wide_text;
  });
  const std::string content = bundle.parts().front().content;
  INFO(content);
  for (const char* form : {"Kanarie", "4b616e", "4B616E", "S2FuYXJp", "thbmFyaWU"})
    CHECK(content.find(form) == std::string::npos);
  CHECK(content.find(wide_text) == std::string::npos);
  const test::TempDir dir;
  bundle.write(dir / "b.zip");
  CHECK(code_thrown([&] { bundle.write(dir / "b.zip"); }) == "QZ-CLI-060");
}

TEST_CASE("progress tells what is known and guesses nothing else") {
  CHECK(progress_text(250, std::nullopt, 10'000'000) == "250");
  CHECK(progress_text(250, 1000, 10'000'000) == "[#####...............]  25%  250/1000  剩余 left 30s");
  CHECK(progress_text(1, 1000, 10'000'000).find("left") == std::string::npos);
  CHECK(progress_text(500, 1000, 1'000'000).find("left") == std::string::npos);
  CHECK(progress_text(1500, 1000, 10'000'000) == "[####################] 100%  1500/1000");
  CHECK(progress_text(5, 0, 0) == "5");
}

TEST_CASE("progress where nobody looks is a whole line now and then") {
  class StepClock final : public Clock {
   public:
    Micros now() const override { return time; }
    Micros steady() const override { return time; }
    Micros time = 5'000'000;
  };
  const test::TempDir folder;
  StepClock clock;
  const int saved = dup(STDERR_FILENO);
  const int file = open((folder / "err").c_str(), O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
  dup2(file, STDERR_FILENO);
  {
    Progress progress(clock, 1000);
    for (int second = 1; second <= 25; ++second) {
      clock.time += 1'000'000;
      progress.at(static_cast<std::uint64_t>(second) * 10);
    }
  }
  dup2(saved, STDERR_FILENO);
  close(saved);
  close(file);
  std::ostringstream text;
  text << std::ifstream(folder / "err").rdbuf();
  CHECK(text.str() == progress_text(100, 1000, 10'000'000) + "\n" + progress_text(200, 1000, 20'000'000) + "\n");
}

// The command lines of the three programs, as a person, a script or a shell uses them.
#include <Poco/JSON/Parser.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/crash/program.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;

namespace {

const std::string bin = QIANZHI_PROGRAMS "/";
const std::vector<std::string> programs = {"qianzhi", "qianzhi-hub", "qianzhi-desk"};

class Shell {
 public:
  // Standard output and error together; env: NAME=value.
  crash::Output run(std::vector<std::string> words, const std::vector<std::string>& environment = {}) const {
    words[0] = bin + words[0];
    std::vector<std::string> command = {"/usr/bin/env", "-u", "LC_ALL", "LANG=C"};
    command.insert(command.end(), environment.begin(), environment.end());
    command.insert(command.end(), words.begin(), words.end());
    return crash::run(command, dir_ / "out");
  }
  crash::Output script(const std::string& interpreter, const std::string& text) const {
    return crash::run({"/usr/bin/env", interpreter, "-c", text}, dir_ / "out");
  }
  Poco::Dynamic::Var json(std::vector<std::string> words) const {
    words.emplace_back("--json");
    const std::string text = run(std::move(words)).text;
    INFO(text);
    CHECK(text.find('\n') == text.size() - 1);
    return Poco::JSON::Parser().parse(text);
  }
  std::string file(const std::string& name) const { return (dir_ / name).string(); }
  bool has(const std::string& program) const { return script("bash", "command -v " + program).exit == 0; }

 private:
  test::TempDir dir_;
};

bool has(const crash::Output& output, const std::string& text) { return output.text.find(text) != std::string::npos; }

bool has_han(const std::string& text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 0xE4U && static_cast<unsigned char>(c) <= 0xE9U) return true;
  return false;
}

std::string field(const Poco::Dynamic::Var& value, const std::string& name) {
  return value.extract<Poco::JSON::Object::Ptr>()->getValue<std::string>(name);
}

// A configuration that is good, of an agent that does not run.
std::string small_agent(const Shell& shell) {
  std::ofstream(shell.file("agent.yaml")) << "version: 1\nagent: {id: a-01, name: 测试}\n"
                                             "exchange:\n  url: \"https://127.0.0.1:9\"\n"
                                             "  certificate: a.crt\n  private_key: {file: a.key}\n"
                                             "  signing_key: {file: s.key}\n  trust: ca.crt\n  directory_key: d.pub\n"
                                             "queue: {path: q.db, key: {file: q.key}, max_size: 1GiB}\n";
  return shell.file("agent.yaml");
}

}  // namespace

TEST_CASE("E3 a bare program prints its help, in the language asked for") {
  const Shell shell;
  for (const std::string& program : programs) {
    INFO(program);
    const crash::Output bare = shell.run({program});
    CHECK(bare.exit == 2);
    CHECK(has(bare, "explain"));
    const crash::Output english = shell.run({program, "--help", "--lang", "en"});
    CHECK(english.exit == 0);
    CHECK(has(english, "exit status"));
    CHECK_FALSE(has_han(english.text));
    CHECK(has_han(shell.run({program, "help"}, {"LANG=zh_CN.UTF-8"}).text));
    CHECK_FALSE(has(shell.run({program, "help"}, {"LANG=zh_CN.UTF-8"}), "usage"));
    CHECK_FALSE(has(shell.run({program, "--help"}, {"TERM=xterm"}), "\033["));
  }
}

TEST_CASE("E3 every verb and option is told in Chinese and in English") {
  const Shell shell;
  for (const std::string& program : programs) {
    INFO(program);
    const std::string english = shell.run({program, "man", "--lang", "en"}).text;
    CHECK_FALSE(has_han(english));
    // Each heading of a verb is followed by its synopsis, a break and its text.
    const std::string chinese = shell.run({program, "man", "--lang", "zh"}).text;
    std::size_t verbs = 0;
    for (std::size_t at = chinese.find("\n.SS "); at != std::string::npos; at = chinese.find("\n.SS ", at + 1)) {
      const std::size_t text = chinese.find("\n.PP\n", at) + 5;
      INFO(chinese.substr(at, text - at + 60));
      CHECK(has_han(chinese.substr(text, chinese.find('\n', text) - text)));
      ++verbs;
    }
    CHECK(verbs > 12);
  }
}

TEST_CASE("E3 a wrong line is told with the nearest right word, and status 2") {
  const Shell shell;
  CHECK(has(shell.run({"qianzhi", "chek"}), "did you mean: check"));
  CHECK(has(shell.run({"qianzhi", "quarantine", "skpi"}), "did you mean: skip"));
  CHECK(has(shell.run({"qianzhi-hub", "grant", "add", "--purpos", "x"}), "did you mean: --purpose"));
  CHECK(has(shell.run({"qianzhi-desk", "case", "lst"}), "did you mean: list"));
  CHECK(has(shell.run({"qianzhi", "explain", "QZ-LINK-03"}), "QZ-LINK-003"));
  // A word that the hub takes out before it looks at a verb's own.
  const std::string none = shell.file("none");
  CHECK(shell.run({"qianzhi-hub", "account", "enable", "x", "--break-glass", "y", "-c", none}).exit == 78);
  CHECK(shell.run({"qianzhi-hub", "status", "--break-glass", "y", "-c", none}).exit == 2);
  // --from is a file of a catalogue and a day of an audit.
  CHECK(field(shell.json({"qianzhi-hub", "ledger", "--from", "2026-11-01", "-c", none}), "code") == "QZ-CFG-023");
  CHECK(field(shell.json({"qianzhi-hub", "catalogue", "put", "--from", none, "-c", none}), "code") == "QZ-HUB-041");
  // No abbreviations.
  CHECK(shell.run({"qianzhi", "check", "--cat", "x"}).exit == 2);
  CHECK(shell.run({"qianzhi", "stat"}).exit == 2);
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"qianzhi", "chek"},
                                                {"qianzhi", "sample"},
                                                {"qianzhi", "plan", "all"},
                                                {"qianzhi-hub", "quarantine"},
                                                {"qianzhi-hub", "agent"},
                                                {"qianzhi-desk", "juge"},
                                                {"qianzhi", "status", "x"}})
    CHECK(shell.run(wrong).exit == 2);
}

TEST_CASE("E3 JSON is one value, also of what went wrong") {
  const Shell shell;
  CHECK(field(shell.json({"qianzhi", "chek"}), "code") == "QZ-CLI-001");
  CHECK(field(shell.json({"qianzhi-hub", "status", "-c", shell.file("none")}), "code") == "QZ-CFG-023");
  CHECK(field(shell.json({"qianzhi-hub", "agent", "revoke", "x"}), "code") == "QZ-CLI-005");
  CHECK(field(shell.json({"qianzhi", "explain", "QZ-CLI-005"}), "code") == "QZ-CLI-005");
  CHECK(shell.json({"qianzhi-desk", "explain"}).extract<Poco::JSON::Array::Ptr>()->size() > 200);
  for (const std::string& program : programs) {
    CHECK(field(shell.json({program, "version"}), "program") == program);
    // A text becomes a value, too.
    CHECK(field(shell.json({program, "completion", "bash"}), "status") == "0");
    CHECK(field(shell.json({program, "help"}), "path") == program);
    CHECK(field(shell.json({program, "help"}), "verbs").find("--find") != std::string::npos);
    CHECK(field(shell.json({program, "help", "man"}), "path") == program + " man");
  }
}

TEST_CASE("E3 exit statuses are those of the manual") {
  const Shell shell;
  const std::string config = small_agent(shell);
  CHECK(shell.run({"qianzhi", "version"}).exit == 0);
  CHECK(shell.run({"qianzhi", "doctor", "-c", config}).exit == 1);
  CHECK(shell.run({"qianzhi", "version", "--wrong"}).exit == 2);
  CHECK(shell.run({"qianzhi", "status", "-c", config}).exit == 69);
  CHECK(shell.run({"qianzhi", "status", "-c", shell.file("none")}).exit == 78);
  CHECK(shell.run({"qianzhi", "quarantine", "skip", "1", "--reason", "x", "-c", config}).exit == 2);
  CHECK(shell.run({"qianzhi", "quarantine", "skip", "1", "--reason", "x", "--yes", "-c", config}).exit == 69);
  chmod(config.c_str(), 0);
  if (getuid() != 0) CHECK(shell.run({"qianzhi", "status", "-c", config}).exit == 77);
  const bool can_drop = getuid() == 0 && shell.script("bash", "setpriv --reuid=65534 --clear-groups test -x " + bin +
                                                                  "qianzhi && setpriv --reuid=65534 true")
                                                 .exit == 0;
  if (!can_drop) return;
  chmod(std::filesystem::path(config).parent_path().c_str(), 0755);
  const crash::Output nobody =
      shell.script("bash", "setpriv --reuid=65534 --clear-groups " + bin + "qianzhi status -c " + config);
  CHECK(nobody.exit == 77);
  CHECK(has(nobody, "QZ-CLI-011"));
  // A socket that is there, but not for this user.
  chmod(config.c_str(), 0644);
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  shell.file("q.db.sock").copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(chmod(address.sun_path, 0600) == 0);
  const crash::Output refused =
      shell.script("bash", "setpriv --reuid=65534 --clear-groups " + bin + "qianzhi status -c " + config);
  close(listener);
  CHECK(refused.exit == 77);
  CHECK(has(refused, "QZ-CLI-010"));
}

TEST_CASE("E3 completion works in a real bash") {
  const Shell shell;
  const auto complete = [&](const std::string& program, const std::string& words, int at) {
    std::string function = "_" + program;
    for (char& c : function) c = c == '-' ? '_' : c;
    return shell
        .script("bash", "set -eu; source <(" + bin + program + " completion bash); COMP_WORDS=(" + program + " " +
                            words + "); COMP_CWORD=" + std::to_string(at) + "; " + function +
                            "; echo \"${COMPREPLY[@]-}\"")
        .text;
  };
  CHECK(complete("qianzhi", "quar", 1) == "quarantine\n");
  CHECK(complete("qianzhi", "quarantine sk", 2) == "skip\n");
  CHECK(complete("qianzhi", "-c /etc/passwd quarantine sk", 4) == "skip\n");
  CHECK(complete("qianzhi", "quarantine skip --rea", 3) == "--reason\n");
  CHECK(complete("qianzhi", "plan un", 2) == "uninstall\n");
  CHECK(complete("qianzhi", "enrol --algorithm s", 3) == "sm2\n");
  CHECK(complete("qianzhi", "status --conf", 2) == "--config\n");
  CHECK(complete("qianzhi", "-c /etc/hostn", 2) == "/etc/hostname\n");
  CHECK(complete("qianzhi-hub", "agent rev", 2) == "revoke\n");
  CHECK(complete("qianzhi-hub", "account add --role sec", 4) == "security\n");
  CHECK(complete("qianzhi-desk", "case out", 2) == "outcome\n");
}

TEST_CASE("E3 completion works in a real zsh") {
  const Shell shell;
  if (!shell.has("zsh")) {
    WARN("no zsh here");
    return;
  }
  const auto complete = [&](const std::string& program, const std::string& words, int at) {
    std::string function = "_" + program;
    for (char& c : function) c = c == '-' ? '_' : c;
    return shell
        .script("zsh", "compdef() { : }; compadd() { shift; print -r -- \"$@\" }; _files() { print files }; source <(" +
                           bin + program + " completion zsh); words=(" + program + " " + words +
                           "); CURRENT=" + std::to_string(at) + "; " + function)
        .text;
  };
  CHECK(complete("qianzhi", "quarantine ''", 3) == "list show retry skip\n");
  CHECK(complete("qianzhi", "-c x quarantine ''", 5) == "list show retry skip\n");
  CHECK(complete("qianzhi", "-c ''", 3) == "files\n");
  CHECK(complete("qianzhi-hub", "account add --role ''", 5) == "system security audit\n");
}

TEST_CASE("E3 manual pages are clean") {
  const Shell shell;
  const bool has_mandoc = shell.has("mandoc");
  const bool has_man = shell.has("man");
  if (!has_mandoc && !has_man) {
    WARN("neither mandoc nor man here");
    return;
  }
  for (const std::string& program : programs)
    for (const std::string language : {"zh", "en"}) {
      const std::string page = shell.file(program + "." + language + ".1");
      std::ofstream(page) << shell.run({program, "man", "--lang", language}).text;
      INFO(program << " " << language);
      // Without a date the same sources give the same page.
      if (has_mandoc)
        CHECK(shell.script("bash", "mandoc -K utf-8 -Tlint -W warning " + page + " | grep -v 'missing date'")
                  .text.empty());
      if (has_man) {
        const crash::Output shown = shell.script("bash", "LC_ALL=C.UTF-8 man --warnings -l " + page + " >" + page +
                                                             ".txt; cat " + page + ".txt | wc -l >&2");
        CHECK_FALSE(has(shown, "warning"));
        CHECK(crash::text_of(page + ".txt").find(program) != std::string::npos);
      }
    }
}

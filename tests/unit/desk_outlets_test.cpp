// Notices on their way out: by file, statement and command, and the pace of all outlets. By whom they are not
// doubled, whatever dies in between.
#include <catch2/catch.hpp>

#include <set>

#include "agent/desk/outlets/pace.h"
#include "agent/desk/outlets/text_template.h"
#include "desk_outlet_support.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using namespace qianzhi::test;

TEST_CASE("S2.3 a notice is made once for its outlet, event and subject, for ever") {
  OutletWorld world;
  CHECK(world.add("a", "1"));
  CHECK(!world.add("a", "1"));
  CHECK(world.add("b", "1"));
  CHECK(world.add("a", "2"));
  std::set<std::string> tokens;
  for (const desk::Notice& notice : world.box->list(std::nullopt, 10)) tokens.insert(notice.token);
  CHECK(tokens.size() == 3);
  CHECK(tokens.begin()->size() == 64);
  {
    sqlite::Transaction rolled_back(*world.database);
    world.box->add({"a", "event", "3", "{}"}, 1);
  }
  CHECK(world.box->counts()["waiting"] == 3);
}

TEST_CASE("a file gets each notice once, killed before or after it was written") {
  OutletWorld world;
  world.outlets = outlets_of("outlets:\n  - {id: list, kind: file, file: " + world.path("list.json") + "}\n");
  for (const char* point : {"notice.marked", "notice.sent"}) {
    const std::string subject = point;
    world.add("list", subject);
    world.run_killed(point);
    CHECK(world.box->counts()["sending"] == 1);
    CHECK(world.run().sent == 1);
    CHECK(occurrences(world.read("list.json"), subject) == 1);
  }
  CHECK(occurrences(world.read("list.json"), "\n") == 2);
}

TEST_CASE("a torn line is finished, a file that was taken away leaves the notice uncertain") {
  OutletWorld world;
  world.outlets = outlets_of("outlets:\n  - {id: list, kind: file, file: " + world.path("l.csv") +
                             ", format: csv, columns: [subject, text]}\n");
  world.add("list", "one");
  CHECK(world.run().sent == 1);
  const std::string whole = world.read("l.csv");
  CHECK(whole == "\xEF\xBB\xBFid,subject,text\r\n" + world.token(1) + ",one,好\r\n");
  world.add("list", "two");
  world.run_killed("notice.marked");
  world.write("l.csv", whole + world.token(2).substr(0, 20));
  CHECK(world.run().sent == 1);
  CHECK(world.read("l.csv") == whole + world.token(2) + ",two,好\r\n");
  world.add("list", "three");
  world.run_killed("notice.marked");
  std::filesystem::remove(world.dir / "l.csv");
  CHECK(world.run().uncertain == 1);
  CHECK(world.state(3) == "uncertain");
}

TEST_CASE("a spreadsheet takes no value of a notice for a formula, and no line end for a line") {
  OutletWorld world;
  world.outlets = outlets_of("outlets:\n  - {id: list, kind: file, file: " + world.path("l.csv") +
                             ", format: csv, columns: [text]}\n");
  world.add("list", "one", R"({"text":"=1+1\nx"})");
  world.run();
  CHECK(world.read("l.csv").find(",'=1+1 x\r\n") != std::string::npos);
}

TEST_CASE("S2.11 a statement runs once in effect, and a value is never SQL") {
  OutletWorld world;
  {
    sqlite::Database own(world.dir / "own.db", {});
    own.execute("CREATE TABLE todo(subject TEXT NOT NULL, text TEXT)");
  }
  world.outlets = outlets_of("outlets:\n  - {id: own, kind: statement, file: " + world.path("own.db") +
                             ", statement: \"INSERT INTO todo VALUES(?1, ?2)\", values: [subject, text]}\n");
  world.add("own", "x'); DROP TABLE todo; --", R"({"text":"'); DELETE FROM todo; --"})");
  world.run_killed("notice.sent");
  CHECK(world.run().sent == 1);
  CHECK(world.result(1) == "was done before");
  world.add("own", "marked");
  world.run_killed("notice.marked");
  CHECK(world.run().sent == 1);
  sqlite::Database own(world.dir / "own.db", {});
  CHECK(own.scalar("SELECT count(*) FROM todo") == 2);
  CHECK(own.scalar("SELECT count(*) FROM todo WHERE text LIKE '%DELETE FROM todo%'") == 1);
}

TEST_CASE("a statement that a constraint refuses fails, one with other parameters too, a missing file waits") {
  OutletWorld world;
  {
    sqlite::Database own(world.dir / "own.db", {});
    own.execute("CREATE TABLE todo(subject TEXT CHECK(subject <> 'bad'))");
  }
  world.outlets = outlets_of(
      "outlets:\n"
      "  - {id: own, kind: statement, file: " +
      world.path("own.db") +
      ", statement: \"INSERT INTO todo VALUES(?1)\", values: [subject]}\n"
      "  - {id: few, kind: statement, file: " +
      world.path("own.db") +
      ", statement: \"INSERT INTO todo VALUES(?1)\", values: []}\n"
      "  - {id: gone, kind: statement, file: " +
      world.path("gone.db") + ", statement: \"SELECT 1\", values: []}\n");
  world.add("own", "bad");
  world.add("few", "x");
  world.add("gone", "x");
  const desk::SendCounts counts = world.run();
  CHECK(counts.failed == 2);
  CHECK(counts.later == 1);
  CHECK(world.state(1) == "failed");
  CHECK(world.result(2).substr(0, 10) == "QZ-DSK-100");
  CHECK(world.state(3) == "waiting");
}

TEST_CASE("a command gets its notice on standard input, the token, and nothing else of ours") {
  OutletWorld world;
  world.write("run.sh",
              "#!/bin/sh\ncat > " + world.path("in") + "\necho \"$QIANZHI_NOTICE $# $1\" > " + world.path("out") +
                  "\nenv | cut -d= -f1 | sort | tr '\\n' ' ' > " + world.path("env") +
                  "\nls /proc/self/fd | tr '\\n' ' ' > " + world.path("fd") + "\n",
              true);
  world.outlets =
      outlets_of("outlets:\n  - {id: c, kind: command, program: [" + world.path("run.sh") + ", \"$(id)\"]}\n");
  setenv("QIANZHI_SECRET_OF_A_TEST", "x", 1);
  world.add("c", "`touch /tmp/x`");
  CHECK(world.run().sent == 1);
  unsetenv("QIANZHI_SECRET_OF_A_TEST");
  CHECK(world.read("in").find(R"("subject":"`touch /tmp/x`")") != std::string::npos);
  CHECK(world.read("in").find(R"("fields":{"text":"好"})") != std::string::npos);
  CHECK(world.read("out") == world.token(1) + " 1 $(id)\n");
  CHECK(world.read("env").find("QIANZHI_SECRET_OF_A_TEST") == std::string::npos);
  // 3 is the folder that ls itself reads.
  CHECK(world.read("fd") == "0 1 2 3 ");
}

TEST_CASE("how a command ends says what became of its notice") {
  OutletWorld world;
  std::string text = "outlets:\n";
  for (const auto& [name, body] : std::map<std::string, std::string>{{"later", "exit 75"},
                                                                     {"never", "exit 3"},
                                                                     {"killed", "kill -9 $$"},
                                                                     {"slow", "read line; exec tail -f /dev/null"}}) {
    world.write(name + ".sh", "#!/bin/sh\n" + body + "\n", true);
    text += "  - {id: " + name + ", kind: command, timeout: 200ms, program: [" + world.path(name + ".sh") + "]}\n";
    world.add(name, "x");
  }
  world.outlets = outlets_of(text + "  - {id: none, kind: command, program: [/nonexistent]}\n");
  world.add("none", "x");
  world.run();
  std::map<std::string, std::string> states;
  for (const desk::Notice& notice : world.box->list(std::nullopt, 10))
    states[notice.outlet] = std::string(name_of(notice.state)) + " " + notice.result.substr(0, 10);
  CHECK(states["later"] == "waiting QZ-DSK-101");
  CHECK(states["never"] == "failed QZ-DSK-102");
  CHECK(states["killed"] == "uncertain QZ-DSK-103");
  CHECK(states["slow"] == "uncertain QZ-DSK-103");
  CHECK(states["none"] == "waiting QZ-DSK-105");
}

TEST_CASE("a command that was killed with the desk is not repeated, unless that is configured") {
  OutletWorld world;
  world.write("run.sh", "#!/bin/sh\necho x >> " + world.path("ran") + "\n", true);
  const std::string text = "outlets:\n  - {id: c, kind: command, program: [" + world.path("run.sh") + "]";
  world.outlets = outlets_of(text + "}\n");
  world.add("c", "1");
  world.run_killed("notice.sent");
  CHECK(world.run().sent == 0);
  CHECK(world.state(1) == "uncertain");
  CHECK(world.read("ran") == "x\n");
  // A person knows better.
  world.box->again(1, world.clock.now());
  CHECK(world.run().sent == 1);
  check_throws("QZ-DSK-107", [&] { world.box->again(1, 0); });
  check_throws("QZ-DSK-107", [&] { world.box->drop(1, 0); });
  world.outlets = outlets_of(text + ", repeat_uncertain: true}\n");
  world.add("c", "2");
  world.run_killed("notice.marked");
  CHECK(world.run().sent == 1);
  CHECK(world.read("ran") == "x\nx\nx\n");
}

TEST_CASE("tries are spaced more and more, and end when the notice is too old") {
  OutletWorld world;
  world.outlets = outlets_of("outlets:\n  - {id: f, kind: file, file: " + world.path("no/such/folder") +
                             ", first_delay: 10s, longest_delay: 40s, give_up: 100s}\n");
  world.add("f", "1");
  std::vector<Micros> delays;
  for (int i = 0; i < 10 && world.state(1) == "waiting"; ++i) {
    world.run();
    CHECK(world.run().later == 0);
    const Micros delay = world.box->find(1)->next - world.clock.now();
    delays.push_back(delay / 1'000'000);
    world.clock.pass(delay);
  }
  CHECK(delays == std::vector<Micros>{10, 20, 40, 40, 0});
  CHECK(world.state(1) == "failed");
  CHECK(world.result(1).substr(0, 10) == "QZ-DSK-104");
}

TEST_CASE("an outlet sends no more than its rate, and nothing in its quiet hours") {
  OutletWorld world;
  world.outlets = outlets_of("outlets:\n  - {id: f, kind: file, file: " + world.path("f") +
                             ", rate: {most: 3, per: 1m}, quiet: \"21:00-08:00\"}\n");
  for (int i = 0; i < 5; ++i) world.add("f", std::to_string(i));
  CHECK(world.run().sent == 0);
  desk::NoticeSender sender(*world.box, world.outlets, world.clock, world.random);
  const auto morning = sender.next(world.clock.now());
  REQUIRE(morning.has_value());
  CHECK(to_text(*morning) == "2014-05-14T00:00:00.000000Z");
  world.clock.pass(*morning - world.clock.now());
  CHECK(world.run().sent == 3);
  CHECK(world.run().sent == 0);
  world.clock.pass(*sender.next(world.clock.now()) - world.clock.now());
  CHECK(world.run().sent == 2);
  CHECK(!sender.next(world.clock.now()).has_value());
}

TEST_CASE("quiet hours may pass midnight") {
  const Micros midnight = 1'399'996'800'000'000;  // 2014-05-14 00:00 in Beijing
  const auto at = [&](int hour, int minute) { return midnight + (hour * 60 + minute) * Micros{60'000'000}; };
  const std::vector<desk::QuietHours> night{*desk::parse_quiet("21:00-08:00")};
  CHECK(desk::is_quiet(night, at(0, 0)));
  CHECK(desk::is_quiet(night, at(7, 59)));
  CHECK(!desk::is_quiet(night, at(8, 0)));
  CHECK(!desk::is_quiet(night, at(20, 59)));
  CHECK(desk::is_quiet(night, at(21, 0)));
  const std::vector<desk::QuietHours> noon{*desk::parse_quiet("12:00-13:30")};
  CHECK(desk::is_quiet(noon, at(13, 29)));
  CHECK(!desk::is_quiet(noon, at(13, 30)));
  for (const char* bad : {"", "21-08", "24:01-08:00", "12:60-13:00", "08:00-08:00", "aa:00-08:00", "08:00-09:00 "})
    CHECK(!desk::parse_quiet(bad).has_value());
}

TEST_CASE("one outlet that does not answer holds up no other") {
  OutletWorld world;
  world.outlets = outlets_of("outlets:\n  - {id: bad, kind: file, file: " + world.path("no/such/folder") +
                             "}\n  - {id: good, kind: file, file: " + world.path("good") + "}\n");
  for (int i = 0; i < 3; ++i) {
    world.add("bad", std::to_string(i));
    world.add("good", std::to_string(i));
  }
  const desk::SendCounts counts = world.run();
  CHECK(counts.sent == 3);
  CHECK(counts.later == 1);
}

TEST_CASE("what was told to whom is forgotten, that it was told is not") {
  OutletWorld world;
  world.outlets = outlets_of("outlets:\n  - {id: f, kind: file, file: " + world.path("f") + "}\n");
  world.add("f", "1", R"({"phone":"13800000000"})");
  world.run();
  world.add("f", "2", R"({"phone":"13800000001"})");
  world.clock.pass(100'000'000);
  CHECK(world.box->forget(world.clock.now()) == 1);
  CHECK(world.box->find(1)->payload == "{}");
  CHECK(world.box->find(2)->payload != "{}");
  CHECK(!world.add("f", "1"));
}

TEST_CASE("values are put into templates as they are") {
  const desk::TextTemplate text("{{x}} {a}，{b_1}{a}");
  CHECK(text.names() == std::vector<std::string>{"a", "b_1"});
  CHECK(text.render({{"a", "{b_1}"}, {"b_1", "}}"}}) == "{x} {b_1}，}}{b_1}");
  CHECK(text.render({}) == "{x} ，");
  for (const char* bad : {"{", "}", "{a", "a}", "{}", "{A}", "{a b}", "{{a}"})
    check_throws("QZ-DSK-100", [&] { desk::TextTemplate{bad}; });
}

TEST_CASE("every fault in outlets of desk.yaml is told, with its line") {
  yaml::Diagnostics diagnostics;
  const auto root = yaml::parse_document("desk.yaml",
                                         "outlets:\n"
                                         "  - {id: a, kind: webhook, url: \"http://far.example/\"}\n"
                                         "  - {id: b, kind: webhook, url: \"https://169.254.169.254/x\"}\n"
                                         "  - {id: c, kind: webhook, url: \"file:///etc/passwd\"}\n"
                                         "  - {id: d, kind: command, program: [notify]}\n"
                                         "  - {id: e, kind: fax}\n"
                                         "  - {id: f, kind: file, file: f, quiet: \"late\"}\n"
                                         "  - {id: f, kind: file, file: f}\n"
                                         "  - {id: g, kind: webhook, url: \"https://u:p@far.example/\"}\n"
                                         "  - {id: h, kind: smtp, host: m, from: a@b}\n",
                                         diagnostics);
  REQUIRE(root.has_value());
  yaml::MapReader reader(&*root, "", diagnostics);
  desk::read_outlets(reader);
  reader.finish();
  const std::string text = diagnostics.render();
  INFO(text);
  for (int line = 2; line <= 10; ++line) {
    INFO(line);
    CHECK(text.find("desk.yaml:" + std::to_string(line) + ":") != std::string::npos);
  }
}

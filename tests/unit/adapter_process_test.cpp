// Adapters that crash, hang, lie or are not there. Each is a shell script in the place of the program.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "adapters/api/channel.h"
#include "adapters/api/process_adapter.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"
#include "tests/support/children.h"
#include "tests/support/errors.h"
#include "tests/support/memory.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::adapter {

namespace {

// Each look at the clock makes most of a minute pass.
class HurryingClock final : public Clock {
 public:
  Micros now() const override { return 0; }
  Micros steady() const override { return time_ += 29'999'000; }

 private:
  mutable Micros time_ = 0;
};

// The true time until it is told to hurry: then each look makes almost all of an answer's time pass.
class PatientClock final : public Clock {
 public:
  Micros now() const override { return 0; }
  Micros steady() const override { return hurries_ ? time_ += 299'999'000 : time_ = system_.steady(); }
  void hurry() { hurries_ = true; }

 private:
  SystemClock system_;
  mutable Micros time_ = 0;
  bool hurries_ = false;
};

class Script {
 public:
  explicit Script(const std::string& text) {
    std::ofstream(path()) << "#!/bin/bash\n" << text << "\n";
    std::filesystem::permissions(path(), std::filesystem::perms::owner_all);
  }
  std::filesystem::path path() const { return directory_ / "adapter"; }
  std::string file(const std::string& suffix) const {
    std::ifstream in(path().string() + suffix);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }

 private:
  test::TempDir directory_;
};

std::string code_of(const std::filesystem::path& program, const Clock& clock) {
  const auto adapter = make_process_adapter(program, clock);
  const auto source =
      adapter->open_source({{{{"file", "f"}}, {{"password", "hunter2"}}}, "s", CaptureMode::journal, {}, 0});
  try {
    source->present();
  } catch (const Error& error) {
    CHECK(test::children().empty());
    return error.code();
  }
  return {};
}

// Reads the agent's hello and answers with these octets (a printf format).
std::string answering(const std::string& octets) { return "head -c 8 <&3 >/dev/null; printf '" + octets + "' >&3; "; }

constexpr const char* greeting = "\\000\\000\\000\\004\\032\\002\\010\\001";

}  // namespace

TEST_CASE("an adapter program that is missing, or ends before it greets, is an installation fault") {
  const SystemClock clock;
  CHECK(code_of("/nowhere/qianzhi-adapter-x", clock) == "QZ-ADP-001");
  CHECK(code_of(Script("exit 3").path(), clock) == "QZ-ADP-001");
  CHECK(code_of(Script("kill -SEGV $$").path(), clock) == "QZ-ADP-001");
}

TEST_CASE("P24 an adapter that crashes during a call makes it unavailable, and the next call starts another one") {
  const SystemClock clock;
  const Script script(answering(greeting) + "echo x >> \"$0.starts\"; kill -SEGV $$");
  const auto adapter = make_process_adapter(script.path(), clock);
  const auto source = adapter->open_source({{}, "s", CaptureMode::journal, {}, 0});
  for (int i = 0; i < 2; ++i) {
    try {
      source->present();
      FAIL("answered");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::unavailable);
      CHECK(error.code() == "QZ-ADP-002");
    }
  }
  CHECK(script.file(".starts") == "x\nx\n");
}

TEST_CASE("A hostile adapter that announces a huge message, sends garbage or another reply is killed") {
  const SystemClock clock;
  const std::string stay = "exec cat <&3";
  CHECK(code_of(Script(answering("\\377\\377\\377\\377") + stay).path(), clock) == "QZ-ADP-005");
  CHECK(code_of(Script(answering("\\000\\000\\000\\003\\377\\377\\377") + stay).path(), clock) == "QZ-ADP-004");
  CHECK(code_of(Script(answering("\\000\\000\\000\\000") + stay).path(), clock) == "QZ-ADP-004");
  // A plan instead of a greeting, and a greeting of version 2.
  CHECK(code_of(Script(answering("\\000\\000\\000\\002\\052\\000") + stay).path(), clock) == "QZ-ADP-006");
  CHECK(code_of(Script(answering("\\000\\000\\000\\004\\032\\002\\010\\002") + stay).path(), clock) == "QZ-ADP-006");
}

TEST_CASE("an adapter that hangs is killed when its time is over") {
  const HurryingClock clock;
  CHECK(code_of(Script("exec sleep 1000").path(), clock) == "QZ-ADP-003");
}

namespace {

// The shipped proxy before a real child that breaks its promises in this way.
struct HostileChild {
  explicit HostileChild(const std::string& mode, const Clock& clock)
      : script(std::string("echo x >> \"$0.starts\"; exec ") + QIANZHI_HOSTILE_ADAPTER + " '" + mode + "'"),
        adapter(make_process_adapter(script.path(), clock)) {}
  std::unique_ptr<Source> source() const {
    return adapter->open_source({{}, "s", CaptureMode::journal, {{"firm", {"id", "name"}, {"id"}, {}}}, 0});
  }
  std::unique_ptr<Target> target() const {
    TargetTable table;
    table.table = "received";
    table.columns = {{"id", "", ""}, {"name", "", ""}};
    table.key = {"id"};
    return adapter->open_target({{}, "t", {table}});
  }
  // As often as it was started.
  std::size_t starts() const { return script.file(".starts").size() / 2; }

  Script script;
  std::unique_ptr<Adapter> adapter;
};

// One row, of so many octets.
TargetTransaction one_row(std::size_t octets) {
  Step step;
  step.rows.meta.resize(1);
  step.rows.groups = {""};
  step.rows.indexes = {0};
  step.rows.columns.resize(1);
  step.rows.columns[0].append(Bytes(octets, 'x'));
  TargetTransaction work;
  work.steps.push_back(step);
  return work;
}

}  // namespace

TEST_CASE("R2.2 A hostile adapter whose changes repeat a place, go back, or are of another shape is killed each time") {
  const SystemClock clock;
  const std::string mode = GENERATE("repeats", "back", "other columns", "another table");
  const HostileChild child(mode, clock);
  const auto source = child.source();
  INFO(mode);
  for (std::size_t turn = 1; turn <= 2; ++turn) {
    CHECK(test::thrown_by([&] { source->read_changes({"m", "i"}, {}, {}, 0); }) == "corrupt QZ-ADP-004");
    CHECK(test::children().empty());
    CHECK(child.starts() == turn);
  }
  CHECK(source->present().order == "m");
}

TEST_CASE("A hostile adapter whose description differs from what it sends is found out at the first read") {
  const SystemClock clock;
  const HostileChild child("other columns", clock);
  CHECK(child.adapter->describe({})[0].columns.size() == 2);
  CHECK(test::thrown_by([&] { child.source()->read_changes({}, {}, {}, 0); }) == "corrupt QZ-ADP-004");
}

TEST_CASE("A hostile adapter that never comes to the end of a table, or sends too many rows at once, is killed") {
  const SystemClock clock;
  const std::string mode = GENERATE("endless", "too many rows");
  const HostileChild child(mode, clock);
  const auto source = child.source();
  INFO(mode);
  CHECK(test::thrown_by([&] { source->read_snapshot(0, "c", {}); }) == "corrupt QZ-ADP-004");
  CHECK(test::children().empty());
}

TEST_CASE("A hostile adapter that shows tables nobody asked for, or such as no database has, is killed") {
  const SystemClock clock;
  const std::string mode = GENERATE("more tables", "long name", "many columns");
  CAPTURE(mode);
  const HostileChild child(mode, clock);
  CHECK(test::thrown_by([&] { child.source()->look({0}, false); }) == "corrupt QZ-ADP-004");
}

TEST_CASE("A hostile adapter that answers for rows it was never sent is killed and the transaction with it") {
  const SystemClock clock;
  const HostileChild child(GENERATE("unsent step", "unsent row"), clock);
  const auto target = child.target();
  CHECK(test::thrown_by([&] { target->apply(one_row(1)); }) == "corrupt QZ-ADP-004");
  CHECK(test::children().empty());
  CHECK(test::thrown_by([&] { target->commit(); }) == "unavailable QZ-ADP-002");
}

TEST_CASE("A hostile adapter's second answer to one request is not taken for the answer to the next") {
  const SystemClock clock;
  const HostileChild child("two answers", clock);
  const auto source = child.source();
  CHECK(source->present().order == "m");
  CHECK(test::thrown_by([&] { source->present(); }) == "corrupt QZ-ADP-004");
  CHECK(test::children().empty());
}

TEST_CASE("A hostile adapter that floods is read no further than one message and costs no memory") {
  const SystemClock clock;
  const HostileChild child("flood", clock);
  const auto source = child.source();
  const long before = test::resident_kilobytes();
  for (int turn = 0; turn < 3; ++turn) CHECK(test::thrown_by([&] { source->present(); }) == "corrupt QZ-ADP-004");
  CHECK(test::resident_kilobytes() < before + 32'768);
  CHECK(test::children().empty());
}

TEST_CASE("A hostile adapter that stops inside a message, drips it, or reads no request is killed at its deadline") {
  const std::string mode = GENERATE("half", "drip", "deaf");
  PatientClock clock;
  const HostileChild child(mode, clock);
  const auto target = child.target();
  INFO(mode);
  REQUIRE(target->marks().empty());
  clock.hurry();
  CHECK(test::thrown_by([&] { target->apply(one_row(8U << 20U)); }) == "unavailable QZ-ADP-003");
  CHECK(test::children().empty());
}

TEST_CASE("an adapter whose agent writes its log as JSON is told so") {
  const SystemClock clock;
  const Script script("printf '%s' \"$QIANZHI_LOG\" > \"$0.form\"");
  set_log_form(LogForm::json);
  CHECK(code_of(script.path(), clock) == "QZ-ADP-001");
  set_log_form(LogForm::text);
  CHECK(script.file(".form") == "json");
}

TEST_CASE("an adapter gets descriptors 0 to 3, three variables of the environment, no argument and no secret") {
  const SystemClock clock;
  const Script script(
      "printf '%s ' \"$#\" \"$@\" > \"$0.arguments\"; tr '\\0' '\\n' < /proc/$$/environ > "
      "\"$0.environment\"; for f in /proc/$$/fd/*; do printf '%s ' ${f##*/}; done > \"$0.descriptors\"; ulimit -c > "
      "\"$0.core\"");
  const int leaked = dup2(0, 77);
  setenv("QIANZHI_SECRET", "hunter2", 1);
  CHECK(code_of(script.path(), clock) == "QZ-ADP-001");
  close(leaked);
  CHECK(script.file(".arguments") == "0 ");
  std::istringstream environment(script.file(".environment"));
  for (std::string line; std::getline(environment, line);) {
    INFO(line);
    CHECK((line.rfind("PATH=", 0) == 0 || line.rfind("LANG=", 0) == 0 || line.rfind("TZ=", 0) == 0));
  }
  // 4, 10 and 255 are the shell's own; 77 was open in this process, to be inherited by any careless child.
  std::istringstream descriptors(script.file(".descriptors"));
  for (int number = 0; descriptors >> number;) {
    INFO(number);
    CHECK((number <= 4 || number == 10 || number == 255));
  }
  CHECK(script.file(".core") == "0\n");
}

TEST_CASE("a frame that is cut anywhere is not taken for a whole one") {
  const Bytes sent("\0\0\0\3abc", 7);
  for (std::size_t size = 0; size <= sent.size(); ++size) {
    std::array<int, 2> pair{};
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) == 0);
    REQUIRE(write(pair[0], sent.data(), size) == static_cast<ssize_t>(size));
    close(pair[0]);
    Channel channel(pair[1]);
    if (size == 0)
      CHECK_FALSE(channel.receive(nullptr, 0).has_value());
    else if (size == sent.size())
      CHECK(channel.receive(nullptr, 0) == "abc");
    else
      CHECK_THROWS_AS(channel.receive(nullptr, 0), Error);
    close(pair[1]);
  }
}

// A channel, its other side, and something else that comes: so many octets in a pipe.
struct Beside {
  explicit Beside(const Bytes& octets) {
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) == 0);
    REQUIRE(pipe(beside.data()) == 0);
    REQUIRE(write(beside[1], octets.data(), octets.size()) == static_cast<ssize_t>(octets.size()));
  }
  ~Beside() {
    for (const int descriptor : {pair[0], pair[1], beside[0], beside[1]}) close(descriptor);
  }
  void write_frame(const Bytes& octets) const {
    const Bytes frame = Bytes("\0\0\0", 3) + static_cast<char>(octets.size()) + octets;
    CHECK(write(pair[0], frame.data(), frame.size()) == static_cast<ssize_t>(frame.size()));
  }
  // What the other side finds there now.
  Bytes read_other_side() const {
    Bytes piece(1U << 20U, 0);
    const ssize_t got = recv(pair[0], piece.data(), piece.size(), MSG_DONTWAIT);
    piece.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return piece;
  }

  std::array<int, 2> pair{};
  std::array<int, 2> beside{};
};

TEST_CASE("a channel takes what else comes while it waits for a frame, until that is enough") {
  const Beside world("123");
  Channel channel(world.pair[1]);
  int taken = 0;
  channel.set_input({[&] { return world.beside[0]; },
                     [&] {
                       char octet = 0;
                       CHECK(read(world.beside[0], &octet, 1) == 1);
                       if (++taken == 2) world.write_frame("abc");
                       return taken < 2;
                     }});
  CHECK(channel.receive(nullptr, 0) == "abc");
  CHECK(taken == 2);
  // Nothing comes now: it waits for the frame alone.
  channel.set_input({[] { return -1; }, [] { return true; }});
  world.write_frame("def");
  CHECK(channel.receive(nullptr, 0) == "def");
}

TEST_CASE("a channel takes what else comes while the other side does not take its frame") {
  const Beside world("1");
  Channel channel(world.pair[1]);
  const Bytes sent(8U << 20U, 'x');
  Bytes came;
  // The other side takes nothing but here.
  channel.set_input({[&] { return world.beside[0]; },
                     [&] {
                       came += world.read_other_side();
                       return true;
                     }});
  channel.send(sent, nullptr, 0);
  for (Bytes rest = world.read_other_side(); !rest.empty(); rest = world.read_other_side()) came += rest;
  CHECK((came.substr(4) == sent));
}

}  // namespace qianzhi::adapter

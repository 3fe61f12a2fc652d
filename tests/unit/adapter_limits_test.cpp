// What the operating system refuses an adapter, and that the agent goes on. Each adapter is a shell script.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "adapters/api/process_adapter.h"
#include "hub-protocol/base/error.h"
#include "tests/support/children.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::adapter {

namespace {

// Greets, answers open with done, notes how it was started in a file, then does this for present, and says where it is.
class LimitedScript {
 public:
  explicit LimitedScript(const std::string& work) {
    const std::string take =
        "head -c 4 <&3 | od -An -tu1 | { read a b c d; head -c $((c * 256 + d)) <&3 >/dev/null; }\n";
    std::ofstream(path()) << "#!/bin/bash\n"
                          << take << "printf '\\000\\000\\000\\004\\032\\002\\010\\001' >&3\n"
                          << take << "printf '\\000\\000\\000\\002\\022\\000' >&3\n"
                          << take << work << "\nprintf '\\000\\000\\000\\005\\062\\003\\012\\001x' >&3\nexec cat <&3\n";
    std::filesystem::permissions(path(), std::filesystem::perms(0755));
    std::filesystem::permissions(directory_.path(), std::filesystem::perms(0777));
  }
  std::filesystem::path path() const { return directory_ / "adapter"; }
  std::string notes() const {
    const std::ifstream in(directory_ / "notes");
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }

 private:
  test::TempDir directory_;
};

// "x", or code and detail.
std::string asked(const LimitedScript& script, const ProcessLimits& limits) {
  const SystemClock clock;
  const auto adapter = make_process_adapter(script.path(), clock, limits);
  const auto source = adapter->open_source({{}, "s", CaptureMode::journal, {}, 0});
  try {
    return source->present().order;
  } catch (const Error& error) {
    return error.code() + " " + error.detail();
  }
}

ProcessLimits memory_of(std::uint64_t octets) {
  ProcessLimits limits;
  limits.memory = octets;
  return limits;
}

constexpr std::uint64_t mebibyte = 1U << 20U;

}  // namespace

TEST_CASE(
    "P24 an adapter that leaks ends at its limit of memory, is told about, and the next call starts another one") {
  const LimitedScript leaks(
      "echo started >> \"${0%/*}/notes\"; x=$(head -c 100000000 /dev/zero | tr '\\0' a); [ ${#x} = 100000000 ] || exit "
      "9");
  CHECK(asked(leaks, {}) == "x");
  const SystemClock clock;
  const auto adapter = make_process_adapter(leaks.path(), clock, memory_of(32 * mebibyte));
  const auto source = adapter->open_source({{}, "s", CaptureMode::journal, {}, 0});
  for (int i = 0; i < 2; ++i) {
    try {
      source->present();
      FAIL("it may use as much as it likes");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::unavailable);
      CHECK(error.code() == "QZ-ADP-002");
      CHECK(error.detail().find("its limits memory: 33554432") != std::string::npos);
      CHECK(error.detail().find("exit status") != std::string::npos);
    }
    CHECK(test::children().empty());
  }
  CHECK(leaks.notes() == "started\nstarted\nstarted\n");
  // Too little to begin with.
  const std::string never = asked(LimitedScript(""), memory_of(mebibyte / 16));
  CHECK(never.find("QZ-ADP-001") == 0);
  CHECK((never.find("exit status") != std::string::npos || never.find("signal") != std::string::npos));
  CHECK(never.find("its limits memory: 65536") != std::string::npos);
  // One within its limit is not disturbed.
  CHECK(asked(LimitedScript(""), memory_of(32 * mebibyte)) == "x");
}

TEST_CASE("an adapter that spends its time of the processor is killed") {
  ProcessLimits limits;
  limits.cpu = 1;
  const std::string end = asked(LimitedScript("while :; do :; done"), limits);
  CHECK(end.find("QZ-ADP-002") == 0);
  CHECK(end.find("signal") != std::string::npos);
}

TEST_CASE("limits of files and processes reach the adapter, which never gains privileges and dumps no core") {
  const LimitedScript script(
      "{ ulimit -n; ulimit -f; ulimit -u; ulimit -c; grep NoNewPrivs /proc/self/status; } > \"${0%/*}/notes\"");
  ProcessLimits limits;
  limits.open_files = 64;
  limits.file_size = mebibyte;
  limits.processes = 20'000;
  CHECK(asked(script, limits) == "x");
  CHECK(script.notes() == "64\n1024\n20000\n0\nNoNewPrivs:\t1\n");
  const LimitedScript plain("grep NoNewPrivs /proc/self/status > \"${0%/*}/notes\"");
  CHECK(asked(plain, {}) == "x");
  CHECK(plain.notes() == "NoNewPrivs:\t1\n");
}

TEST_CASE("an adapter runs under the account that is named, without groups of the agent, or not at all") {
  const LimitedScript script("{ id -u; id -G; } > \"${0%/*}/notes\"");
  ProcessLimits limits;
  limits.user = "no-such-account";
  CHECK(asked(script, limits).find("QZ-ADP-007") == 0);
  limits.user = "nobody";
  if (geteuid() != 0) {
    CHECK(asked(script, limits).find("QZ-ADP-007") == 0);
    return;
  }
  CHECK(asked(script, limits) == "x");
  CHECK(script.notes() == "65534\n65534\n");
}

}  // namespace qianzhi::adapter

// The program as its operator runs it.
#include <signal.h>
#include <sys/stat.h>

#include "hub-protocol/service/control.h"
#include "tests/crash/program.h"
#include "tests/unit/desk_world.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

const std::string program_yaml = R"(tables:
  - {id: opening, table: received.opening, key: [reg]}
  - {id: tax, table: received.tax, key: [id]}
poll: 100ms
files: [rules.yaml]
)";

const std::string program_work = R"(outlets:
  - {id: list, kind: file, file: notices.csv, format: csv, columns: [name, number]}
cases:
  - {rule: unregistered, default_office: 征管科, warning: {outlet: list, fields: {name: "{title}", number: "{subject}"}}}
records:
  firm:
    base: commerce
    sources:
      commerce: {table: opening, codes: {registration_number: reg}, items: {name: name}}
    items:
      name: {from: [commerce]}
)";

const std::string program_rules = R"(rules:
  - id: unregistered
    kind: missing
    title: 应办未办税务登记
    on_change: true
    base: {table: opening, subject: reg, since: since, name: name}
    parties: [{party: tax, table: tax, join: reg}]
    warning: 30d
reports:
  - id: slipped
    title: 漏管户
    base: {table: opening, subject: reg, since: since}
    measures:
      - {id: firms, title: 户数}
      - {id: no_tax, title: 未办, lacks: [{table: tax, join: reg}]}
)";

class Program {
 public:
  Program()
      : world_("tables: []\n",
               "CREATE TABLE opening(reg TEXT PRIMARY KEY, name TEXT, since TEXT);"
               "CREATE TABLE tax(id TEXT PRIMARY KEY, reg TEXT);"
               "INSERT INTO opening VALUES ('R1', '=1+1', '2008-01-01'), ('R2', 'b', '2008-01-01')") {
    std::ofstream(world_.dir / "rules.yaml") << program_rules;
    world_.open(program_yaml + program_work + "case_staff: [{user: " + service::own_user() + ", role: head}]\n");
    world_.judge.reset();
    world_.store.reset();
  }

  std::vector<std::string> command(std::vector<std::string> words) const {
    words.insert(words.begin(), QIANZHI_DESK);
    words.push_back("-c");
    words.push_back((world_.dir / "desk.yaml").string());
    return words;
  }
  crash::Output run(const std::vector<std::string>& words) { return crash::run(command(words), world_.dir / "out"); }
  sqlite::Database& received() { return *world_.writer; }
  const TempDir& dir() const { return world_.dir; }

 private:
  DeskWorld world_;
};

bool has(const crash::Output& output, const std::string& text) { return output.text.find(text) != std::string::npos; }

}  // namespace

TEST_CASE("S2.2 S1.6 the program checks, plans, judges, lists and reports") {
  Program program;
  const crash::Output check = program.run({"check"});
  CHECK(check.exit == 0);
  CHECK(has(check, "✓ 规则 rule unregistered"));
  CHECK(has(check, "QZ-DSK-005 received.opening: triggers"));
  const crash::Output plan = program.run({"plan"});
  CHECK(plan.exit == 0);
  program.received().execute(plan.text);
  CHECK_FALSE(has(program.run({"check"}), "QZ-DSK-005"));
  CHECK(has(program.run({"judge"}), "unregistered: 全部 all, 新增 opened 2"));
  program.received().execute("INSERT INTO tax VALUES ('T1', 'R1')");
  CHECK(has(program.run({"judge", "unregistered"}), "涉及 touched 1, 新增 opened 0, 变化 changed 0, 消除 closed 1"));
  const crash::Output all = program.run({"findings", "--csv"});
  CHECK(has(all, ",R1,tax,,'=1+1,2008-01-01,warning,"));
  const crash::Output open = program.run({"findings", "--open", "--json", "--rule", "unregistered"});
  CHECK(has(open, "\"subject\": \"R2\""));
  CHECK_FALSE(has(open, "\"subject\": \"R1\""));
  CHECK(program.run({"report", "slipped"}).text == "漏管户\n户数  未办\n   2     1\n");
  CHECK(has(program.run({"report", "slipped", "--json", "--from", "2008-01-02"}), "{\"firms\": 0, \"no_tax\": 0}"));
}

TEST_CASE("S2.2 the program tells what is wrong by code and exit status") {
  Program program;
  CHECK(has(program.run({"report", "nothing"}), "QZ-DSK-003"));
  CHECK(has(program.run({"report", "slipped", "--from", "tomorrow"}), "QZ-DSK-006"));
  CHECK(program.run({"judge", "nothing"}).exit == 78);
  CHECK(program.run({"juge"}).exit == 2);
  std::ofstream(program.dir() / "rules.yaml") << "rules: 5\n";
  const crash::Output bad = program.run({"check"});
  CHECK(bad.exit == 78);
  CHECK(has(bad, "rules.yaml:1"));
}

TEST_CASE("E1 E3 the desk prints its schema and puts its file in order") {
  Program program;
  CHECK(has(program.run({"schema"}), "serve:\n  listen: 127.0.0.1:8095"));
  CHECK(has(program.run({"schema", "--json"}), "https://json-schema.org/draft/2020-12/schema"));
  const std::filesystem::path file = program.dir() / "desk.yaml";
  const std::string before = crash::text_of(file);
  std::ofstream(file, std::ios::app) << "# end\n\n\n";
  CHECK(program.run({"fmt", "--test"}).exit == 1);
  CHECK(program.run({"fmt"}).exit == 0);
  CHECK(program.run({"fmt", "--test"}).exit == 0);
  CHECK(has(program.run({"check"}), "✓ 规则 rule unregistered"));
  CHECK(crash::text_of(file).find("unregistered") != std::string::npos);
}

TEST_CASE("E1 E3 the desk shows what is in force, with lines and defaults and no secret") {
  Program program;
  const std::filesystem::path file = program.dir() / "desk.yaml";
  std::ofstream(program.dir() / "wang.token") << "0123456789abcdef0123456789abcdef";
  std::ofstream(file, std::ios::app) << "serve: {listen: 127.0.0.1:0, accounts: {wang: {token: {file: wang.token}}}}\n";
  const crash::Output shown = program.run({"config", "show"});
  CHECK(shown.exit == 0);
  CHECK(has(shown, "serve.accounts.wang.token = (secret) file wang.token"));
  CHECK_FALSE(has(shown, "0123456789abcdef"));
  CHECK(has(shown, "log.format = text  （默认 default）"));
  CHECK(has(program.run({"config", "show", "--json"}),
            R"("path":"poll","value":"100ms","secret":false,"default":false)"));
  std::ofstream(file, std::ios::app) << "polls: 1s\n";
  const crash::Output bad = program.run({"config", "show"});
  CHECK(bad.exit == 78);
  CHECK(has(bad, "QZ-CFG-012"));
}

TEST_CASE("A the bundle of a running desk holds no secret of its configuration and no row") {
  // As long as patterns alone do not find it.
  const std::string secret = "kq7f.Zm2p.8sVd.Lw4x.9Rb1";
  Program program;
  for (const char* name : {"wang.token", "hook.key"}) {
    std::ofstream(program.dir() / name) << (name[0] == 'w' ? secret : "Hook#Key.2024") << "\n";
    chmod((program.dir() / name).c_str(), 0600);
  }
  std::ofstream(program.dir() / "desk.yaml", std::ios::app)
      << "# 同事说 a colleague said: " << secret << " and Hook#Key.2024\n"
      << "serve:\n  accounts:\n    wang: {token: {file: wang.token}}\n";
  std::string text = crash::text_of(program.dir() / "desk.yaml");
  const std::string outlets = "outlets:\n";
  text.insert(text.find(outlets) + outlets.size(),
              "  - {id: hook, kind: webhook, url: \"https://127.0.0.1:9/\", signature: {file: hook.key}}\n");
  std::ofstream(program.dir() / "desk.yaml", std::ios::trunc) << text;
  program.received().execute(program.run({"plan"}).text);
  crash::Program running(program.command({"run"}), program.dir() / "log");
  sqlite::OpenOptions options;
  options.access = sqlite::Access::read_only;
  const SystemClock clock;
  const Micros deadline = clock.steady() + 60'000'000;
  bool has_found = false;
  while (!has_found && clock.steady() < deadline && !running.ended())
    if (std::filesystem::exists(program.dir() / "notices.csv"))
      has_found = sqlite::Database(program.dir() / "desk.db", options).scalar("SELECT count(*) FROM finding") == 2;
  CHECK(has_found);
  CHECK(program.run({"bundle", "--out", (program.dir() / "b.zip").string()}).exit == 0);
  const crash::Output opened = crash::unpacked(program.dir() / "b.zip", program.dir() / "opened");
  INFO(opened.text);
  CHECK(opened.exit == 0);
  for (const char* part : {"== desk.yaml", "== check.txt", "== doctor.json", "a colleague said: (secret) and (secret)"})
    CHECK(has(opened, part));
  for (const char* hidden : {"kq7f", "9Rb1", "Hook#", "=1+1", "R1", "R2"}) CHECK_FALSE(has(opened, hidden));
  running.signal(SIGTERM);
  CHECK(running.wait(30).exit == 0);
}

TEST_CASE("S2.2 the running program judges what comes and ends when told to") {
  Program program;
  program.received().execute(program.run({"plan"}).text);
  crash::Program running(program.command({"run"}), program.dir() / "log");
  // Another process' store may be read at any time; it is there once the program has made it.
  const auto await_open = [&](std::int64_t wanted) {
    sqlite::OpenOptions options;
    options.access = sqlite::Access::read_only;
    sqlite::Database desk(program.dir() / "desk.db", options);
    const SystemClock clock;
    const Micros deadline = clock.steady() + 60'000'000;
    while (clock.steady() < deadline && !running.ended())
      if (desk.scalar("SELECT count(*) FROM finding WHERE closed = 0") == wanted) return true;
    return false;
  };
  CHECK(await_open(2));
  program.received().execute(
      "INSERT INTO opening VALUES ('440301103448669', '正公司', '2008-01-01');"
      "INSERT INTO tax VALUES ('T2', 'R2'), ('T3', '440301103448669')");
  CHECK(await_open(1));
  running.signal(SIGTERM);
  CHECK(running.wait(30).exit == 0);
  // Each warning became a case and a notice; the registration closed one of them; base records were kept.
  const std::string notices = crash::text_of(program.dir() / "notices.csv");
  CHECK(notices.find("R1") != std::string::npos);
  CHECK(notices.find("R2") != std::string::npos);
  const crash::Output cases = program.run({"case", "list"});
  CHECK(cases.exit == 0);
  CHECK(has(cases, "R1"));
  sqlite::Database desk(program.dir() / "desk.db", {});
  CHECK(desk.scalar("SELECT count(*) FROM case_file WHERE state = 'closed'") == 1);
  CHECK(desk.scalar("SELECT count(*) FROM base_firm WHERE name = '正公司'") == 1);
}

// Accounts, roles and four eyes: who may have the hub do what.
#include <catch2/catch.hpp>

#include "hub-protocol/accounts/pending.h"
#include "hub-protocol/audit/audit.pb.h"
#include "hub-protocol/hub/certificates.h"
#include "hub_accounts_support.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using accounts::Role;
using test::OfficeWorld;

std::size_t OfficeWorld::audited(const std::string& action, const std::string& actor, const std::string& outcome) {
  sqlite::Database database(hub.dir / "registry", {sqlite::Access::read_only, false, {}, 5000});
  sqlite::Statement row = database.prepare("SELECT body FROM audit");
  std::size_t count = 0;
  while (row.step()) {
    audit::EntryMessage entry;
    entry.ParseFromString(row.text(0));
    count += entry.action() == action && entry.actor() == actor && entry.outcome() == outcome ? 1 : 0;
  }
  return count;
}

namespace {

hub::Caller session_of(const std::string& name) {
  return {{audit::ActorKind::operator_, name}, hub::Caller::Way::session};
}

// One account of each role, and what they may do counts.
void add_three(OfficeWorld& world) {
  world.add("li", Role::system);
  world.add("wang", Role::security);
  world.add("zhao", Role::audit);
}

const std::vector<std::string> add_customs{"department", "add", "customs", "--title", "海关"};

}  // namespace

TEST_CASE("A25 a new hub is open to its machine's users until there is a security account, then roles count") {
  OfficeWorld world;
  test::check_throws("QZ-HUB-273", [&] { world.by("unix:ops", {"account", "add", "wang", "--role", "security"}); });
  test::check_throws("QZ-HUB-272", [&] { world.by("unix:ops", {"account", "add", "li", "--role", "system,audit"}); });
  const std::string told = world.by("unix:ops", {"account", "add", "li", "--role", "system"});
  CHECK(told.find("Qz-") != std::string::npos);
  CHECK(world.account("li").password_is_initial);
  world.by("unix:ops", add_customs);
  world.add("wang", Role::security);
  test::check_throws("QZ-HUB-270", [&] { world.by("unix:ops", add_customs); });
  CHECK(world.audited("verb.refused", "unix:ops", "QZ-HUB-270") == 1);
  // A user of the machine without an account still looks.
  CHECK(world.by("unix:ops", {"department", "list"}).find("commerce") != std::string::npos);
}

TEST_CASE("A25 each role does its own work and no other, whichever way it comes") {
  OfficeWorld world;
  add_three(world);
  world.by("li", add_customs);
  world.run(session_of("li"), {"department", "add", "customs", "--title", "中国海关"});
  for (const char* other : {"wang", "zhao", "nobody"}) {
    test::check_throws("QZ-HUB-270", [&] { world.by(other, add_customs); });
    test::check_throws("QZ-HUB-270", [&] { world.run(session_of(other), add_customs); });
  }
  // Creating accounts is not the system administrator's.
  test::check_throws("QZ-HUB-270", [&] { world.by("li", {"account", "add", "chen", "--role", "security"}); });
  world.by("wang", {"account", "add", "chen", "--role", "security"});
  world.by("chen", {"account", "disable", "zhao"});
  test::check_throws("QZ-HUB-270", [&] { world.by("zhao", {"department", "list"}); });
  CHECK(world.audited("verb.refused", "wang", "QZ-HUB-270") == 2);
}

TEST_CASE("A25 a session never has more than its account, even before roles count") {
  OfficeWorld world;
  world.add("li", Role::system);
  test::check_throws("QZ-HUB-270", [&] {
    world.run(session_of("li"), {"account", "add", "wang", "--role", "security"});
  });
  world.by("li", {"account", "add", "wang", "--role", "security"});
}

TEST_CASE("A25 nobody changes the own account, the last of a role stays, and names are never used again") {
  OfficeWorld world;
  add_three(world);
  test::check_throws("QZ-HUB-274", [&] { world.by("wang", {"account", "disable", "wang"}); });
  test::check_throws("QZ-HUB-274", [&] { world.by("wang", {"account", "totp", "wang"}); });
  test::check_throws("QZ-HUB-274", [&] { world.by("wang", {"account", "unlock", "wang"}); });
  test::check_throws("QZ-HUB-275", [&] { world.by("wang", {"account", "disable", "li"}); });
  test::check_throws("QZ-HUB-275", [&] { world.by("wang", {"account", "remove", "li"}); });
  world.by("wang", {"account", "remove", "zhao"});
  test::check_throws("QZ-HUB-271", [&] { world.by("wang", {"account", "add", "zhao", "--role", "audit"}); });
  world.add("sun", Role::system, {}, "sunuser");
  test::check_throws("QZ-HUB-289", [&] {
    world.by("wang", {"account", "add", "gao", "--role", "audit", "--unix-user", "sunuser"});
  });
  test::check_throws("QZ-HUB-062", [&] { world.by("wang", {"account", "add", "unix:root", "--role", "audit"}); });
}

TEST_CASE("A25 root breaks the glass with a reason that is audited, and nobody else does") {
  OfficeWorld world;
  add_three(world);
  std::vector<std::string> words = add_customs;
  words.insert(words.end(), {"--break-glass", "夜间故障"});
  const audit::Actor root{audit::ActorKind::operator_, "unix:root"};
  test::check_throws("QZ-HUB-277", [&] { world.by("li", words); });
  test::check_throws("QZ-HUB-277", [&] { world.run({root, hub::Caller::Way::session, true}, words); });
  world.run({root, hub::Caller::Way::machine, true}, words);
  CHECK(world.audited("break-glass", "unix:root") == 1);
  CHECK(world.audited("department.put", "unix:root") == 1);
  words.pop_back();
  test::check_throws("QZ-HUB-051", [&] { world.run({root, hub::Caller::Way::machine, true}, words); });
}

TEST_CASE("A25 the own password is changed by oneself, another's is reset by security, or by root in an emergency") {
  OfficeWorld world;
  add_three(world);
  world.by("li", {"account", "password", "li"}, "Correct-Horse-7\n");
  CHECK(accounts::is_password("Correct-Horse-7", world.account("li").password));
  CHECK_FALSE(world.account("li").password_is_initial);
  test::check_throws("QZ-HUB-276", [&] { world.by("li", {"account", "password", "li"}, ""); });
  test::check_throws("QZ-HUB-270", [&] { world.by("wang", {"account", "password", "li"}, "Correct-Horse-8\n"); });
  CHECK(world.audited("verb.refused", "wang", "QZ-HUB-270") == 1);
  test::check_throws("QZ-HUB-270", [&] { world.by("li", {"account", "reset", "zhao"}); });
  test::check_throws("QZ-HUB-274", [&] { world.by("wang", {"account", "reset", "wang"}); });
  world.by("wang", {"account", "reset", "li"});
  CHECK(world.account("li").password_is_initial);
  const hub::Caller root({audit::ActorKind::operator_, "unix:root"}, hub::Caller::Way::machine, true);
  CHECK(world.run(root, {"account", "reset", "wang", "--break-glass", "r"}).find("Qz-") != std::string::npos);
}

TEST_CASE("A25 four eyes: what one asks for another of the role does, never the same person") {
  OfficeWorld world;
  add_three(world);
  test::check_throws("QZ-HUB-280", [&] { world.by("wang", {"policy", "set", "four-eyes", "department"}); });
  world.add("chen", Role::security);
  world.add("sun", Role::system);
  test::check_throws("QZ-HUB-051", [&] { world.by("wang", {"policy", "set", "four-eyes", "departments"}); });
  world.by("wang", {"policy", "set", "four-eyes", "department"});

  std::vector<std::string> words = add_customs;
  words.push_back("--json");
  CHECK(world.by("li", words, "attached") == "{\"pending\":1}\n");
  CHECK(world.audited("department.put", "li") == 0);
  test::check_throws("QZ-HUB-278", [&] { world.by("li", {"approve", "1"}); });
  test::check_throws("QZ-HUB-278", [&] { world.by("wang", {"approve", "1"}); });
  test::check_throws("QZ-HUB-278", [&] { world.by("unix:ops", {"approve", "1"}); });
  CHECK(world.by("zhao", {"pending", "--json"}).find("\"asked_by\":\"li\"") != std::string::npos);
  CHECK(world.by("sun", {"pending", "show", "1"}) == "department add customs --title 海关 --json\nattached");
  world.by("sun", {"approve", "1"});
  CHECK(world.audited("pending.ask", "li") == 1);
  CHECK(world.audited("pending.approve", "sun") == 1);
  CHECK(world.audited("department.put", "li") == 1);
  test::check_throws("QZ-HUB-279", [&] { world.by("sun", {"approve", "1"}); });

  world.by("li", {"department", "remove", "customs"});
  test::check_throws("QZ-HUB-051", [&] { world.by("sun", {"refuse", "2"}); });
  world.by("sun", {"refuse", "2", "--reason", "仍在使用"});
  CHECK(world.audited("pending.refuse", "sun") == 1);
  CHECK(world.audited("department.remove", "li") == 0);
}

TEST_CASE("A25 four eyes cannot be got round: policy, new accounts, a lost role, time") {
  OfficeWorld world;
  add_three(world);
  world.add("chen", Role::security);
  world.add("sun", Role::system);
  world.by("wang", {"policy", "set", "four-eyes", "department"});
  world.by("wang", {"policy", "set", "four-eyes", "none"});
  CHECK(world.by("wang", {"policy", "show"}) == "four-eyes: department\n");
  world.by("wang", {"account", "add", "puppet", "--role", "system"});
  world.by("wang", {"account", "totp", "sun"});
  CHECK(world.audited("pending.ask", "wang") == 3);
  CHECK(world.audited("account.add", "wang") == 0);

  world.by("li", add_customs);
  world.by("chen", {"account", "disable", "li"});  // at once: an emergency never waits
  test::check_throws("QZ-HUB-278", [&] { world.by("sun", {"approve", "4"}); });
  world.hub.clock.advance(8 * test::one_day);
  CHECK(world.by("wang", {"pending"}).empty());
  test::check_throws("QZ-HUB-279", [&] { world.by("chen", {"approve", "1"}); });
}

TEST_CASE("A25 what waits is done at most once, also when doing it fails, and both are audited") {
  OfficeWorld world;
  add_three(world);
  world.add("chen", Role::security);
  world.add("sun", Role::system);
  world.by("wang", {"policy", "set", "four-eyes", "department"});
  world.by("li", {"department", "remove", "nowhere"});
  test::check_throws("QZ-HUB-060", [&] { world.by("sun", {"approve", "1"}); });
  CHECK(world.audited("pending.failed", "sun", "QZ-HUB-060") == 1);
  test::check_throws("QZ-HUB-279", [&] { world.by("sun", {"approve", "1"}); });
}

TEST_CASE("E the overview names what needs somebody, and the agents' state follows their calls") {
  OfficeWorld world;
  world.office.started = world.hub.clock.now();
  test::Chain stream = world.hub.filled();
  const std::string at_once = world.by("unix:ops", {"overview", "--json"});
  CHECK(at_once.find("account add") != std::string::npos);
  CHECK(at_once.find("\"agents_connected\":1,") != std::string::npos);
  CHECK(world.by("unix:ops", {"agents"}).find("commerce-01\tcommerce\tconnected\t") != std::string::npos);
  world.hub.clock.advance(Micros{11} * 60'000'000);
  const std::string later = world.by("unix:ops", {"overview", "--json"});
  CHECK(later.find("\"subject\":\"commerce-01\"") != std::string::npos);
  CHECK(later.find("\"subject\":\"tax-01\"") != std::string::npos);
  CHECK(world.by("unix:ops", {"agents"}).find("commerce-01\tcommerce\tquiet\t") != std::string::npos);
  CHECK(world.by("unix:ops", {"streams"}).find("1.4\trunning\t2023-11-14T22:13:20") != std::string::npos);
  CHECK(world.by("unix:ops", {"freshness", "--json"}).find("\"state\":\"no data\"") != std::string::npos);
}

TEST_CASE("A24 the overview and the list of certificates tell what ends, early enough for who has to act") {
  OfficeWorld world;
  const Micros day = Micros{86'400} * 1'000'000;
  const Micros now = world.hub.clock.now();
  using hub::CertificateEnd;
  // Of a certificate of 60 days.
  const auto state = [&](int left, bool renews = false) {
    return text_of(
        CertificateEnd{"x", CertificateEnd::Kind::hub, now + (left - 60) * day, now + left * day, renews}.state(now));
  };
  CHECK(state(21) == "valid");
  CHECK(state(20) == "ends soon");
  CHECK(state(13, true) == "valid");
  CHECK(state(12, true) == "ends soon");
  CHECK(state(6) == "urgent");
  CHECK(state(0) == "has ended");

  world.config.content.agents["hand-01"] = {"hand-01", "commerce", {}, {}};
  world.config.agent_certificates["hand-01"] = {now - 57 * day, now + 3 * day};
  CHECK(world.by("unix:ops", {"certificate", "list"}).find("hand-01\tagent\t") == 0);
  CHECK(world.by("unix:ops", {"certificate", "list", "--json"}).find("\"days\":\"3\"") != std::string::npos);
  const std::string overview = world.by("unix:ops", {"overview", "--json"});
  CHECK(overview.find("its certificate ends in 3 days") != std::string::npos);
  CHECK(overview.find("\"code\":\"QZ-HUB-243\"") != std::string::npos);
  CHECK(overview.find("\"view\":\"certificates\"") != std::string::npos);
}

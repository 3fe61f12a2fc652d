// Hubs in several states with their administration interface, for the browser: prints "name port" lines, takes
// "advance NAME MINUTES" on standard input and answers "done", and ends when that does. The clock of each hub stands
// still but for that, so that every time on a page is known.
#include <stdlib.h>
#include <time.h>

#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>

#include "hub-protocol/accounts/pending.h"
#include "hub-protocol/accounts/secret_box.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/hub/administration.h"
#include "hub-protocol/hub/matters.h"
#include "hub-protocol/registry/content.h"
#include "tests/unit/https_pki.h"
#include "tests/unit/hub_support.h"

namespace {

using namespace qianzhi;
using accounts::Role;

constexpr char password[] = "Correct-Horse-7";
constexpr char totp_secret[] = "12345678901234567890";
constexpr accounts::ScryptCost quick{4, 8, 1};

struct StatedHub {
  test::HubWorld world;
  registry::Registry registry{world.dir / "registry", DigestSuite::sha256, world.clock};
  hub::HubConfig config;
  std::mutex lock;
  std::unique_ptr<hub::Matters> matters;
  std::unique_ptr<hub::Office> office;
  std::unique_ptr<hub::Administration> administration;
  Directory base;

  explicit StatedHub(long certificate_days = 300) {
    test::TestCa ca(world.dir.path(), "ca");
    ca.issue({"hub", "IP:127.0.0.1", "serverAuth", 0, 86400});
    config.certificate = made_certificate(ca, certificate_days);
    config.registry = world.dir / "registry";
    config.admin = {true,
                    "127.0.0.1",
                    0,
                    world.dir / "hub.crt",
                    world.dir / "hub.key",
                    {},
                    Micros{15} * 60'000'000,
                    Micros{480} * 60'000'000};
    world.change_directory([](Directory& d) {
      d.departments["commerce"] = {"commerce", "市场监督管理局", "Market regulation"};
      d.departments["tax"] = {"tax", "税务局", "Tax authority"};
      d.departments["quality"] = {"quality", "质量技术监督局", "Quality supervision"};
      d.catalogue.topics[test::firms].title = "企业登记信息";
      d.catalogue.topics[test::firms].title_en = "Registered firms";
      d.catalogue.topics[test::closed_firms].title = "企业注销信息";
      d.catalogue.topics[test::closed_firms].title_en = "Closed firms";
      d.expires += 365 * test::one_day;
    });
    base = world.directory;
  }
  // By the hub's clock, which stands in the past.
  std::filesystem::path made_certificate(test::TestCa& ca, long days) {
    const auto past = static_cast<long>((world.clock.now() - SystemClock().now()) / 1'000'000);
    ca.issue({"own", "IP:127.0.0.1", "serverAuth", past - (400 - days) * 86400, past + days * 86400 + 3600});
    return world.dir / "own.crt";
  }
  void add(const std::string& name, const std::string& title, Role role, bool is_new = false) {
    const accounts::SecretBox box(config.registry.string() + ".key", world.random);
    accounts::Account account;
    account.name = name;
    account.title = title;
    account.role = role;
    account.password = accounts::hash_password(password, quick, world.random);
    account.password_is_initial = is_new;
    account.password_time = world.clock.now();
    if (!is_new) account.totp_secret = box.seal(totp_secret, name);
    registry.change({audit::ActorKind::operator_, "unix:root"}, [&](registry::Change& change) {
      accounts::put(change, account);
      change.note({{}, "account.add", "account " + name, ""});
    });
  }
  void add_people() {
    add("li", "李工", Role::system);
    add("sun", "孙工", Role::system);
    add("wang", "王工", Role::security);
    add("chen", "陈工", Role::security);
    add("zhao", "赵工", Role::audit);
  }
  void publish() {
    world.change_directory([&](Directory& d) {
      const std::uint64_t version = d.version;
      d = base;
      d.version = version;
      registry.read([&](const registry::View& view) { registry::add_to(d, view, DigestSuite::sha256); });
    });
  }
  void serve() {
    const auto publishing = [this] { publish(); };
    matters = std::make_unique<hub::Matters>(
        hub::MatterParts{registry, *world.hub, world.clock, Micros{10} * test::one_day, publishing});
    office = std::make_unique<hub::Office>(hub::Office{registry, *world.hub, *matters, config, DigestSuite::sha256,
                                                       world.clock, world.random, publishing, nullptr, &lock});
    office->started = world.clock.now();
    office->status_text = [] { return std::string("运行中 running\n"); };
    administration = std::make_unique<hub::Administration>(*office);
  }
  void run(const std::string& name, const std::vector<std::string>& words) {
    hub::run_verb(*hub::find_verb(words), *office, {{audit::ActorKind::operator_, name}}, words, "");
  }
};

using Hubs = std::map<std::string, std::unique_ptr<StatedHub>>;

void call_each(test::HubWorld& world) {
  for (const char* agent : {"commerce-01", "commerce-02", "tax-01", "quality-01"}) world.open(agent);
}

void call_all(test::HubWorld& world) {
  world.filled();
  call_each(world);
}

// Nobody and nothing yet but one system administrator.
std::unique_ptr<StatedHub> empty_hub() {
  auto hub = std::make_unique<StatedHub>();
  hub->world.change_directory([](Directory& d) {
    d.departments.clear();
    d.agents.clear();
    d.grants.clear();
    d.provisions.clear();
    d.catalogue.topics.clear();
  });
  hub->add("li", "李工", Role::system);
  hub->serve();
  return hub;
}

std::unique_ptr<StatedHub> healthy_hub() {
  auto hub = std::make_unique<StatedHub>();
  call_all(hub->world);
  hub->add_people();
  hub->add("gao", "高工", Role::audit, true);
  hub->serve();
  return hub;
}

std::unique_ptr<StatedHub> waiting_hub() {
  auto hub = healthy_hub();
  hub->run("wang", {"policy", "set", "four-eyes", "department,resume"});
  hub->run("li", {"department", "add", "customs", "--title", "海关", "--title-en", "Customs"});
  hub->run("sun", {"department", "add", "social", "--title", "<script>document.title='owned'</script>"});
  hub->run("wang", {"account", "add", "liu", "--role", "audit", "--title", "刘工"});
  return hub;
}

std::unique_ptr<StatedHub> alarmed_hub() {
  auto hub = std::make_unique<StatedHub>(5);
  call_all(hub->world);
  test::Chain twin = hub->world.chain();
  twin.time += 1;
  hub->world.post({twin.begin(), twin.rows({"440103"})});  // other batches for places already taken
  hub->add_people();
  hub->registry.change({audit::ActorKind::unknown, "192.0.2.7"}, [&](registry::Change& change) {
    accounts::Account account = *accounts::find(change, "sun");
    account.locked_until = change.now() + Micros{90} * 60'000'000;
    accounts::put(change, account);
    change.note({{}, "account.lock", "account sun", "QZ-HUB-282"});
  });
  hub->serve();
  hub->world.clock.advance(Micros{25} * 60'000'000);
  hub->world.open("tax-01");
  return hub;
}

void obey(const std::string& line, const Hubs& hubs) {
  std::istringstream words(line);
  std::string verb;
  std::string name;
  std::int64_t minutes = 0;
  words >> verb >> name >> minutes;
  StatedHub& hub = *hubs.at(name);
  if (verb == "advance") hub.world.clock.advance(minutes * 60'000'000);
  if (name == "healthy" || name == "waiting") call_each(hub.world);
  std::printf("done %s\n", name.c_str());
  std::fflush(stdout);
}

}  // namespace

int main() {
  setenv("TZ", "Asia/Shanghai", 1);
  tzset();
  set_log_level(LogLevel::error);
  Hubs hubs;
  hubs["empty"] = empty_hub();
  hubs["healthy"] = healthy_hub();
  hubs["waiting"] = waiting_hub();
  hubs["alarms"] = alarmed_hub();
  for (const auto& [name, hub] : hubs) std::printf("%s %d\n", name.c_str(), int{hub->administration->port()});
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) obey(line, hubs);
  return 0;
}

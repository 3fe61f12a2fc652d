#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "hub-protocol/hub/hub_config.h"
#include "hub-protocol/hub/publisher.h"
#include "hub-protocol/seal/encryption_key.h"
#include "hub-protocol/seal/key.h"
#include "hub-protocol/service/control.h"
#include "hub_support.h"

using namespace qianzhi;

namespace {

std::string own_name() { return getpwuid(getuid())->pw_name; }

constexpr char hub_section[] = R"(hub:
  store: hub.db
  listen: "[::1]:9443"
  certificate: hub.crt
  private_key: {file: hub.key}
  trust: ca.crt
  signing_key: {file: hub-signing.key}
  directory_key: {file: directory.key}
  catalogue: catalogue
  secured: log
departments:
  statistics: {title: 统计部门, title_en: Statistics}
)";

constexpr char agents_section[] = R"(agents:
  commerce-01:
    department: commerce
    tls_keys: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]
    signing_keys: [{file: one.pub, state: retired}, {file: one.pub}]
  commerce-02:
    department: commerce
    tls_keys: [bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb]
    signing_key: one.pub
    encryption_key: seal.pub
)";

constexpr char catalogue_items[] = R"(version: 3
items:
  number: {title: 注册号, title_en: number, type: code(18)}
  name: {title: 名称, title_en: name, type: text(200)}
  phone: {title: 电话, title_en: phone, type: text(50)}
  area: {title: 区划, title_en: area, type: digits(6)}
)";

constexpr char catalogue_commerce[] = R"(department: {id: commerce, title: 工商部门, title_en: Commerce}
topics:
  commerce.firms:
    title: 企业
    title_en: firms
    mode: state
    key: [number]
    partition: area
    items: [number, name, phone, area]
  commerce.closed:
    title: 注销
    title_en: closed
    mode: state
    key: [number]
    partition: area
    items: [number, name, area]
)";

struct Folder {
  test::TempDir dir;
  KeyRecord sealed_to = seal::DecryptionKey::generate(seal::EncryptionAlgorithm::x25519).record();
  Folder() {
    std::filesystem::create_directory(dir / "catalogue");
    write("catalogue/catalogue.yaml", catalogue_items);
    write("catalogue/commerce.yaml", catalogue_commerce);
    write("one.pub", public_key);
    write("seal.pub", seal::public_pem(sealed_to));
  }
  void write(const std::string& name, const std::string& text) const { std::ofstream(dir / name) << text; }
  hub::HubConfig load(const std::string& rights, yaml::Diagnostics& diagnostics) const {
    write("hub.yaml", std::string(hub_section) + agents_section + rights);
    return hub::load_hub_config(dir / "hub.yaml", diagnostics);
  }
  hub::HubConfig good(const std::string& rights) const {
    yaml::Diagnostics diagnostics;
    hub::HubConfig config = load(rights, diagnostics);
    INFO(diagnostics.render());
    CHECK_FALSE(diagnostics.has_errors());
    return config;
  }
  std::string findings(const std::string& rights) const {
    yaml::Diagnostics diagnostics;
    load(rights, diagnostics);
    return diagnostics.render();
  }
  // RFC 8410, section 10.1.
  static constexpr char public_key[] =
      "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC "
      "KEY-----\n";
};

const Grant& grant_of(const hub::HubConfig& config, const std::string& topic) {
  for (const Grant& grant : config.content.grants)
    if (grant.topic == topic) return grant;
  throw std::out_of_range(topic);
}

}  // namespace

TEST_CASE("hub.yaml compiles to the directory: departments, agents with keys, provisions and grants") {
  const Folder folder;
  const hub::HubConfig config = folder.good(R"(provisions:
  - {topics: commerce.*, agent: commerce-01}
grants:
  - {topics: [commerce.*], to: [statistics], except_items: [phone], groups: ["440103"], not_after: 2026-12-31,
     purpose: 税源监控, basis: 规定}
)");
  CHECK(config.host == "::1");
  CHECK(config.port == 9443);
  CHECK(config.secured_by_log);
  CHECK(config.store == folder.dir / "hub.db");
  CHECK(config.control == folder.dir / "hub.db.control");
  CHECK(config.content.departments.count("commerce") == 1);
  CHECK(config.content.departments.at("statistics").title == "统计部门");
  const AgentEntry& agent = config.content.agents.at("commerce-01");
  CHECK(agent.tls_keys.begin()->hex() == std::string(64, 'a'));
  REQUIRE(agent.signing_keys.size() == 2);
  CHECK(agent.signing_keys[0].state == KeyState::retired);
  CHECK(agent.signing_keys[1].state == KeyState::active);
  CHECK(agent.encryption_keys.empty());
  CHECK(config.content.agents.at("commerce-02").encryption_keys == std::vector<KeyRecord>{folder.sealed_to});
  CHECK(config.content.provisions.size() == 2);
  REQUIRE(config.content.grants.size() == 2);
  const Grant& grant = grant_of(config, "commerce.firms");
  CHECK(grant.items == std::set<std::string>{"number", "name", "area"});
  CHECK(grant.groups == GroupSet::of({"440103"}));
  CHECK(to_text(grant.not_after) == "2026-12-31T16:00:00.000000Z");  // midnight in China
  CHECK(grant.purpose == "税源监控");
}

TEST_CASE(
    "A14 hub.yaml: the algorithm of a signing key comes from the key, the signer id of an SM2 key from the entry") {
  const Folder folder;
  // Public halves of SM2 and P-256 keys; the P-256 one is the key of RFC 6979, A.2.5, the other of GB/T 32918.5, A.2.
  folder.write("sm2.pub",
               "-----BEGIN PUBLIC KEY-----\n"
               "MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAECfnfMR5UIaFQ3X0WHkvFxnIXn60Y\n"
               "M/wHa7CP81bzUCDM6kkM4md1pS3G6nGMwapgCu0F+/NeCEpmMvYHLamtEw==\n"
               "-----END PUBLIC KEY-----\n");
  const auto keys = [&](const std::string& list, yaml::Diagnostics& diagnostics) {
    folder.write("hub.yaml", std::string(hub_section) + "agents:\n  commerce-01: {department: commerce, tls_keys: [" +
                                 std::string(64, 'a') + "], signing_keys: [" + list + "]}\n");
    return hub::load_hub_config(folder.dir / "hub.yaml", diagnostics).content.agents["commerce-01"].signing_keys;
  };
  yaml::Diagnostics good;
  const auto found = keys("{file: sm2.pub, signer_id: gz-commerce}, {file: sm2.pub}, {file: one.pub}", good);
  INFO(good.render());
  REQUIRE(found.size() == 3);
  CHECK_FALSE(good.has_errors());
  CHECK(found[0].algorithm == "sm2");
  CHECK(found[0].signer_id == "gz-commerce");
  CHECK(found[1].signer_id == default_signer_id);
  CHECK(found[2].algorithm == "ed25519");
  CHECK(found[2].signer_id.empty());
  yaml::Diagnostics two;
  const auto pair = keys("{file: one.pub, role: first}, {file: sm2.pub, role: second}", two);
  INFO(two.render());
  REQUIRE(pair.size() == 2);
  CHECK_FALSE(two.has_errors());
  CHECK(pair[0].role == KeyRole::first);
  CHECK(pair[1].role == KeyRole::second);
  CHECK(found[0].role == KeyRole::alone);
  for (const char* lonely : {"{file: one.pub, role: first}", "{file: sm2.pub, role: second}",
                             "{file: one.pub, role: first}, {file: sm2.pub, role: second, state: revoked}"}) {
    yaml::Diagnostics half;
    keys(lonely, half);
    CHECK_THAT(half.render(), Catch::Contains("an active key of role first needs one of role second"));
  }
  yaml::Diagnostics bad;
  keys("{file: sm2.pub, signer_id: " + std::string(129, 'x') + "}", bad);
  CHECK_THAT(bad.render(), Catch::Contains("1 to 128 octets"));
}

TEST_CASE("a grant that names items a topic lacks gives that topic's key items, never all") {
  const Folder folder;
  const hub::HubConfig config = folder.good(R"(grants:
  - {topics: [commerce.*], to: [statistics], items: [phone]}
)");
  CHECK(grant_of(config, "commerce.closed").items == std::set<std::string>{"number"});
  CHECK(grant_of(config, "commerce.firms").items == std::set<std::string>{"number", "phone"});
}

TEST_CASE("hub.yaml with contradictions is refused with every finding at once") {
  const Folder folder;
  const std::string text = folder.findings(R"(provisions:
  - {topics: commerce.*, agent: commerce-01}
  - {topics: commerce.firms, agent: commerce-02, area: ["440103"]}
  - {topics: commerce.nothing, agent: commerce-09}
grants:
  - {topics: commerce.*, to: [nobody], items: [colour]}
  - {topics: commerce.*, to: [statistics], except_items: [number], not_after: soon}
)");
  CHECK_THAT(text, Catch::Contains("commerce-01 already provides that part of commerce.firms"));
  CHECK_THAT(text, Catch::Contains("there is no agent commerce-09"));
  CHECK_THAT(text, Catch::Contains("the catalogue has no topic commerce.nothing"));
  CHECK_THAT(text, Catch::Contains("there is no department nobody"));
  CHECK_THAT(text, Catch::Contains("none of the topics has an item colour"));
  CHECK_THAT(text, Catch::Contains("number is a key item of commerce.closed and cannot be left out"));
  CHECK_THAT(text, Catch::Contains("YYYY-MM-DD"));
}

TEST_CASE("P44 an unknown key and a missing key file in hub.yaml are findings, not surprises") {
  const Folder folder;
  folder.write("hub.yaml", std::string(hub_section) + "  tilte: x\nagents:\n  a-01: {department: commerce, " +
                               "certificate: none.crt, signing_key: none.pub}\n");
  yaml::Diagnostics diagnostics;
  hub::load_hub_config(folder.dir / "hub.yaml", diagnostics);
  CHECK_THAT(diagnostics.render(), Catch::Contains("QZ-HUB-041") && Catch::Contains("none.pub"));
  CHECK(diagnostics.errors() >= 3);
}

TEST_CASE("R6.8 a hub without backups that counts only what is in one is warned of when it is checked") {
  const Folder folder;
  const auto findings = [&](const std::string& secured) {
    std::string text = hub_section;
    text.replace(text.find("  secured: log\n"), 15, secured);
    folder.write("hub.yaml", text);
    yaml::Diagnostics diagnostics;
    hub::load_hub_config(folder.dir / "hub.yaml", diagnostics);
    return diagnostics.render();
  };
  CHECK_THAT(findings(""), Catch::Contains("hub.yaml:2:3:") && Catch::Contains("QZ-CFG-040"));
  CHECK_THAT(findings("  backups: {directory: backups}\n"), !Catch::Contains("QZ-CFG-040"));
  CHECK_THAT(findings("  secured: log\n"), !Catch::Contains("QZ-CFG-040"));
}

TEST_CASE("S2.5 a hub may have its catalogue in the registry alone, and one in files has its pinyin initials") {
  const Folder folder;
  std::string section = hub_section;
  const std::string line = "  catalogue: catalogue\n";
  section.erase(section.find(line), line.size());
  folder.write("other.yaml", section + "agents: {}\n");
  yaml::Diagnostics diagnostics;
  const hub::HubConfig config = hub::load_hub_config(folder.dir / "other.yaml", diagnostics);
  INFO(diagnostics.render());
  CHECK_FALSE(diagnostics.has_errors());
  CHECK(config.content.catalogue.topics.empty());
  const Topic topic = folder.good("").content.catalogue.topics.at("commerce.firms");
  CHECK(topic.initials == "qy");
  CHECK(topic.items[0].initials == "zch");
}

TEST_CASE("hub.yaml names folders of agents that reach the hub by files, each folder once") {
  const auto load = [](const std::string& directories, yaml::Diagnostics& diagnostics) {
    const Folder folder;
    folder.write("hub.yaml",
                 std::string(hub_section).insert(5, "  directories: " + directories + "\n") + agents_section);
    return hub::load_hub_config(folder.dir / "hub.yaml", diagnostics);
  };
  yaml::Diagnostics good;
  const hub::HubConfig config = load("[{agent: commerce-01, in: a, out: b}, {agent: any, in: c, out: d}]", good);
  INFO(good.render());
  CHECK_FALSE(good.has_errors());
  REQUIRE(config.directories.size() == 2);
  CHECK(config.directories[0].agent == "commerce-01");
  CHECK(config.directories[0].in.filename() == "a");
  CHECK(config.directories[1].agent.empty());
  for (const char* bad :
       {"{agent: any, in: a, out: b}", "[{agent: nobody, in: a, out: b}]", "[{agent: any, in: a, out: a}]",
        "[{agent: any, in: a, out: b}, {agent: any, in: a, out: c}]", "[{agent: any, in: a}]", "[{in: a, out: b}]"}) {
    INFO(bad);
    yaml::Diagnostics diagnostics;
    load(bad, diagnostics);
    CHECK(diagnostics.errors() == 1);
  }
}

TEST_CASE("S3.5 the audit trail is kept six months at least, and its syslog place is a socket or an address") {
  const auto load = [](const std::string& audit, yaml::Diagnostics& diagnostics) {
    const Folder folder;
    folder.write("hub.yaml", std::string(hub_section).insert(5, "  audit: " + audit + "\n") + agents_section);
    return hub::load_hub_config(folder.dir / "hub.yaml", diagnostics).audit;
  };
  yaml::Diagnostics good;
  CHECK(load("{keep: 180d}", good).keep == hub::AuditPlan::least_kept);
  CHECK(load("{syslog: local}", good).syslog.socket == "/dev/log");
  CHECK(load("{syslog: 127.0.0.1:601}", good).syslog.port == 601);
  CHECK(load("{syslog: \"[::1]:601\"}", good).syslog.host == "::1");
  CHECK_FALSE(good.has_errors());
  for (const char* bad : {"{keep: 179d}", "{syslog: centre}", "{syslog: 127.0.0.1:0}"}) {
    INFO(bad);
    yaml::Diagnostics diagnostics;
    load(bad, diagnostics);
    CHECK(diagnostics.errors() == 1);
  }
}

TEST_CASE("the directory's version grows only when its content changes or it is about to run out") {
  test::HubWorld world;
  Directory content = world.directory;
  const auto publish = [&](const hub::LastDirectory& last, Micros now) {
    return hub::publish_directory(content, last, last.version + 1, now, test::one_day, world.directory_key);
  };
  const Micros start = world.clock.now();
  const hub::Published first = publish({}, start);
  CHECK(first.directory.version == 1);
  const hub::LastDirectory last{1, first.sealed.signed_root};
  const hub::Published same = publish(last, start + test::one_day / 4);
  CHECK(same.directory.version == 1);
  CHECK(same.sealed.signed_root == first.sealed.signed_root);
  CHECK(same.directory == first.directory);
  const hub::Published later = publish(last, start + test::one_day / 2 + 1);
  CHECK(later.directory.version == 2);
  CHECK(hub::runs_out(first.directory, start + test::one_day / 2 + 1));
  content.grants.clear();
  CHECK(publish(last, start).directory.version == 2);
  content = world.directory;
  content.hub_key = world.other_key.record();
  CHECK(publish(last, start).directory.version == 2);
  content = world.directory;
  CHECK(hub::publish_directory(content, last, 9, start, test::one_day, world.directory_key).directory.version == 9);
}

TEST_CASE("the control socket carries commands and errors and is for its owner only") {
  const test::TempDir dir;
  const auto path = dir / "control";
  {
    service::ControlServer server(path, [](const service::Call& call) -> std::string {
      if (call.words[0] == "fail") throw Error(ErrorKind::misuse, "QZ-HUB-027", "a/b");
      if (call.words[0] == "who") return call.user;
      return call.words[0] + "+" + call.words[1] + call.attachment;
    });
    CHECK(service::ask_control(path, {"resume", "主题"}) == "resume+主题");
    const std::string file(200'000, '\n');
    CHECK(service::ask_control(path, {"import", "a"}, file) == "import+a" + file);
    CHECK(service::ask_control(path, {"who"}) == own_name());
    CHECK_THROWS_WITH(service::ask_control(path, {"fail"}), "QZ-HUB-027: a/b");
    CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms(0777)) == std::filesystem::perms(0600));
    CHECK_THROWS_WITH(service::ControlServer(path, {}), Catch::Contains("another process"));
  }
  CHECK_THROWS_WITH(service::ask_control(path, {"status"}), Catch::Contains("QZ-BASE-010"));
  {
    const service::ControlServer server(
        path, [](const service::Call&) { return ""; }, getgrgid(getgid())->gr_name);
    CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms(0777)) == std::filesystem::perms(0660));
  }
  CHECK_THROWS_WITH(service::ControlServer(path, {}, "no such group"), Catch::Contains("QZ-BASE-010"));
}

TEST_CASE("the administration interface is off unless it is configured, with the hub's certificate by default") {
  const Folder folder;
  yaml::Diagnostics diagnostics;
  CHECK_FALSE(folder.load("provisions: []\ngrants: []\n", diagnostics).admin.is_wanted);
  const auto load = [&](const std::string& admin, yaml::Diagnostics& found) {
    std::string text = hub_section;
    text.insert(text.find("departments:"), "  control_group: ops\n  admin: " + admin + "\n");
    folder.write("hub.yaml", text + agents_section);
    return hub::load_hub_config(folder.dir / "hub.yaml", found);
  };
  yaml::Diagnostics good;
  const hub::HubConfig config = load("{hosts: [hub.city.example], session_idle: 5m}", good);
  CHECK(good.render().empty());
  CHECK(config.control_group == "ops");
  CHECK(config.admin.is_wanted);
  CHECK(config.admin.host + ":" + std::to_string(config.admin.port) == "127.0.0.1:8444");
  CHECK(config.admin.certificate == config.certificate);
  CHECK(config.admin.private_key == config.private_key);
  CHECK(config.admin.session_idle == 300'000'000);
  CHECK(config.admin.session_longest == Micros{8} * 3600 * 1'000'000);
  for (const char* wrong : {"{listen: 8444}", "{session_idle: 2h}", "{session_longest: 10s}", "{port: 1}"}) {
    yaml::Diagnostics bad;
    load(wrong, bad);
    CHECK(bad.has_errors());
  }
}

TEST_CASE("A25 a word of a command reaches the program as it is: tabs and line ends make no further words or files") {
  const test::TempDir dir;
  service::ControlServer server(dir / "control", [](const service::Call& call) -> std::string {
    std::string heard = std::to_string(call.words.size());
    for (const std::string& word : call.words) heard += "|" + word;
    return heard + "|" + call.attachment;
  });
  for (const std::string& word : {std::string("a\tapprove\tb"), std::string("a\nstop\n"), std::string("\\t\\n\\"),
                                  std::string("x'; DROP TABLE batch; --"), std::string("$(id)\0b", 7), std::string()}) {
    CHECK(service::ask_control(dir / "control", {"resume", word, "last", word}, "file") ==
          "4|resume|" + word + "|last|" + word + "|file");
  }
}

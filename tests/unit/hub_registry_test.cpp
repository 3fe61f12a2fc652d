#include <catch2/catch.hpp>

#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/verbs.h"
#include "hub-protocol/registry/content.h"
#include "hub-protocol/registry/registry.h"
#include "hub-protocol/wire/directory.pb.h"
#include "hub_support.h"
#include "tests/support/temp_dir.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using registry::Change;
using registry::Registry;
using registry::View;

namespace {

const audit::Actor clerk{audit::ActorKind::operator_, "li"};

void put(Registry& registry, std::string_view kind, const std::string& id, const std::string& body) {
  registry.change(clerk, [&](Change& change) {
    change.put(kind, id, body);
    change.note({{}, "test.put", id, ""});
  });
}

std::string department(const std::string& id) {
  wire::DepartmentMessage message;
  message.set_id(id);
  message.set_title(id);
  return message.SerializeAsString();
}

std::string grant(const std::string& id, const std::string& topic, const std::string& to) {
  wire::GrantMessage message;
  message.set_id(id);
  message.set_topic(topic);
  message.set_department(to);
  message.mutable_groups()->set_every(true);
  return message.SerializeAsString();
}

std::vector<std::string> ids(const std::vector<registry::Record>& records) {
  std::vector<std::string> all;
  for (const registry::Record& record : records) all.push_back(record.id + "@" + std::to_string(record.revision));
  return all;
}

}  // namespace

TEST_CASE("the registry keeps every revision with who made it, and a change is whole or nothing") {
  const test::TempDir dir;
  const SystemClock clock;
  {
    Registry registry(dir / "registry", DigestSuite::sha256, clock);
    put(registry, "department", "b", "1");
    put(registry, "department", "a", "1");
    put(registry, "department", "a", "2");
    put(registry, "department", "a", "2");  // says the same: no revision
    CHECK_THROWS_AS(registry.change(clerk,
                                    [&](Change& change) {
                                      change.put("department", "c", "1");
                                      change.note({{}, "test.put", "c", ""});
                                      throw Error(ErrorKind::misuse, "QZ-HUB-051", "second thoughts");
                                    }),
                    Error);
  }
  Registry registry(dir / "registry", DigestSuite::sha256, clock);
  registry.read([](const View& view) {
    CHECK(ids(view.all("department")) == std::vector<std::string>{"a@2", "b@1"});
    CHECK(ids(view.history("department", "a")) == std::vector<std::string>{"a@1", "a@2"});
    CHECK(view.find("department", "a")->body == "2");
    CHECK(view.find("department", "a")->actor == "operator:li");
    CHECK_FALSE(view.find("department", "c").has_value());
    CHECK_FALSE(view.find("agent", "a").has_value());
  });
  const auto remove = [&] {
    registry.change(clerk, [](Change& change) {
      change.remove("department", "a");
      change.note({{}, "test.remove", "a", ""});
    });
  };
  remove();
  test::check_throws("QZ-HUB-060", remove);
  put(registry, "department", "a", "3");
  registry.read([](const View& view) {
    CHECK(ids(view.history("department", "a")) == std::vector<std::string>{"a@1", "a@2", "a@3", "a@4"});
    CHECK(view.history("department", "a")[2].is_removed);
    CHECK(view.find("department", "a")->body == "3");
  });
}

TEST_CASE("what the registry holds joins the directory, and what cannot stand is left out by name") {
  const test::TempDir dir;
  const SystemClock clock;
  Registry registry(dir / "registry", DigestSuite::sha256, clock);
  test::HubWorld world;
  Directory content = world.directory;
  const std::string topic = content.catalogue.topics.begin()->first;
  put(registry, registry::kind::department, "customs", department("customs"));
  put(registry, registry::kind::department, "commerce", department("commerce"));
  put(registry, registry::kind::grant, "g-1", grant("g-1", topic, "customs"));
  put(registry, registry::kind::grant, "g-2", grant("g-2", "no.topic", "customs"));
  put(registry, registry::kind::grant, "g-3", grant("g-3", topic, "nobody"));
  put(registry, registry::kind::topic, "broken", "\xff\xff");
  const std::size_t grants = content.grants.size();
  std::vector<registry::LeftOut> left_out;
  registry.read([&](const View& view) { left_out = registry::add_to(content, view, DigestSuite::sha256); });
  CHECK(content.departments.count("customs") == 1);
  REQUIRE(content.grants.size() == grants + 1);
  CHECK(content.grants.back().id == "g-1");
  std::vector<std::string> names;
  for (const registry::LeftOut& out : left_out) names.push_back(out.id);
  CHECK(names == std::vector<std::string>{"commerce", "broken", "g-2", "g-3"});
}

TEST_CASE("the words of a verb: missing, doubled, unknown ones are told before anything is done") {
  hub::Words words({"a", "--items", "x,y", "b", "--force"}, {"force"});
  CHECK(words.next("ID") == "a");
  CHECK(words.list("items") == std::vector<std::string>{"x", "y"});
  test::check_throws("QZ-HUB-051", [&] { words.finish(); });
  CHECK(words.next("ID") == "b");
  test::check_throws("QZ-HUB-051", [&] { words.finish(); });
  CHECK(words.flag("force"));
  words.finish();
  test::check_throws("QZ-HUB-051", [&] { words.next("ID"); });
  test::check_throws("QZ-HUB-051", [&] { words.required("purpose"); });
  test::check_throws("QZ-HUB-051", [] { hub::Words({"--items"}, {}); });
  test::check_throws("QZ-HUB-051", [] { hub::Words({"--items", "a", "--items", "b"}, {}); });
  const std::vector<std::string> asked{"department", "list"};
  REQUIRE(hub::find_verb(asked) != nullptr);
  CHECK(hub::find_verb(asked)->name == "department list");
  CHECK(hub::find_verb(std::vector<std::string>{"department"}) == nullptr);
}

#include <catch2/catch.hpp>

#include "hub-protocol/model/directory.h"
#include "tests/support/errors.h"

using namespace qianzhi;
using qianzhi::test::thrown_by;

namespace {

Item item(const std::string& id) {
  Item result;
  result.id = id;
  return result;
}

// Two agents of one provider, one receiver, one topic with key, two items and a partition item.
Directory sample() {
  Directory directory;
  Topic topic;
  topic.id = "commerce.opening";
  topic.items = {item("number"), item("name"), item("capital"), item("area_code")};
  topic.key = {"number"};
  topic.partition = "area_code";
  directory.catalogue.topics[topic.id] = topic;

  KeyRecord key;
  key.id = "k1";
  key.algorithm = "ed25519";
  for (const char* id : {"commerce-01", "commerce-02", "tax-01"}) {
    AgentEntry agent;
    agent.id = id;
    agent.department = id[0] == 'c' ? "commerce" : "tax";
    agent.signing_keys = {key};
    directory.agents[id] = agent;
  }
  directory.provisions = {{topic.id, "commerce-02", GroupSet::of({"440104"})},
                          {topic.id, "commerce-01", GroupSet::of({"440103"})},
                          {topic.id, "commerce-01", GroupSet::of({"440105"})}};
  return directory;
}

Grant grant(const std::set<std::string>& items, const GroupSet& groups) {
  Grant result;
  result.topic = "commerce.opening";
  result.department = "tax";
  result.items = items;
  result.groups = groups;
  return result;
}

using Items = std::set<std::string>;

}  // namespace

TEST_CASE("Topics find their items and key") {
  const Directory directory = sample();
  const Topic* topic = directory.catalogue.find("commerce.opening");
  REQUIRE(topic != nullptr);
  CHECK(directory.catalogue.find("commerce") == nullptr);
  CHECK(topic->find("name")->id == "name");
  CHECK(topic->find("nam") == nullptr);
  CHECK(topic->index_of("capital") == 2);
  CHECK(topic->is_key("number"));
  CHECK_FALSE(topic->is_key("name"));
  CHECK(thrown_by([&] { topic->index_of("other"); }) == "misuse QZ-CFG-100");
}

TEST_CASE("Every item type has a name that reads back, and the numbers on the wire stay what they are") {
  const std::vector<std::string> names = {"text", "code", "digits",    "integer", "decimal",
                                          "date", "year", "timestamp", "boolean", "bytes"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    CHECK(name_of(static_cast<ItemType>(i)) == names[i]);
    CHECK(item_type_of(names[i]) == static_cast<ItemType>(i));
  }
  CHECK_FALSE(item_type_of("Text"));
  CHECK_FALSE(item_type_of(""));
}

TEST_CASE("Only an enabled agent that is listed has keys, provides and receives") {
  Directory directory = sample();
  directory.grants = {grant({}, GroupSet::every())};
  CHECK(directory.agent("tax-01")->department == "tax");
  CHECK(directory.agent("tax-1") == nullptr);
  REQUIRE(directory.signing_keys("commerce-01").size() == 1);
  CHECK(directory.signing_keys("commerce-01")[0].algorithm == "ed25519");
  CHECK(directory.signing_keys("nobody").empty());
  CHECK(directory.provides("nobody", "commerce.opening").is_empty());
  CHECK(directory.entitlement("nobody", "commerce.opening", 0).is_empty());

  directory.agents["commerce-01"].enabled = false;
  directory.agents["tax-01"].enabled = false;
  CHECK(directory.signing_keys("commerce-01").empty());
  CHECK(directory.provides("commerce-01", "commerce.opening").is_empty());
  CHECK(directory.entitlement("tax-01", "commerce.opening", 0).is_empty());
}

TEST_CASE("What an agent provides is the union of its provisions, and of nothing else") {
  const Directory directory = sample();
  CHECK(directory.provides("commerce-01", "commerce.opening") == GroupSet::of({"440103", "440105"}));
  CHECK(directory.provides("commerce-02", "commerce.opening") == GroupSet::of({"440104"}));
  CHECK(directory.provides("tax-01", "commerce.opening").is_empty());
  CHECK(directory.provides("commerce-01", "commerce.closing").is_empty());
  CHECK(directory.providers_of("commerce.opening") == std::vector<std::string>{"commerce-01", "commerce-02"});
  CHECK(directory.providers_of("commerce.closing").empty());
}

TEST_CASE("S2.6: what is not granted is denied") {
  Directory directory = sample();
  CHECK(directory.entitlement("tax-01", "commerce.opening", 0).is_empty());
  directory.grants = {grant({}, GroupSet::every())};
  CHECK_FALSE(directory.entitlement("tax-01", "commerce.opening", 0).is_empty());
  CHECK(directory.entitlement("commerce-01", "commerce.opening", 0).is_empty());
  CHECK(directory.entitlement("tax-01", "commerce.closing", 0).is_empty());
}

TEST_CASE("S2.6: a grant without items gives every item, one with items gives those and the key") {
  Directory directory = sample();
  directory.grants = {grant({}, GroupSet::every())};
  CHECK(directory.entitlement("tax-01", "commerce.opening", 0).items() ==
        Items{"number", "name", "capital", "area_code"});
  directory.grants = {grant({"capital", "no_such_item"}, GroupSet::every())};
  CHECK(directory.entitlement("tax-01", "commerce.opening", 0).items() == Items{"number", "capital"});
}

TEST_CASE("S2.6: grants end at the stated instant") {
  Directory directory = sample();
  directory.grants = {grant({}, GroupSet::every())};
  directory.grants[0].not_after = 1000;
  CHECK_FALSE(directory.entitlement("tax-01", "commerce.opening", 999).is_empty());
  CHECK(directory.entitlement("tax-01", "commerce.opening", 1000).is_empty());
}

TEST_CASE("S2.10: items are granted group by group, and several grants add up") {
  Directory directory = sample();
  directory.grants = {grant({"name"}, GroupSet::of({"440103", "440104"})),
                      grant({"capital"}, GroupSet::of({"440104", ""}))};
  const Entitlement granted = directory.entitlement("tax-01", "commerce.opening", 0);
  CHECK(granted.clauses().size() == 2);
  CHECK(granted.groups() == GroupSet::of({"", "440103", "440104"}));
  CHECK(granted.items_in("440103") == Items{"number", "name"});
  CHECK(granted.items_in("440104") == Items{"number", "name", "capital"});
  CHECK(granted.items_in("") == Items{"number", "capital"});
  CHECK(granted.items_in("440105").empty());
  CHECK(granted.items() == Items{"number", "name", "capital"});
}

TEST_CASE("S2.10: only a whole-topic grant includes the unknown group and future ones") {
  Directory directory = sample();
  directory.grants = {grant({}, GroupSet::of({"440103"}))};
  CHECK(directory.entitlement("tax-01", "commerce.opening", 0).items_in("").empty());
  directory.grants.push_back(grant({"name"}, GroupSet::every()));
  const Entitlement granted = directory.entitlement("tax-01", "commerce.opening", 0);
  CHECK(granted.groups().is_every());
  CHECK(granted.items_in("") == Items{"number", "name"});
  CHECK(granted.items_in("999999") == Items{"number", "name"});
  CHECK(granted.items_in("440103").size() == 4);
}

TEST_CASE("An entitlement of nothing has no groups and no items") {
  const Entitlement nothing;
  CHECK(nothing.is_empty());
  CHECK(nothing.groups().is_empty());
  CHECK(nothing.items().empty());
  CHECK(nothing.items_in("").empty());
}

// What differs between two catalogues, and who can live with it.
#include <catch2/catch.hpp>

#include <functional>

#include "hub-protocol/catalogue/compare.h"

using namespace qianzhi;
using catalogue::ChangeKind;
using catalogue::Difference;

namespace {

Item item_of(const std::string& id, ItemType type, std::uint32_t length) {
  Item item;
  item.id = id;
  item.title = id;
  item.type = type;
  item.length = length;
  return item;
}

Catalogue sample() {
  Topic topic;
  topic.id = "x.t";
  topic.title = "题";
  topic.department = "x";
  topic.sharing = Sharing::conditional;
  topic.basis = "法";
  topic.items = {item_of("id", ItemType::code, 18), item_of("name", ItemType::text, 100),
                 item_of("money", ItemType::decimal, 12), item_of("area", ItemType::digits, 6)};
  topic.items[0].required = true;
  topic.items[2].scale = 2;
  topic.items[3].code_table = "gbt";
  topic.key = {"id"};
  topic.partition = "area";
  Catalogue catalogue;
  catalogue.version = 3;
  catalogue.topics["x.t"] = topic;
  topic.id = "x.u";
  catalogue.topics["x.u"] = topic;
  catalogue.code_tables["gbt"] = {"gbt",  "区划", "Divisions",
                                  "2007", false,  {{"1", "甲", "", ""}, {"2", "乙", "", ""}}};
  return catalogue;
}

struct Case {
  ChangeKind kind;
  std::string place;
  std::function<void(Catalogue&, Topic&)> change;
};

Item& named(Topic& topic, std::size_t index) { return topic.items.at(index); }

const std::vector<Case> compatible = {
    {ChangeKind::topic_added, "x.new",
     [](Catalogue& c, Topic& t) {
       c.topics["x.new"] = t;
       c.topics["x.new"].id = "x.new";
     }},
    {ChangeKind::texts, "x.t", [](Catalogue&, Topic& t) { t.title = "新题"; }},
    {ChangeKind::texts, "x.t", [](Catalogue&, Topic& t) { t.contact = "电话"; }},
    {ChangeKind::texts, "x.t", [](Catalogue&, Topic& t) { t.purposes = {"核税"}; }},
    {ChangeKind::sharing_relaxed, "x.t", [](Catalogue&, Topic& t) { t.sharing = Sharing::must; }},
    {ChangeKind::item_added, "x.t.more",
     [](Catalogue&, Topic& t) { t.items.push_back(item_of("more", ItemType::date, 0)); }},
    {ChangeKind::item_order, "x.t", [](Catalogue&, Topic& t) { std::swap(t.items[1], t.items[2]); }},
    {ChangeKind::item_texts, "x.t.name", [](Catalogue&, Topic& t) { named(t, 1).title_en = "Name"; }},
    {ChangeKind::item_longer, "x.t.name", [](Catalogue&, Topic& t) { named(t, 1).length = 200; }},
    {ChangeKind::item_longer, "x.t.name", [](Catalogue&, Topic& t) { named(t, 1).length = 0; }},
    {ChangeKind::item_longer, "x.t.money", [](Catalogue&, Topic& t) { named(t, 2).length = 18; }},
    {ChangeKind::item_no_longer_required, "x.t.id", [](Catalogue&, Topic& t) { named(t, 0).required = false; }},
    {ChangeKind::item_check, "x.t.id", [](Catalogue&, Topic& t) { named(t, 0).check = CheckRule::credit_code; }},
    {ChangeKind::item_check, "x.t.area", [](Catalogue&, Topic& t) { named(t, 3).code_table = ""; }},
    {ChangeKind::item_personal, "x.t.name", [](Catalogue&, Topic& t) { named(t, 1).personal = true; }},
    {ChangeKind::code_table_added, "code_tables.other",
     [](Catalogue& c, Topic&) { c.code_tables["other"].id = "other"; }},
    {ChangeKind::code_table_texts, "code_tables.gbt",
     [](Catalogue& c, Topic&) { c.code_tables["gbt"].edition = "2024"; }},
    {ChangeKind::codes_added, "code_tables.gbt",
     [](Catalogue& c, Topic&) {
       c.code_tables["gbt"].entries.push_back({"3", "丙", "", ""});
     }},
    {ChangeKind::codes_changed, "code_tables.gbt",
     [](Catalogue& c, Topic&) { c.code_tables["gbt"].entries[0].until = "2026-01-01"; }},
};

const std::vector<Case> incompatible = {
    {ChangeKind::topic_removed, "x.u", [](Catalogue& c, Topic&) { c.topics.erase("x.u"); }},
    {ChangeKind::sharing_tightened, "x.t", [](Catalogue&, Topic& t) { t.sharing = Sharing::none; }},
    {ChangeKind::publishing_began, "x.t", [](Catalogue&, Topic& t) { t.publishable = true; }},
    {ChangeKind::mode, "x.t", [](Catalogue&, Topic& t) { t.mode = TopicMode::event; }},
    {ChangeKind::key, "x.t",
     [](Catalogue&, Topic& t) {
       t.key = {"id", "area"};
     }},
    {ChangeKind::partition, "x.t", [](Catalogue&, Topic& t) { t.partition.clear(); }},
    {ChangeKind::required_item_added, "x.t.more",
     [](Catalogue&, Topic& t) {
       t.items.push_back(item_of("more", ItemType::date, 0));
       t.items.back().required = true;
     }},
    {ChangeKind::item_removed, "x.t.name", [](Catalogue&, Topic& t) { t.items.erase(t.items.begin() + 1); }},
    {ChangeKind::item_type, "x.t.name", [](Catalogue&, Topic& t) { named(t, 1).type = ItemType::code; }},
    {ChangeKind::item_type, "x.t.money", [](Catalogue&, Topic& t) { named(t, 2).scale = 4; }},
    {ChangeKind::item_shorter, "x.t.name", [](Catalogue&, Topic& t) { named(t, 1).length = 99; }},
    {ChangeKind::item_now_required, "x.t.name", [](Catalogue&, Topic& t) { named(t, 1).required = true; }},
    {ChangeKind::item_check_quarantines, "x.t.area",
     [](Catalogue&, Topic& t) { named(t, 3).check_quarantines = true; }},
    {ChangeKind::codes_removed, "code_tables.gbt",
     [](Catalogue& c, Topic&) { c.code_tables["gbt"].entries.pop_back(); }},
};

std::vector<Difference> after(const Case& one) {
  Catalogue changed = sample();
  one.change(changed, changed.topics.at("x.t"));
  return catalogue::compare(sample(), changed);
}

}  // namespace

TEST_CASE("S2.5 every kind of change of a catalogue is told at its place, and is compatible or not") {
  for (const auto& [cases, good] : {std::pair(&compatible, true), std::pair(&incompatible, false)}) {
    for (const Case& one : *cases) {
      CAPTURE(one.place, static_cast<int>(one.kind));
      const std::vector<Difference> found = after(one);
      REQUIRE(found.size() == 1);
      CHECK(found[0].kind == one.kind);
      CHECK(found[0].place == one.place);
      CHECK(catalogue::is_compatible(one.kind) == good);
      CHECK(catalogue::has_incompatible(found) == !good);
      const std::string text = catalogue::render(found);
      CHECK(text.find(one.place) != std::string::npos);
      // Who is refused must learn what would follow and what to do instead.
      CHECK((text.find("后果 consequence: ") != std::string::npos) == !good);
      CHECK((text.find("处理 cure: ") != std::string::npos) == !good);
    }
  }
}

TEST_CASE("S2.6 sharing may be tightened on another legal basis only") {
  Catalogue changed = sample();
  changed.topics.at("x.t").sharing = Sharing::none;
  changed.topics.at("x.t").basis = "新法";
  const auto found = catalogue::compare(sample(), changed);
  REQUIRE(found.size() == 2);
  CHECK(found[0].kind == ChangeKind::sharing_tightened_on_basis);
  CHECK(found[1].kind == ChangeKind::texts);
  CHECK_FALSE(catalogue::has_incompatible(found));
}

TEST_CASE("the same catalogue under another version, or with initials, is no other") {
  Catalogue changed = sample();
  changed.version = 9;
  changed.topics.at("x.t").initials = "t";
  changed.topics.at("x.t").items[1].initials = "n";
  CHECK(catalogue::compare(sample(), changed).empty());
  CHECK(catalogue::render({}).empty());
}

TEST_CASE("incompatible changes are told first") {
  Catalogue changed = sample();
  changed.topics.at("x.t").title = "新";
  changed.topics.erase("x.u");
  const std::string text = catalogue::render(catalogue::compare(sample(), changed));
  CHECK(text.find("✕ x.u") == 0);
  CHECK(text.find("✓ x.t") != std::string::npos);
}

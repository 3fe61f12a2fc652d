// The hub's catalogue: versions, what may change, and putting one into the registry.
#include <catch2/catch.hpp>

#include "hub-protocol/catalogue/compare.h"
#include "hub-protocol/hub/content.h"
#include "hub-protocol/hub/verbs.h"
#include "hub-protocol/seal/catalogue_file.h"
#include "hub_support.h"
#include "tests/support/throws.h"

using namespace qianzhi;

namespace {

const audit::Actor security_officer{audit::ActorKind::operator_, "wang"};

// A hub that runs on a configuration and a registry, without its listeners.
struct CatalogueOffice {
  test::HubWorld world;
  registry::Registry registry{world.dir / "registry", DigestSuite::sha256, world.clock};
  hub::HubConfig config;
  int published = 0;

  CatalogueOffice() {
    config.content = world.directory;
    hub::note_published(content(), registry);
  }
  Directory content() const {
    Directory compiled;
    registry.read(
        [&](const registry::View& view) { compiled = hub::compile_content(config, view, DigestSuite::sha256); });
    return compiled;
  }
  // As a reload does it.
  void reload() {
    const Directory next = content();
    registry.read([&](const registry::View& view) { hub::refuse_incompatible(world.directory.catalogue, next, view); });
    publish();
  }
  void publish() {
    const Directory next = content();
    world.change_directory([&](Directory& d) {
      d.catalogue = next.catalogue;
      d.departments = next.departments;
    });
    hub::note_published(world.directory, registry);
    ++published;
  }
  std::string run(const std::vector<std::string>& words, const Bytes& attachment = {}) {
    hub::Matters matters({registry, *world.hub, world.clock, test::one_day, [this] { publish(); }});
    hub::Office office{registry,     *world.hub,           matters, config, DigestSuite::sha256, world.clock,
                       world.random, [this] { publish(); }};
    const hub::Verb* verb = hub::find_verb(words);
    REQUIRE(verb != nullptr);
    return hub::run_verb(*verb, office, security_officer, words, attachment);
  }
  std::uint64_t version() const { return world.directory.catalogue.version; }
  Topic& topic(const std::string& id = test::firms) { return config.content.catalogue.topics.at(id); }
};

// Departments, tables and topics that the configuration does not have.
Directory extra() {
  Directory sent;
  sent.departments["customs"] = {"customs", "海关", "Customs"};
  sent.catalogue.code_tables["kinds"] = {"kinds", "种类", "Kinds", "", false, {{"1", "甲", "", ""}}};
  Topic topic = test::topic_of("customs.goods");
  topic.title = "报关货物";
  topic.department = "customs";
  topic.items[1].code_table = "kinds";
  sent.catalogue.topics[topic.id] = topic;
  return sent;
}

}  // namespace

TEST_CASE("S2.5 the version of the catalogue rises by itself with its content, and only then") {
  CatalogueOffice office;
  CHECK(office.content().catalogue.version == 1);
  office.reload();
  CHECK(office.version() == 1);
  office.topic().title = "企业";
  office.reload();
  CHECK(office.version() == 2);
  office.reload();
  CHECK(office.version() == 2);
  office.topic().initials = "qy";  // follows from the title
  office.reload();
  CHECK(office.version() == 2);
  office.config.content.catalogue.version = 7;  // written by hand
  office.reload();
  CHECK(office.version() == 7);
  office.topic().items.push_back(office.topic().items.back());
  office.topic().items.back().id = "more";
  office.reload();
  CHECK(office.version() == 8);
  // A hub that starts again knows what it published.
  office.registry.read([&](const registry::View& view) {
    CHECK(hub::published_catalogue(view)->catalogue == office.world.directory.catalogue);
  });
}

TEST_CASE("S2.5 an incompatible change is refused with consequence and cure until exactly it is accepted") {
  CatalogueOffice office;
  office.topic().items.erase(office.topic().items.begin() + 1);
  test::check_throws("QZ-HUB-200", [&] { office.reload(); });
  CHECK(office.version() == 1);
  try {
    office.reload();
  } catch (const Error& error) {
    CHECK(error.detail().find("✕ commerce.firms.name") != std::string::npos);
    CHECK(error.detail().find("后果 consequence") != std::string::npos);
    CHECK(error.detail().find("处理 cure") != std::string::npos);
  }
  const std::string told = hub::accept_catalogue(office.content(), office.registry, security_officer);
  CHECK(told.find("✕ commerce.firms.name") != std::string::npos);
  // Something else was changed behind the one who accepted.
  const Catalogue accepted = office.config.content.catalogue;
  office.topic(test::closed_firms).items.erase(office.topic(test::closed_firms).items.begin() + 1);
  test::check_throws("QZ-HUB-200", [&] { office.reload(); });
  office.config.content.catalogue = accepted;
  office.reload();
  CHECK(office.version() == 2);
  CHECK(office.world.directory.catalogue.find(test::firms)->find("name") == nullptr);
}

TEST_CASE("S2.5 an imported catalogue joins that of the file, is found, taken out again, and is in the audit trail") {
  CatalogueOffice office;
  const std::string told = office.run({"catalogue", "put"}, seal::write_catalogue_file(extra()));
  CHECK(told.find("✓ customs.goods") != std::string::npos);
  CHECK(office.published == 1);
  CHECK(office.version() == 2);
  CHECK(office.world.directory.departments.at("customs").title == "海关");
  CHECK(office.run({"catalogue", "search", "bghw"}) == "customs.goods\t报关货物\tcustoms\tmust\t\n");
  CHECK(office.run({"catalogue", "search", "customs", "name"}).find("\tname\n") != std::string::npos);
  CHECK(office.run({"catalogue", "search", "nothing"}).empty());
  const Directory got = seal::read_catalogue_file(office.run({"catalogue", "get"}));
  CHECK(got.catalogue == office.world.directory.catalogue);
  CHECK(got.departments == office.world.directory.departments);
  office.registry.read([&](const registry::View& view) {
    CHECK(view.find(registry::kind::topic, "customs.goods")->actor == "operator:wang");
  });
  // The same again changes nothing.
  office.run({"catalogue", "put"}, office.run({"catalogue", "get"}));
  CHECK(office.version() == 2);
}

TEST_CASE("S2.5 an import that is incompatible, contradicts the file or cannot stand changes nothing at all") {
  CatalogueOffice office;
  office.run({"catalogue", "put"}, seal::write_catalogue_file(extra()));
  Directory shorter = extra();
  shorter.catalogue.topics.at("customs.goods").items[1].length = 5;
  shorter.catalogue.topics.at("customs.goods").title = "新名";
  test::check_throws("QZ-HUB-200", [&] { office.run({"catalogue", "put"}, seal::write_catalogue_file(shorter)); });
  Directory contradicts = extra();
  contradicts.departments["commerce"] = {"commerce", "另一个", ""};
  contradicts.catalogue.topics[test::firms] = test::topic_of(test::firms);
  contradicts.catalogue.topics[test::firms].title = "另一个";
  test::check_throws("QZ-HUB-202", [&] { office.run({"catalogue", "put"}, seal::write_catalogue_file(contradicts)); });
  test::check_throws("QZ-HUB-201", [&] { office.run({"catalogue", "put"}, "\xff\xff"); });
  test::check_throws("QZ-HUB-051", [&] { office.run({"catalogue", "put"}); });
  Directory nobody = extra();
  nobody.departments.clear();
  test::check_throws("QZ-HUB-201", [&] { office.run({"catalogue", "put"}, seal::write_catalogue_file(nobody)); });
  CHECK(office.published == 1);
  CHECK(office.content().catalogue.find("customs.goods")->title == "报关货物");

  office.run({"catalogue", "put", "--accept-incompatible"}, seal::write_catalogue_file(shorter));
  CHECK(office.world.directory.catalogue.find("customs.goods")->title == "新名");
  CHECK(office.version() == 3);
}

TEST_CASE("S2.5 an import takes a topic away only when it is told to replace what is there") {
  CatalogueOffice office;
  office.run({"catalogue", "put"}, seal::write_catalogue_file(extra()));
  Directory other = extra();
  other.catalogue.topics.clear();
  office.run({"catalogue", "put"}, seal::write_catalogue_file(other));
  CHECK(office.world.directory.catalogue.find("customs.goods") != nullptr);
  test::check_throws("QZ-HUB-200", [&] {
    office.run({"catalogue", "put", "--replace"}, seal::write_catalogue_file(other));
  });
  office.run({"catalogue", "put", "--replace", "--accept-incompatible"}, seal::write_catalogue_file(other));
  CHECK(office.world.directory.catalogue.find("customs.goods") == nullptr);
  CHECK(office.world.directory.catalogue.find(test::firms) != nullptr);  // of the file
}

TEST_CASE("a catalogue as one message comes back, and one that no directory may hold is refused") {
  Directory sent = extra();
  CHECK(seal::read_catalogue_file(seal::write_catalogue_file(sent)) == sent);
  CHECK(seal::content_digest(sent) == seal::content_digest(extra()));
  sent.catalogue.version = 9;
  sent.catalogue.topics.at("customs.goods").initials = "bghw";
  CHECK(seal::content_digest(sent) == seal::content_digest(extra()));
  sent.catalogue.topics.at("customs.goods").title = "x";
  CHECK(seal::content_digest(sent) != seal::content_digest(extra()));
  sent.catalogue.code_tables.clear();
  test::check_throws("QZ-SEAL-041", [&] { seal::read_catalogue_file(seal::write_catalogue_file(sent)); });
}

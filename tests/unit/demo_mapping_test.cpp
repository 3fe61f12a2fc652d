#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "agent/config/loader.h"
#include "agent/mapping/mapper.h"
#include "hub-protocol/yaml/catalogue.h"
#include "packaging/demo/fill.h"
#include "tests/unit/demo_support.h"

using namespace qianzhi;
using namespace qianzhi::demo;
using namespace qianzhi::demo::test;

namespace {

const std::filesystem::path source = QIANZHI_SOURCE;

config::Config configuration(std::string_view department) {
  std::ifstream in(source / "packaging/demo/config" / (std::string(department) + ".yaml"));
  std::ostringstream text;
  text << in.rdbuf();
  const qianzhi::test::TempDir directory;
  const auto file = directory / "agent.yaml";
  std::ofstream(file) << fill(text.str(), {{"HUB_URL", "https://127.0.0.1:8443"},
                                           {"PKI", "pki"},
                                           {"SOURCE", "{type: sqlite, file: business.db}"},
                                           {"TARGET", "{type: sqlite, file: received.db}"},
                                           {"CIPHER", "aes"}});
  yaml::Diagnostics diagnostics;
  const config::Config config = config::load_config(file, diagnostics);
  const Catalogue catalogue = yaml::load_catalogue(source / "conf/catalogue", diagnostics);
  config::check_against(config, catalogue, diagnostics);
  for (const yaml::Diagnostic& d : diagnostics.all()) {
    INFO(yaml::to_text(d.place) << " " << d.en);
    CHECK(d.severity == yaml::Severity::warning);
  }
  return config;
}

Catalogue catalogue() {
  yaml::Diagnostics diagnostics;
  return yaml::load_catalogue(source / "conf/catalogue", diagnostics);
}

mapping::Mapped map_table(sqlite::Database& database, const config::PublicationConfig& publication,
                          const Topic& topic) {
  const mapping::Mapper mapper(publication, topic);
  std::string list;
  for (const std::string& name : mapper.columns()) list += (list.empty() ? "" : ", ") + name;
  std::vector<Column> columns(mapper.columns().size());
  sqlite::Statement rows = database.prepare("SELECT " + list + " FROM " + publication.table);
  while (rows.step()) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (rows.is_null(static_cast<int>(i))) {
        columns[i].append_null();
      } else {
        columns[i].append(rows.view(static_cast<int>(i)));
      }
    }
  }
  return mapper.map(std::vector<Operation>(columns.front().size(), Operation::upsert), columns, {});
}

// registration number -> name, as the other departments would receive them
std::map<std::string, std::string> names(const mapping::Mapped& mapped, const Topic& topic, const char* name) {
  std::map<std::string, std::string> result;
  const Column& numbers = mapped.items[topic.index_of("registration_number")];
  const Column& texts = mapped.items[topic.index_of(name)];
  for (std::size_t row = 0; row < numbers.size(); ++row)
    result[std::string(numbers.text(row))] = std::string(texts.text(row));
  return result;
}

}  // namespace

TEST_CASE("S3.1: the demonstration's configurations fit the catalogue and map every row, live ones too") {
  Generator generator(2002, 1000);
  Sources sources(generator);
  const Catalogue topics = catalogue();
  REQUIRE(topics.topics.size() == 22);
  for (int i = 0; i < 500; ++i)
    for (const Provider department : all_departments)
      for (const Statement& statement : generator.next_live_change(department).statements)
        run(sources.at(department), statement);
  std::size_t publications = 0;
  for (const Provider department : all_departments) {
    const config::Config config = configuration(id_of(department));
    for (const config::PublicationConfig& publication : config.publications) {
      INFO(publication.topic);
      ++publications;
      const Topic& topic = *topics.find(publication.topic);
      CHECK(table_of(publication.topic).name == publication.table);
      const mapping::Mapped mapped = map_table(sources.at(department), publication, topic);
      for (const mapping::Fault& fault : mapped.faults) CHECK(fault.detail.empty());
      CHECK(mapped.findings == 0);
      CHECK(publication.items.size() == topic.items.size());
      std::size_t unknown = 0;
      for (const std::string& group : mapped.group) unknown += group.empty() ? 1U : 0U;
      // Only numbers from before 2007 do not tell their district, and only one class has nothing else.
      CHECK((unknown == 0 || publication.topic == "commerce.annual_inspection"));
      CHECK(std::count(mapped.in_filter.begin(), mapped.in_filter.end(), false) == 0);
    }
  }
  CHECK(publications == 22);
}

TEST_CASE("S1.8: after mapping quality agrees with commerce wholly, the tax bureaus to 93.0 and 93.8 %") {
  const Generator generator(2002);
  Sources sources(generator);
  const Catalogue topics = catalogue();
  const auto read = [&](Provider department, const char* topic, const char* name) {
    const config::Config config = configuration(id_of(department));
    const auto publication = std::find_if(config.publications.begin(), config.publications.end(),
                                          [&](const auto& p) { return p.topic == topic; });
    return names(map_table(sources.at(department), *publication, *topics.find(topic)), *topics.find(topic), name);
  };
  const auto commerce = read(Provider::commerce, "commerce.opening_registration", "enterprise_name");
  const auto differing = [&](const std::map<std::string, std::string>& other) {
    return static_cast<std::size_t>(std::count_if(
        other.begin(), other.end(), [&](const auto& entry) { return commerce.at(entry.first) != entry.second; }));
  };
  CHECK(differing(read(Provider::quality, "quality.code_certificate_issue", "organisation_name")) == 0);
  const auto national = read(Provider::national_tax, "national_tax.tax_registration", "taxpayer_name");
  CHECK(differing(national) == generator.proportions().national_differs);
  CHECK(differing(national) * 1000 / national.size() == 69);  // 147 of 2,106
  const auto local = read(Provider::local_tax, "local_tax.tax_registration", "taxpayer_name");
  CHECK(differing(local) == generator.proportions().local_differs);
}

TEST_CASE("E demonstration: the faulty change is set aside and nothing else") {
  Generator generator(3, 20);
  Sources sources(generator);
  for (const Statement& statement : generator.faulty_change().statements)
    run(sources.at(Provider::commerce), statement);
  const config::Config config = configuration("commerce");
  const mapping::Mapped mapped = map_table(sources.at(Provider::commerce), config.publications.front(),
                                           *catalogue().find("commerce.opening_registration"));
  REQUIRE(mapped.faults.size() == 1);
  CHECK(mapped.faults[0].item == "postal_code");
  CHECK(mapped.faults[0].code == "QZ-MAP-013");
}

TEST_CASE("S1.4: statistics publishes nothing and receives 16 classes") {
  const config::Config config = configuration("statistics");
  CHECK(config.publications.empty());
  CHECK(config.subscriptions.size() == 16);
}

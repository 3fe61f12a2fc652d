// The sections `lookup` and `serve` as check, run and serve find them: all mistakes of a file in one run.
#include <catch2/catch.hpp>
#include <fstream>

#include "tests/unit/desk_town.h"
#include "tests/unit/https_pki.h"

using namespace qianzhi;
using namespace qianzhi::desk;

namespace {

struct Mistake {
  const char* from;
  const char* to;
  const char* code;
  const char* marks;  // what stands where it is told
};

// One in each part, the old ones too.
constexpr Mistake mistakes[] = {
    {"poll: 5s", "poll: 5", "QZ-CFG-015", "5"},
    {"limits: {characters: 2", "limits: {characters: 1", "QZ-CFG-016", "1"},
    {"      table: commerce.opening\n      name", "      table: commerce.openings\n      name", "QZ-DSK-210",
     "commerce.openings"},
    {"search: [code, name", "search: [code, nam", "QZ-DSK-210", "nam"},
    {"codes: {subjects: [firm], search", "codes: {subjects: [frim], search", "QZ-DSK-210", "frim"},
    {"listen: 127.0.0.1:0", "listen: 127.0.0.1", "QZ-CFG-019", "127.0.0.1"},
    {"wang.token}, lookup: counter}", "wang.token}, lookup: boss}", "QZ-DSK-210", "boss"},
    {"li: {token: {file: li.token}}", "li: {tokn: {file: li.token}}", "QZ-CFG-012", "tokn"},
    {"match: {name: name,", "match: {name: nmae,", "QZ-DSK-202", "nmae"},
};

bool is_told(const yaml::Diagnostics& diagnostics, const Mistake& mistake) {
  for (const yaml::Diagnostic& found : diagnostics.all()) {
    if (found.code != mistake.code || found.place.source == nullptr || found.place.line == 0) continue;
    const std::string_view line = found.place.source->line(found.place.line);
    if (line.substr(found.place.column - 1, std::string_view(mistake.marks).size()) == mistake.marks) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("E1 every mistake in lookup and serve is told with all others of the file, where it stands", "[serve]") {
  const test::TempDir folder;
  std::string text = test::town_yaml;
  for (const Mistake& mistake : mistakes) {
    INFO(mistake.from);
    REQUIRE(text.find(mistake.from) != std::string::npos);
    text.replace(text.find(mistake.from), std::string_view(mistake.from).size(), mistake.to);
  }
  std::ofstream(folder / "desk.yaml") << text;
  yaml::Diagnostics diagnostics;
  load_desk(folder / "desk.yaml", diagnostics);
  INFO(diagnostics.render());
  for (const Mistake& mistake : mistakes) {
    INFO(mistake.to);
    CHECK(is_told(diagnostics, mistake));
  }
  CHECK(diagnostics.errors() == std::size(mistakes));
}

TEST_CASE("E1 items that a table does not have are told by check, of records and lookup in one run", "[serve]") {
  test::Town town;
  town.desk.reset();
  std::string text = test::town_yaml;
  for (const char* item : {"items: [registration, name],", "person: legal_representative, domicile: domicile}}"})
    text.replace(text.find(item) + std::string_view(item).find(item[0] == 'i' ? "registration" : "legal"), 1, "z");
  std::ofstream(town.dir / "desk.yaml", std::ios::trunc) << text;
  const Desk desk(town.dir / "desk.yaml", town.clock, town.random);
  CHECK_FALSE(desk.is_open());
  yaml::Diagnostics diagnostics;
  const DeskFile file = load_desk(town.dir / "desk.yaml", diagnostics);
  CHECK_FALSE(diagnostics.has_errors());
  DeskStore store(file.desk, town.clock);
  bind_records(file, store, diagnostics);
  bind_lookup(file, store, false, diagnostics);
  INFO(diagnostics.render());
  CHECK(diagnostics.errors() == 2);
}

TEST_CASE("E1 other machines reach pages by TLS only, and what TLS needs is looked at by check", "[serve]") {
  const test::TempDir folder;
  const auto findings_of = [&](const std::string& listen) {
    std::string text = test::town_yaml;
    const std::string from = "listen: 127.0.0.1:0";
    text.replace(text.find(from), from.size(), listen);
    std::ofstream(folder / "desk.yaml", std::ios::trunc) << text;
    yaml::Diagnostics diagnostics;
    const DeskFile file = load_desk(folder / "desk.yaml", diagnostics);
    if (!diagnostics.has_errors()) serve::check_serve(*file.serve, diagnostics);
    std::string codes;
    for (const yaml::Diagnostic& found : diagnostics.all()) codes += found.code + " ";
    return codes;
  };
  CHECK(findings_of("listen: 0.0.0.0:8095") == "QZ-DSK-236 ");
  CHECK(findings_of("listen: \"[::]:8095\"") == "QZ-DSK-236 ");
  CHECK(findings_of("listen: 0.0.0.0:8095\n  certificate: desk.crt") == "QZ-CFG-013 ");
  CHECK(findings_of("listen: desk.example:8095") == "QZ-CFG-019 ");
  const std::string tls = "listen: 0.0.0.0:8095\n  certificate: desk.crt\n  private_key: ";
  const std::string no_tokens = "QZ-DSK-216 QZ-DSK-216 QZ-DSK-216 QZ-DSK-216 QZ-DSK-216 ";
  CHECK(findings_of(tls + "desk.key") == "QZ-LINK-009 " + no_tokens);
  test::TestCa ca(folder.path(), "ca");
  for (const char* name : {"desk", "other"}) ca.issue({name, "DNS:desk.example", "serverAuth"});
  CHECK(findings_of(tls + "other.key") == "QZ-LINK-009 " + no_tokens);
  CHECK(findings_of(tls + "desk.key") == no_tokens);
  for (const char* name : {"wang", "li", "zhao", "chen"}) {
    std::ofstream(folder / (std::string(name) + ".token")) << test::Town::token("same");
    chmod((folder / (std::string(name) + ".token")).c_str(), name == std::string("chen") ? 0644 : 0600);
  }
  // Two have what another has, one may be read by others, one is missing.
  CHECK(findings_of(tls + "desk.key") == "QZ-DSK-216 QZ-DSK-216 QZ-DSK-216 QZ-DSK-216 ");
}

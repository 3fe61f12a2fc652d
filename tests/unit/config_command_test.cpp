// The verbs about the configuration, by the program, and the tests that stand in a configuration.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "agent/app/trial.h"
#include "agent/config/loader.h"
#include "hub-protocol/yaml/catalogue.h"
#include "tests/crash/program.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;

namespace {

const std::string examples = QIANZHI_CONF "/examples/";

crash::Output qianzhi_says(const test::TempDir& folder, std::vector<std::string> words) {
  words.insert(words.begin(), QIANZHI_PROGRAM);
  std::filesystem::remove(folder / "log");
  return crash::run(words, folder / "log");
}

// The example with another text in one place.
std::string example_with(const std::string& from, const std::string& to) {
  std::string text = crash::text_of(examples + "commerce.yaml");
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

// "name what" of every mismatch.
std::string failures(const std::string& text) {
  yaml::Diagnostics diagnostics;
  const config::Config config = config::load_config_text("commerce.yaml", text, diagnostics);
  const Catalogue catalogue = yaml::load_catalogue(QIANZHI_CONF "/catalogue", diagnostics);
  INFO(diagnostics.render());
  REQUIRE_FALSE(diagnostics.has_errors());
  std::string found;
  for (const app::TrialResult& result : app::run_trials(config, catalogue))
    for (const app::Mismatch& mismatch : result.mismatches)
      found += (found.empty() ? "" : ", ") + mismatch.what + "=" + mismatch.expected + "/" + mismatch.got;
  return found;
}

}  // namespace

TEST_CASE("E1 the tests of a configuration pass by the mapping that the agent uses, and tell what they got") {
  CHECK(failures(example_with("version: 1", "version: 1")).empty());
  CHECK(failures(example_with("enterprise_name: 广州ABC公司", "enterprise_name: 广州ＡＢＣ公司")) ==
        "enterprise_name=\"广州ＡＢＣ公司\"/\"广州ABC公司\"");
  CHECK(failures(example_with("{operation: nothing}", "{operation: upsert}")) == "operation=upsert/nothing");
  CHECK(failures(example_with("operation: [remove, upsert], group: \"440106\"", "group: \"440104\"")) ==
        "group=440104/440106");
  CHECK(failures(example_with(", quarantine: QZ-MAP-017", "")).find("quarantine=-/QZ-MAP-017") == 0);
  CHECK(failures(example_with("ent_type: \"99\"", "ent_typ: \"99\"")).find("given.ent_typ=ent_type/?") !=
        std::string::npos);
  // A mapping that was changed by mistake is seen by what was expected of it.
  CHECK(failures(example_with("where: {status: [\"1\", \"2\"]}", "where: {status: [\"1\"]}")).find("operation=") == 0);
}

TEST_CASE("E1 values of personal items are masked in what a test tells") {
  const std::string told =
      failures(example_with("postal_code: null", "identity_document_number: \"440101190001010012\""));
  CHECK(told == "identity_document_number=\"4***\"/null");
}

TEST_CASE("E1 qianzhi test ends with 0, 1 or 78") {
  const test::TempDir folder;
  const std::string catalogue = QIANZHI_CONF "/catalogue";
  const auto good =
      qianzhi_says(folder, {"test", "-c", examples + "commerce.yaml", "--catalogue", catalogue, "--json"});
  INFO(good.text);
  CHECK(good.exit == 0);
  CHECK(good.text.find("\"failed\":0") != std::string::npos);
  std::ofstream(folder / "other.yaml") << example_with("{operation: nothing}", "{operation: upsert}");
  const auto failed = qianzhi_says(folder, {"test", "-c", (folder / "other.yaml").string(), "--catalogue", catalogue});
  CHECK(failed.exit == 1);
  CHECK(failed.text.find("应为 expected upsert，得到 got nothing") != std::string::npos);
  std::ofstream(folder / "broken.yaml") << example_with("{operation: nothing}", "{operaton: nothing}");
  const auto broken = qianzhi_says(folder, {"test", "-c", (folder / "broken.yaml").string(), "--catalogue", catalogue});
  CHECK(broken.exit == 78);
  CHECK(broken.text.find("QZ-CFG-012") != std::string::npos);
}

TEST_CASE("E1 fmt writes the file in place with its mode, -t only looks") {
  const test::TempDir folder;
  const std::filesystem::path file = folder / "agent.yaml";
  std::ofstream(file) << "version:   1   # one\n\n\n\nagent: { id: a }\n";
  REQUIRE(chmod(file.c_str(), 0640) == 0);
  CHECK(qianzhi_says(folder, {"fmt", "-t", file.string()}).exit == 1);
  CHECK(crash::text_of(file).find("version:   1") == 0);
  CHECK(qianzhi_says(folder, {"fmt", file.string()}).exit == 0);
  CHECK(crash::text_of(file) == "version: 1  # one\n\nagent: {id: a}\n");
  struct stat status {};
  REQUIRE(stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0640);
  CHECK(qianzhi_says(folder, {"fmt", "-t", file.string()}).exit == 0);
  // A link stays a link.
  std::ofstream(file) << "version:  1\n";
  std::filesystem::create_symlink(file, folder / "link.yaml");
  CHECK(qianzhi_says(folder, {"fmt", (folder / "link.yaml").string()}).exit == 0);
  CHECK(std::filesystem::is_symlink(folder / "link.yaml"));
  CHECK(crash::text_of(file) == "version: 1\n");
  std::ofstream(file) << "version: 1\nversion: 1\n";
  CHECK(qianzhi_says(folder, {"fmt", file.string()}).exit == 78);
}

TEST_CASE("E1 findings come as JSON, and schema, reference and settings are printed") {
  const test::TempDir folder;
  const auto broken = qianzhi_says(folder, {"check", "--json", "-c", QIANZHI_CORPUS "/agent/eight_mistakes.yaml"});
  CHECK(broken.exit == 78);
  CHECK(broken.text.find("\"errors\":8") != std::string::npos);
  CHECK(broken.text.find("letmein") == std::string::npos);
  CHECK(broken.text.find('\x1b') == std::string::npos);
  CHECK(qianzhi_says(folder, {"schema", "--json"}).text.find("https://json-schema.org/draft/2020-12/schema") !=
        std::string::npos);
  CHECK(qianzhi_says(folder, {"schema"}).text.find("poll_interval: 200ms") != std::string::npos);
  const auto shown = qianzhi_says(folder, {"config", "show", "-c", examples + "commerce.yaml"});
  CHECK(shown.exit == 0);
  CHECK(shown.text.find("exchange.signing_key = (secret) file pki/commerce-01-signing.key") != std::string::npos);
  CHECK(shown.text.find("queue.max_size = 20GiB") != std::string::npos);
}

TEST_CASE("E1 the schemas take every example and refuse the broken files that a schema can refuse") {
  const test::TempDir folder;
  struct One {
    std::string program;
    std::string corpus;
    std::string key;
    std::string least;
  };
  for (const One& one : {One{QIANZHI_PROGRAM, "agent", "agent", "30"}, One{QIANZHI_HUB, "hub", "hub", "13"},
                         One{QIANZHI_DESK, "desk", "database", "20"}}) {
    std::ofstream(folder / "schema.json") << crash::run({one.program, "schema", "--json"}, folder / one.corpus).text;
    const auto checked = crash::run(
        {"/usr/bin/env", "python3", QIANZHI_SOURCE "/tests/unit/config_schema.py", (folder / "schema.json").string(),
         QIANZHI_CONF, QIANZHI_CORPUS "/" + one.corpus, one.key, one.least},
        folder / ("python." + one.corpus));
    INFO(one.program << "\n" << checked.text);
    CHECK(checked.exit == 0);
  }
}

TEST_CASE("E1 E3 the hub shows what is in force, with lines and defaults, keys only by their place") {
  const test::TempDir folder;
  const std::filesystem::path file = folder / "hub.yaml";
  std::ofstream(folder / "hub.key") << "letmein";
  std::ofstream(file) << "hub:\n  store: hub.db\n  certificate: hub.crt\n  private_key: {file: hub.key}\n"
                         "  trust: ca.crt\n  signing_key: {file: s.key}\n  directory_key: {file: d.key}\nagents: {}\n";
  const auto hub_says = [&](std::vector<std::string> words) {
    words.insert(words.begin(), QIANZHI_HUB);
    words.insert(words.end(), {"config", "show", "-c", file.string()});
    std::filesystem::remove(folder / "log");
    return crash::run(words, folder / "log");
  };
  const auto shown = hub_says({});
  CHECK(shown.exit == 0);
  CHECK(shown.text.find("hub.private_key = (secret) file hub.key  （第 4 行 line）") != std::string::npos);
  CHECK(shown.text.find("letmein") == std::string::npos);
  CHECK(shown.text.find("hub.listen = 127.0.0.1:8443  （默认 default）") != std::string::npos);
  CHECK(hub_says({"--json"}).text.find(R"("path":"hub.store","value":"hub.db","secret":false,"default":false)") !=
        std::string::npos);
  std::ofstream(file, std::ios::app) << "agent: {}\n";
  CHECK(hub_says({}).exit == 78);
}

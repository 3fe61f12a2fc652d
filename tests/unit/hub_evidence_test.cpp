#include "hub-protocol/hub/evidence.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "hub-protocol/audit/directory_history.h"
#include "hub-protocol/audit/evidence_file.h"
#include "hub-protocol/audit/trail.h"
#include "hub-protocol/audit/verify_evidence.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/audit_keeper.h"
#include "hub-protocol/hub/export.h"
#include "hub-protocol/hub/matters.h"
#include "hub_support.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using seal::Verdict;
using test::HubWorld;

namespace {

namespace fs = std::filesystem;
const audit::Actor auditor{audit::ActorKind::operator_, "wang"};
constexpr Days all_time{-1'000'000, 1'000'000};

Bytes octets_in(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

// A hub whose administration works, with an auditor who exports.
struct Office : HubWorld {
  Office()
      : registry(dir / "registry", DigestSuite::sha256, clock),
        keeper(registry, hub_key, clock),
        matters({registry, *hub, clock, test::one_day, [] {}}),
        office{registry, *hub, matters, config, DigestSuite::sha256, clock, random, [] {}, &keeper} {
    config.store = options.store;
    config.content = directory;
    config.signing_key = write_key("hub.key", hub_key);
    config.directory_key = write_key("directory.key", directory_key);
  }
  fs::path write_key(const std::string& name, const seal::SigningKey& key_to_keep) const {
    std::ofstream(dir / name) << key_to_keep.to_pem();
    fs::permissions(dir / name, fs::perms::owner_read | fs::perms::owner_write);
    return dir / name;
  }
  fs::path export_to(const std::string& name, Days days = all_time) {
    hub::write_evidence(office, auditor, dir / name, days);
    return dir / name;
  }
  std::string run(std::vector<std::string> words) {
    return hub::run_verb(*hub::find_verb(words), office, auditor, words, {});
  }
  void apply(std::uint64_t upserted) {
    wire::AppliedBody body;
    write_value(StreamId{"commerce-01", test::firms}, *body.mutable_stream());
    body.set_subscriber("tax-01");
    body.set_upserted(upserted);
    body.set_begun(1);
    wire::AppliedRequest request;
    wire::Applied& applied = *request.add_applied();
    applied.set_body(body.SerializeAsString());
    applied.mutable_signature()->set_key_id(tax_key.record().id);
    applied.mutable_signature()->set_value(tax_key.sign(seal::Purpose::applied, applied.body()));
    hub->applied("tax-01", request);
  }
  seal::VerifyReport verify(const fs::path& path) const {
    seal::VerifyReport report;
    bool has_batches = false;
    for (const auto& entry : fs::recursive_directory_iterator(path))
      has_batches = has_batches || entry.path().extension() == ".qzb";
    if (has_batches) report = seal::verify_files(path, directory);
    seal::KeyHistory keys(directory_key.record());
    keys.walk(audit::roots_below(path));
    audit::verify_evidence(path, directory, keys, report);
    return report;
  }
  // What is found first, after one file of the evidence was changed.
  template <typename Change>
  std::string found_after(const fs::path& evidence, std::string_view file, Change&& change) const {
    const fs::path copy = dir / "altered";
    fs::remove_all(copy);
    fs::copy(evidence, copy, fs::copy_options::recursive);
    std::vector<Bytes> records;
    audit::read_evidence(copy / file, [&](std::string_view record) { records.emplace_back(record); });
    change(records);
    fs::remove(copy / file);
    audit::EvidenceWriter out(copy / file);
    for (const Bytes& record : records) out.add(record);
    out.finish();
    const seal::VerifyReport report = verify(copy);
    return report.findings.empty() ? "good" : report.findings.front().code;
  }

  registry::Registry registry;
  hub::AuditKeeper keeper;
  hub::HubConfig config;
  hub::Matters matters;
  hub::Office office;
};

}  // namespace

TEST_CASE("S1.5 S3.5 evidence of trail, ledger and batches verifies offline, and each way of altering it is seen") {
  Office world;
  world.filled();
  world.apply(3);
  world.clock.advance(test::one_day);
  world.apply(7);
  for (int i = 0; i < 5; ++i) world.registry.note({auditor, "test.note", std::to_string(i), ""});
  const fs::path evidence = world.export_to("evidence");
  hub::export_log(world.config, evidence / "batches", {});
  const seal::VerifyReport report = world.verify(evidence);
  for (const auto& finding : report.findings)
    UNSCOPED_INFO(finding.code << " " << finding.file << " " << finding.detail);
  CHECK(report.verdict == Verdict::good);
  CHECK(report.entries == 7);  // start, five notes, the export itself
  CHECK(report.checkpoints == 1);
  CHECK(report.receipts == 2);
  CHECK(report.batches == 4);
  CHECK(octets_in(evidence / "audit.csv").substr(0, 3) == "\xEF\xBB\xBF");
  // Plain tools: what is signed, the signature, the key.
  const KeyRecord plain_key = seal::key_record_from_pem(octets_in(evidence / "hub.pub.pem"));
  CHECK(seal::verify_octets(plain_key, octets_in(evidence / "last.signed"), octets_in(evidence / "last.signature")));

  using Records = std::vector<Bytes>;
  const auto entries = audit::entries_name;
  const auto after = [&](std::string_view file, const auto& change) {
    return world.found_after(evidence, file, change);
  };
  CHECK(after(entries, [](Records&) {}) == "good");
  const auto flip = [](std::size_t record) {
    return [record](Records& all) { all[record][all[record].size() - 2] ^= 1; };
  };
  CHECK(after(entries, [](Records& all) { all[3].replace(all[3].find("test.note"), 9, "test.nope"); }) ==
        "QZ-SEAL-088");
  CHECK(after(entries, [](Records& all) { all.erase(all.begin() + 3); }) == "QZ-SEAL-090");
  CHECK(after(entries, [](Records& all) { all.pop_back(); }) == "QZ-SEAL-094");
  CHECK(after(entries, [](Records& all) { all.erase(all.begin()); }) == "QZ-SEAL-090");
  CHECK(after(entries, [](Records& all) { std::swap(all[2], all[3]); }) == "good");  // they carry their numbers
  CHECK(after(entries, [](Records& all) { all[2].resize(5); }) == "QZ-SEAL-086");
  CHECK(after(audit::checkpoints_name, flip(0)) == "QZ-SEAL-087");
  CHECK(after(audit::checkpoints_name, [](Records& all) { all.clear(); }) == "QZ-SEAL-089");
  CHECK(after(audit::ledger_name, [](Records& all) { all.pop_back(); }) == "QZ-SEAL-094");
  CHECK(after(audit::ledger_name, [](Records& all) { all.erase(all.begin() + 1); }) == "QZ-SEAL-092");
  CHECK(after(audit::ledger_name, [](Records& all) { std::swap(all[all.size() - 1], all[all.size() - 2]); }) ==
        "QZ-SEAL-091");
  CHECK(after(audit::ledger_name, flip(3)).substr(0, 7) == "QZ-SEAL");
}

TEST_CASE("S3.5 a hub that writes its trail anew, or cuts its end off, contradicts its own earlier checkpoint") {
  Office world;
  world.filled();
  fs::create_directory(world.dir / "all");
  for (int i = 0; i < 5; ++i) world.registry.note({auditor, "test.note", std::to_string(i), ""});
  world.export_to("all/earlier");
  CHECK(world.verify(world.dir / "all").verdict == Verdict::good);
  world.registry.work([&](sqlite::Database& database) {
    database.execute("DELETE FROM audit WHERE sequence > 3; DELETE FROM checkpoint");
  });
  SECTION("cut off and continued") { world.export_to("all/later"); }
  SECTION("written anew from the start") {
    world.registry.work([&](sqlite::Database& database) { database.execute("DELETE FROM audit"); });
    for (int i = 0; i < 9; ++i) world.registry.note({auditor, "test.other", "", ""});
    world.export_to("all/later");
  }
  CHECK(world.verify(world.dir / "all/later").verdict == Verdict::good);  // alone it looks well
  const seal::VerifyReport report = world.verify(world.dir / "all");
  CHECK(report.verdict == Verdict::tampered);
  CHECK(report.findings.front().code == "QZ-SEAL-088");
}

TEST_CASE(
    "A9 S3.5 checkpoints and receipts by keys that made way for others verify by the directories in the evidence") {
  Office world;
  world.filled();
  world.apply(3);
  const auto publish = [&] {
    world.registry.work([&](sqlite::Database& database) {
      audit::keep_directory(database, world.sealed.signed_root, world.sealed.digest, world.sealed.parts,
                            world.clock.now());
    });
    world.registry.note({{},
                         "directory.publish",
                         std::to_string(world.directory.version),
                         "",
                         "",
                         "",
                         {{"digest", world.sealed.digest.hex()}}});
  };
  publish();
  const fs::path evidence = world.export_to("evidence");
  CHECK(world.verify(evidence).verdict == Verdict::good);
  // Years later: another key of the hub, another of the receiver.
  world.directory.hub_key = seal::SigningKey::generate().record();
  world.directory.agents["tax-01"].signing_keys = {world.other_key.record()};
  CHECK(world.verify(evidence).verdict == Verdict::good);
  CHECK(world.found_after(evidence, audit::parts_name, [](std::vector<Bytes>& all) { all.pop_back(); }) ==
        "QZ-SEAL-090");
  CHECK(world.found_after(evidence, audit::roots_name, [](std::vector<Bytes>& all) { all.clear(); }) == "QZ-SEAL-090");
  world.directory_key = seal::SigningKey::generate();
  CHECK(world.verify(evidence).verdict == Verdict::untrusted);
}

TEST_CASE("S3.5 entries leave after their time only if they were exported, and the rest still verifies") {
  Office world;
  world.filled();
  for (int i = 0; i < 5; ++i) world.registry.note({auditor, "test.note", std::to_string(i), ""});
  world.keeper.checkpoint();
  const auto forget = [&] {
    std::uint64_t gone = 0;
    world.registry.work([&](sqlite::Database& database) { gone = audit::forget(database, world.clock.now()); });
    return gone;
  };
  world.clock.advance(200 * test::one_day);
  CHECK(forget() == 0);
  world.export_to("first");
  world.registry.note({auditor, "test.note", "later", ""});
  CHECK(forget() == 6);
  CHECK(forget() == 0);
  const fs::path rest = world.export_to("rest");
  CHECK(world.verify(rest).verdict == Verdict::good);
  fs::create_directory(world.dir / "both");
  fs::rename(world.dir / "first", world.dir / "both/first");
  fs::rename(world.dir / "rest", world.dir / "both/rest");
  CHECK(world.verify(world.dir / "both").verdict == Verdict::good);
}

TEST_CASE("S1.5 S3.5 trail, ledger and month report by the operator's words, and who looked is entered") {
  Office world;
  world.filled();
  world.apply(4);
  CHECK(world.run({"ledger", "--by", "topic"}).find("commerce.firms  记录 records 3") != std::string::npos);
  CHECK(world.run({"ledger", "--receiver", "tax", "--csv"}).find("commerce,tax,4,4,0,0,0,0\r\n") != std::string::npos);
  CHECK(world.run({"ledger", "--sender", "tax", "--json"}) == "[]\n");
  test::check_throws("QZ-HUB-242", [&] { world.run({"ledger", "--from", "2026-13-01"}); });
  test::check_throws("QZ-HUB-051", [&] { world.run({"ledger", "--by", "week"}); });
  const std::string month = month_text(beijing_day(world.clock.now()));
  const std::string report = world.run({"report", month, "--csv"});
  CHECK(report.find(month + ",commerce,commerce,1,1,2,0,0,0,0,") != std::string::npos);
  CHECK(report.find(month + ",tax,tax,1,0,0,4,0,0,0,") != std::string::npos);
  const std::string read = world.run({"audit", "--action", "ledger"});
  CHECK(read.find("operator:wang  ledger.read") != std::string::npos);
  CHECK(world.run({"audit", "--action", "audit.read", "--json"}).find("\"actor\":\"wang\"") != std::string::npos);
  CHECK(world.run({"audit", "--actor", "nobody"}).empty());
  // A name that a spreadsheet would take for a formula.
  world.registry.note({auditor, "test.note", "=HYPERLINK(\"http://x\")", ""});
  CHECK(world.run({"audit", "--action", "test", "--csv"}).find(",\"'=HYPERLINK(\"\"http://x\"\")\",") !=
        std::string::npos);
  test::check_throws("QZ-HUB-241", [&] { world.run({"evidence", "relative"}); });
  test::check_throws("QZ-HUB-241", [&] { world.run({"evidence", world.dir.path().string()}); });
}

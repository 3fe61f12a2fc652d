// What an agent kept, exported and verified offline; then spoiled in every way that has an exit code of its own.
#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>

#include "tests/crash/exchange.h"

using namespace qianzhi;
using crash::Exchange;
using crash::Who;

namespace {

constexpr int good = 0;
constexpr int tampered = 1;
constexpr int incomplete = 2;
constexpr int untrusted = 3;
constexpr int malformed = 4;
constexpr int could_not_check = 6;

class Exported {
 public:
  Exported() {
    exchange_.begin(40);
    const crash::Output done = exchange_.ask(Who::commerce, {"export", "--to", folder().string()});
    INFO(done.text);
    REQUIRE(done.exit == 0);
    for (const auto& entry : std::filesystem::directory_iterator(folder()))
      if (entry.path().filename().string().find(crash::changes_topic) == 0) files_.push_back(entry.path());
    // "TOPIC-EPOCH.SEQUENCE.qzb"
    std::sort(files_.begin(), files_.end(), [](const auto& a, const auto& b) {
      return std::pair(a.string().size(), a.string()) < std::pair(b.string().size(), b.string());
    });
    REQUIRE(files_.size() > 4);
  }

  std::filesystem::path folder() const { return exchange_.file("exported"); }
  const std::filesystem::path& middle() const { return files_[files_.size() / 2]; }
  const std::vector<std::filesystem::path>& files() const { return files_; }
  crash::Output verify(const std::filesystem::path& path, const std::string& key = "directory.pub") {
    return exchange_.qianzhi({"verify", path.string(), "--directory-key", (exchange_.file("pki") / key).string()});
  }
  Exchange& exchange() { return exchange_; }

 private:
  Exchange exchange_;
  std::vector<std::filesystem::path> files_;
};

void write(const std::filesystem::path& file, const std::string& octets) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << octets;
}

}  // namespace

TEST_CASE(
    "A8 S1.5 an SM directory from end to end, and two signatures: rows arrive, survive a kill, and verify offline with "
    "trail and ledger") {
  crash::Choice choice;
  choice.seals = GENERATE(crash::Seals::sm, crash::Seals::two_signatures);
  Exchange exchange(choice);
  exchange.begin(40);
  for (const Who who : {Who::commerce, Who::tax, Who::hub}) exchange.kill(who);
  exchange.start_all();
  for (int i = 0; i < 20; ++i) exchange.change();
  exchange.await_rest();
  const std::filesystem::path folder = exchange.file("exported");
  const crash::Output done = exchange.ask(Who::hub, {"export", folder.string()});
  INFO(done.text);
  REQUIRE(done.exit == 0);
  const crash::Output evidence = exchange.ask(Who::hub, {"evidence", (folder / "evidence").string()});
  INFO(evidence.text);
  REQUIRE(evidence.exit == 0);
  const std::string key = (exchange.file("pki") / "directory.pub").string();
  const crash::Output verified = exchange.qianzhi({"verify", folder.string(), "--directory-key", key});
  INFO(verified.text);
  CHECK(verified.exit == good);
  CHECK(verified.text.find("audit entries") != std::string::npos);
  CHECK(exchange.ask(Who::hub, {"audit", "--action", "hub.exported"}).text.find("hub.exported") != std::string::npos);
  const std::string other = (exchange.file("pki") / "hub-signing.pub").string();
  CHECK(exchange.qianzhi({"verify", folder.string(), "--directory-key", other}).exit == untrusted);
  // What the headers say: field 5, the digest suite, after the key id in field 4; and how many signatures there are.
  const char suite = choice.seals == crash::Seals::sm ? '\2' : '\1';
  std::size_t batches = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".qzb") continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    const std::string octets{std::istreambuf_iterator<char>(stream), {}};
    const std::size_t id = octets.find(std::string("\x22\x40", 2));
    REQUIRE(id != std::string::npos);
    CHECK(octets.substr(id + 66, 2) == std::string("\x28") + suite);
    ++batches;
  }
  CHECK(batches > 10);
}

TEST_CASE("what an agent kept is exported beside it and verifies offline") {
  Exported exported;
  CHECK(exported.verify(exported.folder()).exit == good);
  CHECK(exported.verify(exported.middle()).exit == good);
  exported.exchange().stop(Who::commerce);
  exported.exchange().stop(Who::hub);
  const crash::Output again = exported.exchange().ask(
      Who::commerce, {"export", "--to", exported.exchange().file("again").string(), "--topic", crash::firms_topic});
  CHECK(again.exit == 0);
  CHECK(exported.verify(exported.exchange().file("again")).exit == good);
}

TEST_CASE(
    "S3.5 the hub's log is exported for an auditor beside the running hub: every batch of every stream, verified "
    "offline") {
  Exported exported;
  Exchange& exchange = exported.exchange();
  const crash::Output done = exchange.ask(Who::hub, {"export", exchange.file("audit").string()});
  INFO(done.text);
  REQUIRE(done.exit == 0);
  CHECK(exported.verify(exchange.file("audit")).exit == good);
  std::size_t opened = 0;
  for (const auto& entry : std::filesystem::directory_iterator(exchange.file("audit")))
    opened += entry.path().extension() == ".qzb" ? 1U : 0U;
  const auto kept = exchange.rows(Who::hub, "SELECT count(*) FROM batch");
  REQUIRE(kept.size() == 1);
  CHECK(std::to_string(opened) + "|" == kept[0]);
  // What the provider kept is the same, octet by octet.
  for (const auto& file : exported.files())
    CHECK(crash::text_of(exchange.file("audit") / ("commerce-01-" + file.filename().string())) == crash::text_of(file));

  REQUIRE(exchange.ask(Who::hub, {"export", exchange.file("one").string(), "commerce-01", crash::firms_topic}).exit ==
          0);
  CHECK(exported.verify(exchange.file("one")).exit == good);
  CHECK_FALSE(
      std::filesystem::exists(exchange.file("one") / ("commerce-01-" + exported.files()[0].filename().string())));
  CHECK(exchange.ask(Who::hub, {"export"}).exit != 0);
}

TEST_CASE("A3 verify tells tampered, incomplete, untrusted, malformed and unchecked apart by its exit code") {
  Exported exported;
  const std::string octets = crash::text_of(exported.middle());

  // No octet can change unseen; one within the values is called tampered.
  for (std::size_t at = 0; at < octets.size(); at += std::max<std::size_t>(1, octets.size() / 24)) {
    std::string spoiled = octets;
    spoiled[at] = static_cast<char>(spoiled[at] ^ 1);
    write(exported.middle(), spoiled);
    const int exit = exported.verify(exported.folder()).exit;
    INFO("octet " << at << " of " << octets.size());
    CHECK((exit == tampered || exit == malformed || exit == untrusted));
  }
  std::string spoiled = octets;
  const std::size_t value = octets.rfind("xxxx");
  REQUIRE(value != std::string::npos);
  spoiled[value] = 'y';
  write(exported.middle(), spoiled);
  CHECK(exported.verify(exported.folder()).exit == tampered);

  write(exported.middle(), octets.substr(0, octets.size() / 2));
  CHECK(exported.verify(exported.folder()).exit == malformed);

  std::filesystem::remove(exported.middle());
  CHECK(exported.verify(exported.folder()).exit == incomplete);

  write(exported.middle(), octets);
  CHECK(exported.verify(exported.folder(), "hub-signing.pub").exit == untrusted);
  CHECK(exported.verify(exported.folder() / "missing").exit == could_not_check);
  CHECK(exported.verify(exported.folder(), "missing.pub").exit == could_not_check);
  CHECK(exported.verify(exported.folder()).exit == good);
}

// An SM directory with the shipped programs, through everything that may happen to it: SM2 signs, SM3 digests, SM4
// encrypts the agents' queues. TLS is as everywhere: what Debian's OpenSSL cannot do there, packaging/SM.md says.
#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>

#include "tests/crash/exchange.h"

using namespace qianzhi;
using crash::Exchange;
using crash::Seals;
using crash::Who;

namespace {

// What the header of an exported batch says: field 5, the digest suite, after the key id in field 4.
char suite_of(const std::filesystem::path& batch) {
  std::ifstream stream(batch, std::ios::binary);
  const std::string octets{std::istreambuf_iterator<char>(stream), {}};
  const std::size_t id = octets.find(std::string("\x22\x40", 2));
  return id == std::string::npos || octets[id + 66] != '\x28' ? '\0' : octets[id + 67];
}

void rotate_key(Exchange& exchange) {
  exchange.stop(Who::commerce);
  exchange.replace_key();
  exchange.start(Who::commerce);
  for (int i = 0; i < 8; ++i) exchange.change();
  exchange.await_rest();
}

// From a backup of before the last changes.
void restore_hub(Exchange& exchange) {
  std::filesystem::create_directory(exchange.file("backups"));
  const crash::Output made = exchange.ask(Who::hub, {"backup", exchange.file("backups").string()});
  REQUIRE(made.exit == 0);
  for (int i = 0; i < 8; ++i) exchange.change();
  exchange.await_rest();
  exchange.kill(Who::hub);
  exchange.replace_store(Who::hub, made.text.substr(0, made.text.find('\n')));
  exchange.start(Who::hub);
  exchange.await("a hub that is stopped", [&] {
    const crash::Output status = exchange.ask(Who::hub, {"status"});
    return status.exit == 0 && status.text.find("STOPPED QZ-HUB-025") != std::string::npos;
  });
  REQUIRE(exchange.ask(Who::hub, {"recover", "--yes"}).exit == 0);
  exchange.await_rest();
}

// A row is spoilt at the target; what receiver and provider write to each other brings it back.
void compare(Exchange& exchange) {
  exchange.target_sql(
      "UPDATE firms SET enterprise_name = 'spoilt' WHERE registration_number = (SELECT max(registration_number) FROM"
      " firms)");
  REQUIRE_FALSE(exchange.difference().empty());
  REQUIRE(exchange.ask(Who::tax, {"compare", crash::firms_topic}).exit == 0);
  exchange.change();  // so that the receiver's poll, which may just have begun, does not have to end first
  exchange.await("what the comparison sends", [&] { return exchange.difference().empty(); });
}

void verify(Exchange& exchange) {
  const std::filesystem::path folder = exchange.file("exported");
  REQUIRE(exchange.ask(Who::hub, {"export", folder.string()}).exit == 0);
  const auto verified = [&](const char* key) {
    return exchange.qianzhi({"verify", folder.string(), "--directory-key", (exchange.file("pki") / key).string()});
  };
  const crash::Output good = verified("directory.pub");
  INFO(good.text);
  CHECK(good.exit == 0);
  CHECK(verified("hub-signing.pub").exit == 3);
  std::filesystem::path some;
  std::size_t batches = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".qzb") continue;
    CHECK(suite_of(entry.path()) == '\2');
    some = entry.path();
    ++batches;
  }
  CHECK(batches > 10);
  std::fstream spoilt(some, std::ios::binary | std::ios::in | std::ios::out);
  spoilt.seekp(-20, std::ios::end);
  spoilt.put('\0').put('\0');
  spoilt.close();
  CHECK(verified("directory.pub").exit != 0);
}

}  // namespace

TEST_CASE(
    "S3.5 A8 A12 A14 an SM directory with the shipped programs: keys, letters, kills, restore, files and evidence") {
  crash::Choice choice;
  choice.seals = GENERATE(Seals::sm, Seals::sm_beside);
  // One of the two runs has its receiver behind a gateway for files.
  if (choice.seals == Seals::sm_beside) choice.by_files = {Who::tax};
  Exchange exchange(choice);
  exchange.begin(12);
  const std::int64_t first = exchange.last_event() + 1;
  if (choice.by_files.empty()) compare(exchange);
  for (const Who who : {Who::commerce, Who::tax, Who::hub}) {
    exchange.change();
    exchange.kill(who);
    exchange.start(who);
  }
  exchange.await_rest();
  rotate_key(exchange);
  restore_hub(exchange);
  CHECK(exchange.wrong_history(first).empty());
  verify(exchange);
}

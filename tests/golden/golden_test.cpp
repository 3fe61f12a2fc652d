#include <catch2/catch.hpp>

#include <sstream>

#include "hub-protocol/seal/batch.h"
#include "hub-protocol/seal/directory.h"
#include "hub-protocol/seal/receipt.h"
#include "hub-protocol/seal/verify.h"
#include "hub-protocol/wire/exchange.pb.h"
#include "tests/golden/golden_signatures.h"

using namespace qianzhi;
using namespace qianzhi::test;

TEST_CASE("Golden: each vector, whole folder or file, gets the verdict and codes written in expected.txt", "[golden]") {
  const Directory trust = golden_trust(golden_keys());
  std::istringstream lines(read_golden("expected.txt"));
  std::size_t checked = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string name, code;
    int verdict = -1;
    words >> name >> verdict;
    std::vector<std::string> codes;
    while (words >> code) codes.push_back(code);
    const seal::VerifyReport report = seal::verify_files(golden_folder() / "vectors" / name, trust);
    INFO(name << ": " << seal::to_json(report));
    CHECK(static_cast<int>(report.verdict) == verdict);
    std::vector<std::string> found;
    for (const seal::Finding& finding : report.findings) found.push_back(finding.code);
    CHECK(found == codes);
    ++checked;
  }
  CHECK(checked >= 60);
}

TEST_CASE("Golden: what is sealed today is octet for octet what was sealed when the vectors were frozen", "[golden]") {
  for (const auto& [name, octets] : make_vectors(golden_keys())) {
    INFO(name);
    if (name.find("zstd") != std::string::npos) continue;
    const Bytes frozen = read_golden("vectors/" + name);
    if (has_random_signature(name))
      CHECK((without_signature_values(frozen) == without_signature_values(octets)));
    else
      CHECK((frozen == octets));
  }
}

TEST_CASE("Golden: the good vectors hold exactly the headers and rows of good.txt", "[golden]") {
  std::string text;
  for (const auto& [name, octets] : make_vectors(golden_keys()))
    if (name.starts_with("good/")) text += name + "\n" + describe(read_golden("vectors/" + name)) + "\n";
  CHECK(text == read_golden("good.txt"));
}

TEST_CASE("Golden: the vectors of an SM directory hold under its own keys", "[golden]") {
  const Directory trust = seal::in_suite(golden_trust(golden_keys()), DigestSuite::sm3);
  const seal::VerifyReport report = seal::verify_files(golden_folder() / "vectors/sm3", trust);
  INFO(seal::to_json(report));
  CHECK(report.verdict == seal::Verdict::good);
  CHECK(report.batches == 2);
}

TEST_CASE("Golden: the frozen receipt and directory root still open", "[golden]") {
  const GoldenKeys keys = golden_keys();
  wire::Receipt receipt;
  REQUIRE(receipt.ParseFromString(read_golden("vectors/receipt.bin")));
  const seal::ReceiptContent content = seal::open_receipt(receipt, keys.hub.record());
  CHECK(content.head == seal::Parsed::from(read_golden("vectors/good/1.3-change.qzb")).head());
  CHECK(content.secured.is_none());
  const seal::RootContent root = seal::open_root(read_golden("vectors/root.bin"), keys.hub.record());
  CHECK(root.version == 1);
  CHECK(root.parts.size() == 3);
}

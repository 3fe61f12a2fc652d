#include <algorithm>
#include <filesystem>
#include <fstream>

#include "hub-protocol/seal/verify.h"
#include "tests/support/seal_forge.h"
#include "tests/support/seal_samples.h"
#include "tests/support/temp_dir.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using namespace qianzhi::seal;
using namespace qianzhi::test;

namespace {

Directory trust(KeyState state = KeyState::active) {
  Directory directory;
  KeyRecord record = provider_key().record();
  record.state = state;
  directory.agents["commerce-01"] = {"commerce-01", "commerce", {}, {record}, true};
  return directory;
}

Sealed batch_at(Position position, const Digest& previous, const SigningKey& key = provider_key()) {
  CountingRandom random;
  Header header = change_header(position);
  header.previous = previous;
  if (position.sequence == 1) {
    header.kind = BatchKind::begin;
    header.scope = GroupSet::every();
    return seal::seal(header, {}, {"1", ""}, key, random);
  }
  return seal::seal(header, small_content(), {"1", "2"}, key, random);
}

// 1.1, 1.2, 1.3 and 2.1, linked.
std::vector<Sealed> chain() {
  std::vector<Sealed> batches;
  for (const Position position : {Position{1, 1}, {1, 2}, {1, 3}, {2, 1}})
    batches.push_back(batch_at(position, batches.empty() ? Digest{} : batches.back().digest));
  return batches;
}

void write(const TempDir& dir, const std::string& name, const Bytes& octets) {
  std::ofstream(dir / name, std::ios::binary) << octets;
}

struct Expected {
  Verdict verdict;
  std::vector<std::string> codes;
};

VerifyReport expect(const std::filesystem::path& path, const Directory& directory, const Expected& expected) {
  const VerifyReport report = verify_files(path, directory);
  INFO(to_json(report));
  CHECK(report.verdict == expected.verdict);
  std::vector<std::string> codes;
  for (const Finding& finding : report.findings) codes.push_back(finding.code);
  CHECK(codes == expected.codes);
  return report;
}

}  // namespace

TEST_CASE("A whole exported chain is good, in any file order and with copies", "[seal]") {
  const TempDir dir;
  const std::vector<Sealed> batches = chain();
  for (std::size_t i = 0; i < batches.size(); ++i) write(dir, std::to_string(9 - i) + ".qzb", batches[i].octets);
  write(dir, "copy.qzb", batches[1].octets);
  write(dir, "notes.txt", "no batch");
  const VerifyReport report = expect(dir.path(), trust(), {Verdict::good, {}});
  CHECK(report.batches == 5);
  CHECK(report.rows == 18);
  CHECK(to_json(report) == R"({"verdict":"good","batches":5,"rows":18,"findings":[]})");
  expect(dir / "8.qzb", trust(), {Verdict::good, {}});
}

TEST_CASE("A retired key still verifies, a revoked or unknown key or agent is untrusted", "[seal]") {
  const TempDir dir;
  write(dir, "1.qzb", chain()[1].octets);
  expect(dir.path(), trust(KeyState::retired), {Verdict::good, {}});
  expect(dir.path(), trust(KeyState::revoked), {Verdict::untrusted, {"QZ-SEAL-052"}});
  expect(dir.path(), Directory{}, {Verdict::untrusted, {"QZ-SEAL-051"}});
  Directory other = trust();
  other.agents.begin()->second.signing_keys = {SigningKey::generate().record()};
  expect(dir.path(), other, {Verdict::untrusted, {"QZ-SEAL-051"}});
}

TEST_CASE("A13 verify wants both signatures of an agent with two keys, and says which is missing", "[seal]") {
  const TempDir dir;
  const SigningKey pair = provider_key().with_second(SigningKey::generate(Algorithm::sm2, "gz-commerce"));
  Directory directory = trust();
  directory.agents.begin()->second.signing_keys = pair.records();
  Forge good(batch_at({1, 2}, Digest::from_bytes(Bytes(32, 'p')), pair).octets);
  write(dir, "1.qzb", good.batch().SerializeAsString());
  expect(dir.path(), directory, {Verdict::good, {}});
  Forge forge = good;
  forge.batch().mutable_signatures()->RemoveLast();
  write(dir, "1.qzb", forge.batch().SerializeAsString());
  const VerifyReport report = expect(dir.path(), directory, {Verdict::tampered, {"QZ-SEAL-050"}});
  CHECK(report.findings[0].detail.find("signer id 'gz-commerce'") != std::string::npos);
  for (const auto& change : {+[](wire::SealedBatch& b) { b.mutable_signatures()->SwapElements(0, 1); },
                             +[](wire::SealedBatch& b) { *b.mutable_signatures(1) = b.signatures(0); },
                             +[](wire::SealedBatch& b) { *b.add_signatures() = b.signatures(1); }}) {
    forge = good;
    change(forge.batch());
    write(dir, "1.qzb", forge.batch().SerializeAsString());
    expect(dir.path(), directory, {Verdict::tampered, {"QZ-SEAL-050"}});
  }
  write(dir, "1.qzb", batch_at({1, 2}, Digest::from_bytes(Bytes(32, 'p'))).octets);
  expect(dir.path(), directory, {Verdict::tampered, {"QZ-SEAL-050"}});
  write(dir, "1.qzb", good.batch().SerializeAsString());
  directory.agents.begin()->second.signing_keys[1].state = KeyState::revoked;
  expect(dir.path(), directory, {Verdict::untrusted, {"QZ-SEAL-052"}});
  directory.agents.begin()->second.signing_keys.pop_back();
  expect(dir.path(), directory, {Verdict::untrusted, {"QZ-SEAL-051"}});
}

TEST_CASE("A12 verify judges a key at its place: it ends where a new one began, a revoked one needs a successor",
          "[seal]") {
  const SigningKey next = SigningKey::generate(Algorithm::ecdsa_p256);
  Directory directory = trust(KeyState::retired);
  directory.agents.begin()->second.signing_keys.push_back(next.record());
  const TempDir dir;
  std::vector<Sealed> batches;
  for (const SigningKey* key : {&provider_key(), &provider_key(), &next, &provider_key()}) {
    const Digest previous = batches.empty() ? Digest{} : batches.back().digest;
    batches.push_back(batch_at({1, batches.size() + 1}, previous, *key));
    write(dir, std::to_string(batches.size()) + ".qzb", batches.back().octets);
  }
  expect(dir.path(), directory, {Verdict::untrusted, {"QZ-SEAL-058"}});
  std::filesystem::remove(dir / "4.qzb");
  expect(dir.path(), directory, {Verdict::good, {}});
  // Revoked later: the new key chained on to both of its batches.
  directory.agents.begin()->second.signing_keys[0].state = KeyState::revoked;
  expect(dir.path(), directory, {Verdict::good, {}});
  expect(dir / "2.qzb", directory, {Verdict::untrusted, {"QZ-SEAL-052"}});
  std::filesystem::remove(dir / "2.qzb");
  expect(dir.path(), directory, {Verdict::untrusted, {"QZ-SEAL-052", "QZ-SEAL-053"}});
  // A successor that is revoked itself vouches for nothing.
  write(dir, "2.qzb", batches[1].octets);
  directory.agents.begin()->second.signing_keys[1].state = KeyState::revoked;
  expect(dir.path(), directory, {Verdict::untrusted, {"QZ-SEAL-052", "QZ-SEAL-052", "QZ-SEAL-052"}});
}

TEST_CASE("A6: a changed header, signature or block is tampered, and every finding is reported", "[seal]") {
  const TempDir dir;
  Forge forge(chain()[1].octets);
  forge.header().set_time(1);
  forge.batch().set_header(forge.header().SerializeAsString());
  write(dir, "1.qzb", forge.batch().SerializeAsString());
  expect(dir.path(), trust(), {Verdict::tampered, {"QZ-SEAL-050"}});
  forge.batch().mutable_groups(0)->mutable_rows()->push_back('x');
  write(dir, "1.qzb", forge.batch().SerializeAsString());
  expect(dir.path(), trust(), {Verdict::tampered, {"QZ-SEAL-050", "QZ-SEAL-012"}});
  Forge stripped(chain()[1].octets);
  stripped.batch().clear_signatures();
  write(dir, "1.qzb", stripped.batch().SerializeAsString());
  expect(dir.path(), trust(), {Verdict::tampered, {"QZ-SEAL-050"}});
}

TEST_CASE("A missing batch is a gap: incomplete, in an epoch and between epochs", "[seal]") {
  const std::vector<Sealed> batches = chain();
  for (const std::size_t missing : {1U, 2U}) {
    const TempDir dir;
    for (std::size_t i = 0; i < batches.size(); ++i)
      if (i != missing) write(dir, std::to_string(i) + ".qzb", batches[i].octets);
    expect(dir.path(), trust(), {Verdict::incomplete, {"QZ-SEAL-053"}});
  }
  const TempDir tail;  // what was trimmed before is no gap
  for (const std::size_t i : {2U, 3U}) write(tail, std::to_string(i) + ".qzb", batches[i].octets);
  expect(tail.path(), trust(), {Verdict::good, {}});
}

TEST_CASE("A fork, another predecessor and a skipped number are tampered", "[seal]") {
  const std::vector<Sealed> batches = chain();
  const auto with = [&](const Sealed& extra, std::size_t kept, const std::vector<std::string>& codes) {
    const TempDir dir;
    for (std::size_t i = 0; i < kept; ++i) write(dir, std::to_string(i) + ".qzb", batches[i].octets);
    write(dir, "x.qzb", extra.octets);
    expect(dir.path(), trust(), {Verdict::tampered, codes});
  };
  with(batch_at({1, 3}, batches[0].digest), 3, {"QZ-SEAL-054"});  // another batch at the same place
  with(batch_at({1, 3}, Digest::from_bytes(Bytes(32, 'z'))), 2, {"QZ-SEAL-054"});
  with(batch_at({1, 4}, batches[1].digest), 2, {"QZ-SEAL-054"});
  with(batch_at({2, 1}, batches[0].digest), 3, {"QZ-SEAL-054"});  // a second successor of 1.1
}

TEST_CASE("A reduced or bare batch verifies but is incomplete", "[seal]") {
  const TempDir dir;
  const Parsed whole = Parsed::from(chain()[1].octets);
  write(dir, "1.qzb", whole.bare());
  expect(dir.path(), trust(), {Verdict::incomplete, {"QZ-SEAL-055"}});
  write(dir, "1.qzb", whole.reduced(entitled(GroupSet::of({"440103"}), {"reg_no"})));
  expect(dir.path(), trust(), {Verdict::incomplete, {"QZ-SEAL-055"}});
}

TEST_CASE("A truncated file is malformed, an oversized one as well, an unreadable one could not be checked", "[seal]") {
  const TempDir dir;
  const Bytes good = chain()[1].octets;
  write(dir, "1.qzb", good.substr(0, good.size() - 5));
  expect(dir.path(), trust(), {Verdict::malformed, {"QZ-SEAL-010"}});
  write(dir, "1.qzb", "");
  expect(dir.path(), trust(), {Verdict::malformed, {"QZ-SEAL-010"}});
  write(dir, "1.qzb", Bytes((10U << 20U) + 1, 'x'));
  expect(dir.path(), trust(), {Verdict::malformed, {"QZ-SEAL-011"}});
  Forge forge(good);
  wire::ColumnBlock column = forge.column(0, 0);
  column.set_presence("\7");
  forge.set_column(0, 0, column);
  write(dir, "1.qzb", forge.signed_with(provider_key()));
  expect(dir.path(), trust(), {Verdict::malformed, {"QZ-SEAL-015"}});
  std::filesystem::remove(dir / "1.qzb");
  std::filesystem::create_symlink("nowhere", dir / "1.qzb");
  expect(dir.path(), trust(), {Verdict::could_not_check, {"QZ-SEAL-056"}});
  std::filesystem::remove(dir / "1.qzb");
  expect(dir.path(), trust(), {Verdict::could_not_check, {"QZ-SEAL-057"}});
  expect(dir / "absent.qzb", trust(), {Verdict::could_not_check, {"QZ-SEAL-056"}});
}

TEST_CASE("Of several findings the worst gives the verdict, JSON escapes what file names hold", "[seal]") {
  const TempDir dir;
  const std::vector<Sealed> batches = chain();
  write(dir, "a.qzb", batches[0].octets);
  write(dir, "b.qzb", batches[2].octets);
  write(dir, "c\"\n\\.qzb", "nonsense");
  const VerifyReport report = expect(dir.path(), trust(), {Verdict::malformed, {"QZ-SEAL-010", "QZ-SEAL-053"}});
  CHECK(to_json(report).find(R"(c\"\u000a\\.qzb)") != std::string::npos);
  VerifyReport odd;
  odd.findings.push_back({Verdict::tampered, "bad\xff\xe5\xb9\xbf", "QZ-SEAL-050", "广"});
  CHECK(to_json(odd) ==
        "{\"verdict\":\"good\",\"batches\":0,\"rows\":0,\"findings\":[{\"verdict\":\"tampered\",\"file\":"
        "\"bad\\\\xff\\\\xe5\\\\xb9\\\\xbf\",\"code\":\"QZ-SEAL-050\",\"detail\":\"广\"}]}");
}

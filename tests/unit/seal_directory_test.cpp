#include <functional>

#include "hub-protocol/seal/directory.h"
#include "hub-protocol/wire/directory.pb.h"
#include "tests/support/sha256_of.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using namespace qianzhi::seal;
using namespace qianzhi::test;

namespace {

const SigningKey& directory_key() {
  static const SigningKey key = SigningKey::generate();
  return key;
}

Topic some_topic() {
  Topic topic;
  topic.id = "commerce.opening_registration";
  topic.title = "企业开业登记";
  topic.title_en = "Opening registration";
  topic.mode = TopicMode::event;
  Item number;
  number.id = "reg_no";
  number.title = "注册号";
  number.type = ItemType::digits;
  number.length = 15;
  number.required = true;
  number.check = CheckRule::registration_number;
  number.check_quarantines = true;
  Item capital;
  capital.id = "capital";
  capital.type = ItemType::decimal;
  capital.length = 18;
  capital.scale = 2;
  Item area;
  area.id = "area_code";
  area.type = ItemType::code;
  area.personal = true;
  topic.items = {number, capital, area};
  topic.key = {"reg_no"};
  topic.partition = "area_code";
  topic.department = "commerce";
  topic.code = "307010001";
  topic.basis = "条例第九条";
  topic.conditions = "仅限核税";
  topic.purposes = {"核税", "市场监管"};
  topic.publishable = true;
  topic.grade = Grade::core;
  topic.update_cycle = 86'400'000'000;
  topic.contact = "020-12345678";
  topic.summary = "说明";
  topic.initials = "qykydj";
  topic.items[0].initials = "zch";
  topic.items[2].code_table = "gbt_2260";
  return topic;
}

Directory some_directory() {
  Directory directory;
  directory.version = 12;
  directory.issued = 1'700'000'000'000'000;
  directory.expires = directory.issued + 86'400'000'000;
  directory.hub_key = SigningKey::generate().record();
  directory.departments["commerce"] = {"commerce", "工商", "Commerce"};
  directory.departments["local_tax"] = {"local_tax", "地税", "Local tax"};
  KeyRecord retired = SigningKey::generate().record();
  retired.state = KeyState::retired;
  const SigningKey sm2 = SigningKey::generate(Algorithm::sm2);
  KeyRecord revoked = SigningKey::generate().record();
  revoked.state = KeyState::revoked;
  directory.agents["commerce-01"] = {
      "commerce-01", "commerce", {sha256_of("tls-1"), sha256_of("tls-2")}, {retired, revoked}, true};
  directory.agents["tax-01"] = {"tax-01", "local_tax", {}, {}, false};
  directory.agents["tax-01"].signing_keys = {SigningKey::generate(Algorithm::sm2, "gz-tax").record(),
                                             SigningKey::generate(Algorithm::ecdsa_p256).record()};
  directory.agents["tax-02"] = {"tax-02", "local_tax", {}, SigningKey::generate().with_second(sm2).records(), true};
  const Topic topic = some_topic();
  directory.catalogue.version = 4;
  directory.catalogue.topics[topic.id] = topic;
  // Nobody is granted anything of it.
  Topic other = topic;
  other.id = "commerce.others";
  other.sharing = Sharing::none;
  directory.catalogue.topics[other.id] = other;
  directory.catalogue.code_tables["gbt_2260"] = {
      "gbt_2260",  "区划", "Divisions",
      "GB/T 2260", true,   {{"330103", "下城区", "", "2021-03-11"}, {"330105", "拱墅区", "", ""}}};
  directory.catalogue.code_tables["types"] = {"types", "类型", "Types", "", false, {}};
  directory.provisions = {{topic.id, "commerce-01", GroupSet::every()},
                          {topic.id, "tax-01", GroupSet::of({"", "440103"})}};
  directory.grants = {{"g1", topic.id, "local_tax", {}, GroupSet::every(), 0, "核税", "税收征管法"},
                      {"g2", topic.id, "commerce", {"capital"}, GroupSet::of({"440103"}), 99, "核税", ""}};
  return directory;
}

// Replaces one part and signs the root anew, as a faulty hub would.
template <typename Part>
void refused_with(const std::function<void(Part&)>& change) {
  SealedDirectory sealed = seal_directory(some_directory(), directory_key());
  wire::SignedRoot outer;
  wire::DirectoryRoot root;
  REQUIRE(outer.ParseFromString(sealed.signed_root));
  REQUIRE(root.ParseFromString(outer.root()));
  std::string* slot = nullptr;
  if constexpr (std::is_same_v<Part, wire::MembersPart>) slot = root.mutable_members();
  if constexpr (std::is_same_v<Part, wire::CataloguePart>) slot = root.mutable_catalogue();
  if constexpr (std::is_same_v<Part, wire::GrantsPart>) slot = root.mutable_grants();
  Part part;
  REQUIRE(part.ParseFromString(sealed.parts.at(Digest::from_bytes(*slot))));
  change(part);
  const Bytes octets = part.SerializeAsString();
  sealed.parts[sha256_of(octets)] = octets;
  *slot = sha256_of(octets).bytes();
  outer.set_root(root.SerializeAsString());
  outer.mutable_signature()->set_value(directory_key().sign(Purpose::directory, outer.root()));
  check_throws("QZ-SEAL-041",
               [&] { open_directory(outer.SerializeAsString(), sealed.parts, directory_key().record()); });
}

}  // namespace

TEST_CASE("A directory comes back as it was sealed, with its digest", "[seal]") {
  const Directory directory = some_directory();
  const SealedDirectory sealed = seal_directory(directory, directory_key());
  CHECK(sealed.parts.size() == 5);  // with two code tables
  Directory expected = directory;
  expected.digest = sealed.digest;
  CHECK(open_directory(sealed.signed_root, sealed.parts, directory_key().record()) == expected);
  const RootContent root = open_root(sealed.signed_root, directory_key().record());
  CHECK(root.version == 12);
  CHECK(root.digest == sealed.digest);
  CHECK(root.issued == directory.issued);
  CHECK(root.expires == directory.expires);
  REQUIRE(root.parts.size() == 3);
  for (const Digest& part : root.parts) CHECK(sealed.parts.count(part) == 1);
}

TEST_CASE("A part that did not change keeps its digest from version to version", "[seal]") {
  Directory directory = some_directory();
  const RootContent before =
      open_root(seal_directory(directory, directory_key()).signed_root, directory_key().record());
  directory.version = 13;
  directory.grants.pop_back();
  const RootContent after = open_root(seal_directory(directory, directory_key()).signed_root, directory_key().record());
  CHECK(after.digest != before.digest);
  CHECK(after.parts[0] == before.parts[0]);
  CHECK(after.parts[1] == before.parts[1]);
  CHECK(after.parts[2] != before.parts[2]);
}

TEST_CASE("A13: a root by another key, for another purpose or with a changed octet is refused", "[seal]") {
  const SealedDirectory sealed = seal_directory(some_directory(), directory_key());
  const auto refused = [](const Bytes& root) {
    check_throws("QZ-SEAL-040", [&] { open_root(root, directory_key().record()); });
  };
  check_throws("QZ-SEAL-040", [&] { open_root(sealed.signed_root, SigningKey::generate().record()); });
  for (std::size_t i = 0; i < sealed.signed_root.size(); ++i) {
    Bytes bad = sealed.signed_root;
    bad[i] ^= '\1';
    refused(bad);
  }
  wire::SignedRoot outer;
  REQUIRE(outer.ParseFromString(sealed.signed_root));
  outer.mutable_signature()->set_value(directory_key().sign(Purpose::receipt, outer.root()));
  refused(outer.SerializeAsString());
  refused("");
}

TEST_CASE("A directory with a missing or changed part is refused", "[seal]") {
  const SealedDirectory sealed = seal_directory(some_directory(), directory_key());
  for (const auto& [digest, octets] : sealed.parts) {
    std::map<Digest, Bytes> parts = sealed.parts;
    parts.erase(digest);
    check_throws("QZ-SEAL-041", [&] { open_directory(sealed.signed_root, parts, directory_key().record()); });
    // The second still is a well-formed message: an unknown field, which Protocol Buffers would let pass.
    for (const Bytes& changed : {octets + "x", octets + Bytes("\xfa\x01\x01x", 4), Bytes()}) {
      parts[digest] = changed;
      check_throws("QZ-SEAL-041", [&] { open_directory(sealed.signed_root, parts, directory_key().record()); });
    }
  }
}

TEST_CASE("Numbers and references inside directory parts are checked", "[seal]") {
  using Members = wire::MembersPart;
  using Catalogue = wire::CataloguePart;
  using Grants = wire::GrantsPart;
  refused_with<Members>([](Members& p) { p.mutable_agents(0)->set_department("nobody"); });
  refused_with<Members>([](Members& p) { *p.add_agents() = p.agents(0); });
  refused_with<Members>([](Members& p) { *p.add_departments() = p.departments(0); });
  refused_with<Members>([](Members& p) { p.mutable_agents(0)->add_tls_keys("short"); });
  refused_with<Members>([](Members& p) { p.mutable_agents(0)->mutable_signing_keys(0)->set_state(3); });
  refused_with<Members>([](Members& p) { p.mutable_agents(0)->mutable_signing_keys(0)->set_id("00"); });
  const auto key_refused = [](int agent, const std::function<void(wire::KeyMessage&)>& change) {
    refused_with<Members>([&](Members& p) { change(*p.mutable_agents(agent)->mutable_signing_keys(0)); });
  };
  key_refused(0, [](wire::KeyMessage& key) { key.set_signer_id("gz-tax"); });
  key_refused(0, [](wire::KeyMessage& key) { key.set_algorithm("ecdsa-p256"); });
  key_refused(1, [](wire::KeyMessage& key) { key.clear_signer_id(); });
  key_refused(1, [](wire::KeyMessage& key) { key.set_algorithm("ecdsa-p256"); });
  key_refused(2, [](wire::KeyMessage& key) { key.set_role(3); });
  refused_with<Catalogue>([](Catalogue& p) { p.mutable_topics(0)->set_mode(3); });
  refused_with<Catalogue>([](Catalogue& p) { p.mutable_topics(0)->mutable_items(0)->set_type(10); });
  refused_with<Catalogue>([](Catalogue& p) { p.mutable_topics(0)->mutable_items(0)->set_check(5); });
  refused_with<Catalogue>([](Catalogue& p) { p.mutable_topics(0)->mutable_items(1)->set_id("reg_no"); });
  refused_with<Catalogue>([](Catalogue& p) { p.mutable_topics(0)->clear_key(); });
  refused_with<Catalogue>([](Catalogue& p) { p.mutable_topics(0)->set_partition("none"); });
  refused_with<Catalogue>([](Catalogue& p) { *p.add_topics() = p.topics(0); });
  const auto topic_refused = [](const std::function<void(wire::TopicMessage&)>& change) {
    refused_with<Catalogue>([&](Catalogue& p) { change(*p.mutable_topics(0)); });
  };
  topic_refused([](wire::TopicMessage& t) { t.set_department("nobody"); });
  topic_refused([](wire::TopicMessage& t) { t.set_sharing(3); });
  topic_refused([](wire::TopicMessage& t) { t.set_grade(3); });
  refused_with<Catalogue>([](Catalogue& p) { p.mutable_topics(1)->clear_basis(); });
  topic_refused([](wire::TopicMessage& t) { t.set_update_cycle(-1); });
  topic_refused([](wire::TopicMessage& t) { t.set_summary(std::string(4001, 'x')); });
  topic_refused([](wire::TopicMessage& t) { t.add_purposes(""); });
  topic_refused([](wire::TopicMessage& t) {
    for (int i = 0; i < 99; ++i) t.add_purposes("x");
  });
  topic_refused([](wire::TopicMessage& t) { t.mutable_items(0)->set_code_table("none"); });
  refused_with<Catalogue>([](Catalogue& p) { p.mutable_code_tables(0)->set_id("types"); });
  refused_with<Catalogue>([](Catalogue& p) { p.mutable_code_tables(0)->set_digest("short"); });
  refused_with<Catalogue>(
      [](Catalogue& p) { p.mutable_code_tables()->RemoveLast(), p.mutable_code_tables()->RemoveLast(); });
  refused_with<Catalogue>([](Catalogue& p) { *p.add_code_tables() = p.code_tables(0); });
  refused_with<Catalogue>([](Catalogue& p) {
    for (int i = 0; i < 500; ++i) *p.add_code_tables() = p.code_tables(0);
  });
  refused_with<Grants>([](Grants& p) { p.mutable_grants(0)->set_topic("none"); });
  refused_with<Grants>([](Grants& p) { p.mutable_grants(0)->set_department("none"); });
  refused_with<Grants>([](Grants& p) { p.mutable_grants(1)->add_items("none"); });
  refused_with<Grants>([](Grants& p) { p.mutable_grants(1)->mutable_groups()->set_every(true); });
  refused_with<Grants>([](Grants& p) { p.mutable_provisions(0)->set_agent("none"); });
}

TEST_CASE("A code table whose entries cannot be is refused, whoever signed it", "[seal]") {
  const auto refused = [](const std::function<void(CodeTable&)>& change) {
    Directory directory = some_directory();
    change(directory.catalogue.code_tables.at("gbt_2260"));
    const SealedDirectory sealed = seal_directory(directory, directory_key());
    check_throws("QZ-SEAL-041", [&] { open_directory(sealed.signed_root, sealed.parts, directory_key().record()); });
  };
  refused([](CodeTable& table) { std::swap(table.entries[0], table.entries[1]); });
  refused([](CodeTable& table) { table.entries.push_back(table.entries.back()); });
  refused([](CodeTable& table) { table.entries[0].until = "2021-02-29"; });
  refused([](CodeTable& table) { table.entries[0].code.clear(); });
  refused([](CodeTable& table) { table.entries[0].title = std::string(1001, 'x'); });
  refused([](CodeTable& table) {
    table.entries.assign(most_code_entries + 1, {});
    for (std::size_t i = 0; i < table.entries.size(); ++i)
      table.entries[i] = {std::to_string(100'000 + i), "x", "", ""};
  });
}

TEST_CASE("The parts that a directory needs become known step by step, and only those", "[seal]") {
  const SealedDirectory sealed = seal_directory(some_directory(), directory_key());
  const RootContent root = open_root(sealed.signed_root, directory_key().record());
  std::map<Digest, Bytes> held;
  CHECK(missing_parts(root, held, DigestSuite::sha256) == root.parts);
  held[root.parts[1]] = sealed.parts.at(root.parts[1]);
  const std::vector<Digest> missing = missing_parts(root, held, DigestSuite::sha256);
  REQUIRE(missing.size() == 4);
  for (const Digest& digest : missing) held[digest] = sealed.parts.at(digest);
  CHECK(held == sealed.parts);
  CHECK(missing_parts(root, held, DigestSuite::sha256).empty());
  held[root.parts[1]] += "x";
  check_throws("QZ-SEAL-041", [&] { missing_parts(root, held, DigestSuite::sha256); });
}

#include <catch2/catch.hpp>
#include <mutex>
#include <thread>

#include "enrol_support.h"
#include "hub-protocol/registry/content.h"
#include "hub-protocol/sqlite/database.h"
#include "hub_support.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using enrol::Stage;
using test::Applicant;
using test::first_officer;
using test::second_officer;

namespace {

constexpr char home[] = "10.0.0.7";

// Registry and authority on a clock of the test's own, without a network.
struct Office {
  explicit Office(enrol::Policy policy = {}, DigestSuite suite = DigestSuite::sha256)
      : registry(dir / "registry", suite, clock), enrolment(registry, suite, clock, random) {
    use(policy);
    registry.change(first_officer, [](registry::Change& change) {
      wire::DepartmentMessage department;
      department.set_id("commerce");
      department.set_title("工商");
      change.put(registry::kind::department, "commerce", department.SerializeAsString());
      change.note({{}, "test", "", ""});
    });
  }

  void use(const enrol::Policy& policy) { enrolment.use(ca::Authority(made.issuing), policy); }
  Bytes add(const std::string& agent, const std::string& network = {}) {
    return enrolment.add(first_officer, agent, "commerce", network);
  }
  wire::EnrolReply enrol(const Applicant& who, const Bytes& secret, const std::string& from = home) {
    return enrolment.enrol(from, who.request(secret), directory());
  }
  Applicant member(const std::string& agent) {
    Applicant who;
    enrol(who, add(agent));
    enrolment.seen(agent, who.tls_digest());
    return who;
  }
  Directory directory(DigestSuite suite = DigestSuite::sha256) const {
    Directory content;
    registry.read([&](const registry::View& view) { CHECK(registry::add_to(content, view, suite).empty()); });
    return content;
  }
  AgentEntry entry(const std::string& agent) const { return *directory().agent(agent); }
  Stage stage(const std::string& agent) const {
    for (const enrol::AgentStatus& line : enrolment.list())
      if (line.id == agent) return line.stage;
    throw std::runtime_error("no agent " + agent);
  }
  // Outcomes of the newest entries with this action, newest first.
  std::vector<std::string> outcomes(const std::string& action) const {
    std::vector<std::string> all;
    sqlite::Database database(dir / "registry", {});
    sqlite::Statement row = database.prepare("SELECT body FROM audit ORDER BY sequence DESC");
    while (row.step()) {
      const std::string body = row.text(0);
      if (body.find(action) == std::string::npos) continue;
      const std::size_t code = body.find("QZ-");
      all.push_back(code == std::string::npos ? "" : body.substr(code, 10));
    }
    return all;
  }

  test::TempDir dir;
  test::ManualClock clock;
  SystemRandom random;
  ca::NewAuthority made = ca::make_authority("test", clock.now());
  mutable registry::Registry registry;
  enrol::Enrolment enrolment;
};

std::size_t accepted(const Office& office, const std::string& agent) { return office.entry(agent).tls_keys.size(); }

}  // namespace

TEST_CASE("A15 a token brings in exactly one set of keys, and the identity is the token's, not the request's") {
  Office office;
  const Bytes secret = office.add("commerce-01");
  CHECK(office.enrolment.is_open());
  CHECK(office.stage("commerce-01") == Stage::invited);
  CHECK_FALSE(office.entry("commerce-01").enabled);
  const Applicant who;
  const wire::EnrolReply reply = office.enrol(who, secret);
  CHECK(reply.agent() == "commerce-01");
  CHECK(reply.department() == "commerce");
  CHECK(ca::is_pair(who.tls + reply.certificate()));
  CHECK_FALSE(reply.waits());
  const AgentEntry entry = office.entry("commerce-01");
  CHECK(entry.enabled);
  CHECK(entry.tls_keys == std::set<Digest>{who.tls_digest()});
  REQUIRE(entry.signing_keys.size() == 1);
  CHECK(entry.signing_keys[0].id == who.signing.record().id);
  REQUIRE(entry.encryption_keys.size() == 1);
  CHECK(entry.encryption_keys[0].spki == who.encryption.record().spki);
  // The answer was lost: the same keys get the same certificate, others get nothing.
  CHECK(office.enrol(who, secret).certificate() == reply.certificate());
  test::check_throws("QZ-HUB-225", [&] { office.enrol(Applicant(), secret); });
  office.clock.advance(2 * 3'600'000'000LL);
  test::check_throws("QZ-HUB-225", [&] { office.enrol(who, secret); });
  CHECK_FALSE(office.enrolment.is_open());
  CHECK(office.outcomes("agent.enrol") == std::vector<std::string>{"QZ-HUB-225", "QZ-HUB-225", "", ""});
}

TEST_CASE("Of the two encryption keys that an agent made, the directory has the one of its suite") {
  Office office({}, DigestSuite::sm3);
  const auto key_of = [&](const std::string& agent, const wire::EnrolRequest& request) {
    office.enrolment.enrol(home, request, office.directory(DigestSuite::sm3));
    return office.directory(DigestSuite::sm3).agent(agent)->encryption_keys.at(0);
  };
  const Applicant who;
  CHECK(key_of("commerce-01", who.request(office.add("commerce-01"))) ==
        who.sm_encryption.in_suite(DigestSuite::sm3).record());
  // One that offers none for this suite comes in, and is sealed nothing.
  const Applicant old;
  wire::EnrolBody body = old.body(office.add("commerce-02"));
  body.clear_sm_encryption_key();
  CHECK(key_of("commerce-02", old.sign(body)).algorithm == "x25519");
}

TEST_CASE("A15 a token is refused when it is unknown, replaced, too old, or used from elsewhere") {
  Office office;
  const Bytes secret = office.add("commerce-01", "10.0.0.0/24");
  const Applicant who;
  test::check_throws("QZ-HUB-223", [&] { office.enrol(who, Bytes(16, 'x')); });
  test::check_throws("QZ-HUB-226", [&] { office.enrol(who, secret, "10.0.1.7"); });
  const Bytes newer = office.enrolment.invite(first_officer, "commerce-01", "");
  test::check_throws("QZ-HUB-223", [&] { office.enrol(who, secret); });
  office.clock.advance(ca::day);
  test::check_throws("QZ-HUB-224", [&] { office.enrol(who, newer); });
  CHECK_FALSE(office.enrolment.is_open());
  CHECK(office.stage("commerce-01") == Stage::invited);
  CHECK(office.outcomes("agent.enrol") ==
        std::vector<std::string>{"QZ-HUB-224", "QZ-HUB-223", "QZ-HUB-226", "QZ-HUB-223"});
}

TEST_CASE("A15 A13 a request whose keys are not its sender's is refused and leaves the token good") {
  Office office;
  const Bytes secret = office.add("commerce-01");
  const Applicant who;
  const Applicant other;
  const auto refused = [&](const char* code, const wire::EnrolRequest& request) {
    test::check_throws(code, [&] { office.enrolment.enrol(home, request, office.directory()); });
  };
  wire::EnrolRequest request = who.request(secret);
  request.mutable_signature()->set_value(other.signing.sign(seal::Purpose::enrol, request.body()));
  refused("QZ-HUB-227", request);
  request = who.request(secret);
  request.mutable_signature()->set_value(who.signing.sign(seal::Purpose::batch, request.body()));
  refused("QZ-HUB-227", request);
  wire::EnrolBody body = who.body(secret);
  std::string csr = body.certificate_request();
  csr.back() = static_cast<char>(csr.back() ^ 1);
  body.set_certificate_request(csr);
  refused("QZ-HUB-222", who.sign(body));
  body.set_certificate_request(std::string(9000, 'x'));
  refused("QZ-HUB-222", who.sign(body));
  body = who.body(secret);
  *body.mutable_encryption_key() = body.signing_key();
  refused("QZ-HUB-227", who.sign(body));
  body = who.body(secret);
  *body.mutable_encryption_key() = body.sm_encryption_key();
  refused("QZ-HUB-227", who.sign(body));
  body = who.body(secret);
  *body.mutable_sm_encryption_key() = body.encryption_key();
  refused("QZ-HUB-227", who.sign(body));
  // What is sealed and what is signed are never under one key.
  Applicant same = who;
  same.signing = seal::SigningKey::from_pem(same.sm_encryption.to_pem());
  refused("QZ-HUB-227", same.request(secret));
  body = who.body(secret);
  body.mutable_signing_key()->set_role(1);
  refused("QZ-HUB-227", who.sign(body));
  request.set_body("\xff\xff");
  refused("QZ-HUB-227", request);
  CHECK(office.enrol(who, secret).agent() == "commerce-01");
}

TEST_CASE("A15 a key that anybody has or had is refused") {
  Office office;
  const Applicant who = office.member("commerce-01");
  const Bytes secret = office.add("commerce-02");
  Applicant thief;
  thief.tls = who.tls;
  test::check_throws("QZ-HUB-228", [&] { office.enrol(thief, secret); });
  thief = Applicant();
  thief.signing = who.signing;
  test::check_throws("QZ-HUB-228", [&] { office.enrol(thief, secret); });
  office.enrolment.revoke(second_officer, "commerce-01", ca::Reason::key_compromise, "");
  const Bytes again = office.enrolment.invite(first_officer, "commerce-01", "");
  test::check_throws("QZ-HUB-228", [&] { office.enrol(who, again); });
  CHECK(office.enrol(Applicant(), again).agent() == "commerce-01");
}

TEST_CASE("A15 of two who use one token at once exactly one comes in") {
  Office office;
  std::mutex lock;
  for (int round = 0; round < 3; ++round) {
    const Bytes secret = office.add("commerce-0" + std::to_string(round));
    const auto attempt = [&] {
      const Applicant who;
      const wire::EnrolRequest request = who.request(secret);
      try {
        const std::lock_guard guard(lock);  // as the service does it
        office.enrolment.enrol(home, request, office.directory());
        return 1;
      } catch (const Error& error) {
        return error.code() == "QZ-HUB-225" ? 0 : 100;
      }
    };
    int first = 0;
    int second = 0;
    std::thread other([&] { first = attempt(); });
    second = attempt();
    other.join();
    CHECK(first + second == 1);
    CHECK(accepted(office, "commerce-0" + std::to_string(round)) == 1);
  }
}

TEST_CASE("four eyes: who invited an agent cannot approve it, and until then it is shut out") {
  enrol::Policy policy;
  policy.second_officer = true;
  Office office(policy);
  const Bytes secret = office.add("commerce-01");
  test::check_throws("QZ-HUB-231", [&] { office.enrolment.approve(second_officer, "commerce-01"); });
  const Applicant who;
  CHECK(office.enrol(who, secret).waits());
  CHECK(office.stage("commerce-01") == Stage::waits);
  CHECK_FALSE(office.entry("commerce-01").enabled);
  test::check_throws("QZ-HUB-232", [&] { office.enrolment.enable(second_officer, "commerce-01"); });
  test::check_throws("QZ-HUB-230", [&] { office.enrolment.approve(first_officer, "commerce-01"); });
  office.enrolment.approve(second_officer, "commerce-01");
  CHECK(office.entry("commerce-01").enabled);
  test::check_throws("QZ-HUB-231", [&] { office.enrolment.approve(second_officer, "commerce-01"); });
  // New keys are looked at again, and the newer inviter may not approve.
  const Bytes again = office.enrolment.invite(second_officer, "commerce-01", "");
  CHECK(office.enrol(Applicant(), again).waits());
  test::check_throws("QZ-HUB-230", [&] { office.enrolment.approve(second_officer, "commerce-01"); });
  office.enrolment.approve(first_officer, "commerce-01");
}

TEST_CASE("A16 revocation: compromise revokes the signing keys, cessation retires them, both list the certificate") {
  Office office;
  office.member("commerce-01");
  office.member("commerce-02");
  CHECK(office.enrolment.revoked().empty());
  office.enrolment.revoke(second_officer, "commerce-01", ca::Reason::key_compromise, "stolen");
  office.enrolment.revoke(second_officer, "commerce-02", ca::Reason::cessation, "");
  test::check_throws("QZ-HUB-232",
                     [&] { office.enrolment.revoke(second_officer, "commerce-02", ca::Reason::key_compromise, ""); });
  test::check_throws("QZ-HUB-232", [&] { office.enrolment.enable(second_officer, "commerce-01"); });
  CHECK(office.entry("commerce-01").signing_keys[0].state == KeyState::revoked);
  CHECK(office.entry("commerce-02").signing_keys[0].state == KeyState::retired);
  for (const char* agent : {"commerce-01", "commerce-02"}) {
    CHECK_FALSE(office.entry(agent).enabled);
    CHECK(office.entry(agent).tls_keys.empty());
  }
  const std::vector<ca::Revocation> listed = office.enrolment.revoked();
  REQUIRE(listed.size() == 2);
  CHECK(listed[0].reason == ca::Reason::key_compromise);
  CHECK(listed[1].reason == ca::Reason::cessation);
  office.clock.advance(61 * ca::day);
  CHECK(office.enrolment.revoked().empty());
  office.enrolment.disable(
      second_officer,
      [&] {
        office.member("commerce-03");
        return std::string("commerce-03");
      }(),
      "");
  CHECK_FALSE(office.entry("commerce-03").enabled);
  CHECK(accepted(office, "commerce-03") == 1);
  office.enrolment.enable(second_officer, "commerce-03");
  CHECK(office.entry("commerce-03").enabled);
}

TEST_CASE("one key is ended by the beginning of its id, and never comes back") {
  Office office;
  const Applicant who = office.member("commerce-01");
  const std::string id = who.signing.record().id;
  test::check_throws("QZ-HUB-233", [&] {
    office.enrolment.end_key(second_officer, "commerce-01", id.substr(0, 7), KeyState::revoked);
  });
  CHECK(office.enrolment.end_key(second_officer, "commerce-01", id.substr(0, 8), KeyState::revoked) == id);
  CHECK(office.entry("commerce-01").signing_keys[0].state == KeyState::revoked);
  office.enrolment.end_key(second_officer, "commerce-01", id, KeyState::retired);
  CHECK(office.entry("commerce-01").signing_keys[0].state == KeyState::revoked);
  office.enrolment.end_key(second_officer, "commerce-01", who.tls_digest().hex(), KeyState::revoked);
  CHECK(accepted(office, "commerce-01") == 0);
  CHECK(office.enrolment.revoked().size() == 1);
  test::check_throws("QZ-HUB-060", [&] { office.enrolment.end_key(second_officer, "nobody", id, KeyState::revoked); });
}

TEST_CASE("a renewed key is good at once, the old one until shortly after the first use of the new one") {
  Office office;
  const Applicant who = office.member("commerce-01");
  const std::string next = ca::make_tls_key();
  const auto renew = [&](const std::string& key) {
    return office.enrolment.renew("commerce-01", test::renewal_of(key), office.directory()).certificate();
  };
  const std::string chain = renew(next);
  CHECK(ca::is_pair(next + chain));
  CHECK(renew(next) == chain);  // the answer was lost
  CHECK(accepted(office, "commerce-01") == 2);
  office.clock.advance(3'600'000'000);
  CHECK_FALSE(office.enrolment.tend());
  office.enrolment.seen("commerce-01", ca::digest_of_key(next));
  CHECK_FALSE(office.enrolment.tend());
  office.clock.advance(61'000'000);
  CHECK(office.enrolment.tend());
  CHECK(office.entry("commerce-01").tls_keys == std::set<Digest>{ca::digest_of_key(next)});
  REQUIRE(office.enrolment.revoked().size() == 1);
  CHECK(office.enrolment.revoked()[0].reason == ca::Reason::superseded);
  test::check_throws("QZ-HUB-228", [&] { renew(who.tls); });  // never again
}

TEST_CASE("a renewed key that nobody ever used is taken back, and the old one stays") {
  Office office;
  const Applicant who = office.member("commerce-01");
  const auto renew = [&] {
    office.enrolment.renew("commerce-01", test::renewal_of(ca::make_tls_key()), office.directory());
  };
  for (int i = 0; i < 3; ++i) renew();
  test::check_throws("QZ-HUB-234", renew);
  office.clock.advance(ca::day);
  CHECK(office.enrolment.tend());
  CHECK(office.entry("commerce-01").tls_keys == std::set<Digest>{who.tls_digest()});
  renew();
  office.enrolment.disable(second_officer, "commerce-01", "");
  test::check_throws("QZ-HUB-232", renew);
  test::check_throws("QZ-HUB-220", [&] {
    office.enrolment.renew("configured-01", test::renewal_of(ca::make_tls_key()), office.directory());
  });
}

TEST_CASE("a new signing key needs the old one's signature and its own, and retires the old one") {
  Office office;
  const Applicant who = office.member("commerce-01");
  const seal::SigningKey next = seal::SigningKey::generate();
  const auto change_by = [&](const seal::SigningKey& by, const seal::SigningKey& own,
                             const std::string& agent = "commerce-01") {
    wire::SigningChangeBody body;
    body.set_agent(agent);
    body.set_present(who.signing.record().id);
    seal::write_key(next.record(), *body.mutable_next());
    wire::RenewRequest request;
    wire::SigningChange& change = *request.mutable_signing();
    change.set_body(body.SerializeAsString());
    change.mutable_by_present()->set_key_id(who.signing.record().id);
    change.mutable_by_present()->set_value(by.sign(seal::Purpose::key_change, change.body()));
    change.mutable_by_next()->set_key_id(next.record().id);
    change.mutable_by_next()->set_value(own.sign(seal::Purpose::key_change, change.body()));
    return request;
  };
  const auto send = [&](const wire::RenewRequest& request) {
    office.enrolment.renew("commerce-01", request, office.directory());
  };
  test::check_throws("QZ-HUB-227", [&] { send(change_by(next, next)); });
  test::check_throws("QZ-HUB-227", [&] { send(change_by(who.signing, who.signing)); });
  test::check_throws("QZ-HUB-227", [&] { send(change_by(who.signing, next, "commerce-02")); });
  send(change_by(who.signing, next));
  send(change_by(who.signing, next));  // the answer was lost
  const AgentEntry entry = office.entry("commerce-01");
  REQUIRE(entry.signing_keys.size() == 2);
  CHECK(entry.signing_keys[0].state == KeyState::retired);
  CHECK(entry.signing_keys[1].id == next.record().id);
  CHECK(entry.signing_keys[1].state == KeyState::active);
}

TEST_CASE("S5 in an SM directory the enrolled keys get the ids of its suite") {
  Office office({}, DigestSuite::sm3);
  const Bytes secret = office.add("commerce-01");
  Applicant who;
  who.signing = seal::SigningKey::generate(seal::Algorithm::sm2);
  office.enrolment.enrol(home, who.request(secret), {});
  const Directory directory = office.directory(DigestSuite::sm3);
  CHECK(directory.agent("commerce-01")->signing_keys[0].id == who.signing.in_suite(DigestSuite::sm3).record().id);
}

TEST_CASE("A25 many refusals cost one entry and no more signatures") {
  Office office;
  const Bytes secret = office.add("commerce-01");
  for (int i = 0; i < 20; ++i) test::check_throws("QZ-HUB-223", [&] { office.enrol(Applicant(), Bytes(16, 'x')); });
  for (int i = 0; i < 5; ++i) test::check_throws("QZ-HUB-229", [&] { office.enrol(Applicant(), secret); });
  CHECK(office.outcomes("agent.enrol").size() == 21);
  CHECK(office.enrol(Applicant(), secret, "10.0.0.8").agent() == "commerce-01");
}

// Enrolment and revocation over real TLS, with the shipped hub service and the shipped agent code.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "agent/identity/renewal.h"
#include "agent/identity/rotate.h"
#include "enrol_support.h"
#include "hub-protocol/client/tls_stream.h"
#include "hub-protocol/seal/directory.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using test::Applicant;
using test::EnrolHub;

namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

wire::DirectoryReply ask(const HttpsLinkOptions& options) { return HttpsLink(options).directory({}); }

// A caller without a certificate that says what it likes.
class Stranger {
 public:
  explicit Stranger(const EnrolHub& hub) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(hub.service->port());
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("connect");
    const std::string pin = hub.stranger_options().ca_digest;
    stream_ = std::make_unique<TlsStream>(std::make_shared<const TlsContext>(pin), fd_, clock_, "127.0.0.1");
    if (stream_->handshake(later()) != TlsResult::ok) throw std::runtime_error(stream_->reason());
  }
  ~Stranger() {
    stream_.reset();
    close(fd_);
  }
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;

  void say(const std::string& text) { stream_->write(text, later()); }
  // All it answers until it ends the connection.
  std::string hear() {
    std::string all;
    std::array<char, 4096> piece{};
    std::size_t got = 0;
    while (stream_->read(piece.data(), piece.size(), got, later()) == TlsResult::ok) all.append(piece.data(), got);
    return all;
  }

 private:
  Micros later() const { return clock_.steady() + 10'000'000; }
  SystemClock clock_;
  int fd_;
  std::unique_ptr<TlsStream> stream_;
};

std::string post(const std::string& path, std::size_t length) {
  return "POST " + path + " HTTP/1.1\r\nHost: hub\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}

bool said(const std::string& answer, const std::string& text) { return answer.find(text) != std::string::npos; }

std::string status_of(const EnrolHub& hub, const std::string& request) {
  Stranger stranger(hub);
  stranger.say(request);
  return stranger.hear().substr(9, 3);
}

}  // namespace

TEST_CASE("from an empty hub and a token to an identity that the hub accepts, with keys that never left") {
  const EnrolHub hub;
  const identity::Enrolled enrolled = hub.enrol("commerce-01");
  CHECK(enrolled.agent == "commerce-01");
  CHECK(enrolled.department == "commerce");
  CHECK(enrolled.works);
  CHECK(enrolled.trouble.empty());
  CHECK(enrolled.encryption_key == "encryption.key");
  const auto folder = hub.dir / "commerce-01";
  for (const char* name :
       {"tls.pem", "signing.key", "encryption.key", "encryption-sm2.key", "queue.key", "trust.crt", "directory.pub"}) {
    INFO(name);
    CHECK(std::filesystem::status(folder / name).permissions() ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  }
  CHECK_FALSE(std::filesystem::exists(folder / "tls.key.part"));
  CHECK(text_of(folder / "trust.crt") == hub.made.root.certificate);
  const KeyRecord directory_key = seal::directory_key_from_pem(text_of(folder / "directory.pub"));
  CHECK(seal::open_root(ask(hub.link_options("commerce-01")).signed_root(), directory_key).version > 1);
  // Never overwritten, and the token is spent.
  test::check_throws("QZ-AGT-121", [&] { identity::enrol({hub.token("commerce-02"), folder}); });
  CHECK(hub.run({"agent", "list"}).find("commerce-01\tcommerce\tactive") == 0);
}

TEST_CASE("an enrolment whose answer was lost goes on with the same keys") {
  const EnrolHub hub;
  const std::string token = hub.token("commerce-01");
  const auto folder = hub.dir / "commerce-01";
  identity::enrol({token, folder});
  const std::string pair = text_of(folder / "tls.pem");
  // As a crash between the answer and the last file leaves it.
  test::write_file(folder / "tls.key.part", pair.substr(0, pair.find("-----BEGIN CERTIFICATE-----")));
  std::filesystem::remove(folder / "tls.pem");
  CHECK(identity::enrol({token, folder}).works);
  CHECK(text_of(folder / "tls.pem") == pair);
  test::check_throws("QZ-HUB-225", [&] { identity::enrol({token, hub.dir / "elsewhere"}); });
}

TEST_CASE("A15 an agent enrols only at the hub whose CA its token names") {
  const EnrolHub hub;
  const EnrolHub other;
  test::check_throws("QZ-LINK-152", [&] {
    identity::enrol({hub.token("commerce-01"), hub.dir / "x", other.address()});
  });
  // Nothing but its root: a certificate for a host by the authority for agents is no hub's.
  const ca::Pair forged = ca::issue_hub(hub.made.issuing, {"127.0.0.1"}, hub.clock.now(), ca::day);
  test::write_file(other.dir / "hub.crt", forged.certificate + hub.made.root.certificate);
  test::write_file(other.dir / "hub.key", forged.private_key);
  test::write_file(other.dir / "root.crt", hub.made.root.certificate);
  other.service->reload();
  test::check_throws("QZ-LINK-152", [&] {
    identity::enrol({hub.token("commerce-02"), hub.dir / "y", other.address()});
  });
  test::check_throws("QZ-AGT-120", [&] { identity::enrol({"ABCDEF", hub.dir / "z"}); });
  CHECK_FALSE(std::filesystem::exists(hub.dir / "z"));
}

TEST_CASE("A15 A17 a caller without a certificate may enrol while a token waits, and nothing else") {
  const EnrolHub hub;
  CHECK(status_of(hub, post("/v1/enrol", 0)) == "401");
  const std::string token = hub.token("commerce-01");
  for (const char* path :
       {"/v1/session", "/v1/batches", "/v1/fetch", "/v1/directory", "/v1/applied", "/v1/renew", "/"}) {
    INFO(path);
    CHECK(status_of(hub, post(path, 0)) == "404");
  }
  CHECK(status_of(hub, post("/v1/enrol", 20'000)) == "413");
  CHECK(status_of(hub, "GET /v1/enrol HTTP/1.1\r\n\r\n") == "405");
  CHECK(status_of(hub, post("/v1/enrol", 4) + "\xff\xff\xff\xff") == "400");
  {
    Stranger stranger(hub);
    stranger.say(post("/v1/enrol", 0) + post("/v1/enrol", 0));
    const std::string answer = stranger.hear();  // one request, and the end
    CHECK(answer.find("HTTP/1.1") == answer.rfind("HTTP/1.1"));
    CHECK(said(answer, "QZ-HUB-227"));
  }
  CHECK(identity::enrol({token, hub.dir / "commerce-01"}).works);
  // With a certificate the path is none of the calls.
  test::check_throws("QZ-LINK-107", [&] { HttpsLink(hub.link_options("commerce-01")).enrol({}); });
}

TEST_CASE("A17 strangers are few: the fifth from one address is turned away, and agents are not disturbed") {
  const EnrolHub hub;
  hub.enrol("commerce-01");
  hub.token("commerce-02");
  std::vector<std::unique_ptr<Stranger>> quiet;
  for (int i = 0; i < 4; ++i) {
    quiet.push_back(std::make_unique<Stranger>(hub));
    quiet.back()->say("POST");  // and never more
  }
  // All four are in once a fifth is refused.
  std::string status;
  for (int i = 0; i < 50 && status != "503"; ++i) status = status_of(hub, post("/v1/enrol", 0));
  CHECK(status == "503");
  CHECK_FALSE(ask(hub.link_options("commerce-01")).signed_root().empty());
  for (const auto& stranger : quiet) CHECK(said(stranger->hear(), "408"));  // each at its deadline
}

TEST_CASE("A16 R6 a revoked agent's parked poll ends at once, and every later call is refused") {
  const EnrolHub hub;
  hub.enrol("commerce-01");
  hub.enrol("commerce-02");
  HttpsLink kept(hub.link_options("commerce-01"));
  const wire::DirectoryReply root = kept.directory({});
  const seal::RootContent content = seal::open_root(
      root.signed_root(), seal::directory_key_from_pem(text_of(hub.dir / "commerce-01" / "directory.pub")));
  HttpsLink poll(hub.link_options("commerce-01"));
  std::promise<void> begun;
  std::string code;
  std::thread parked([&] {
    wire::FetchRequest request;
    request.mutable_directory()->set_version(content.version);
    request.mutable_directory()->set_digest(content.digest.bytes());
    request.set_wait_ms(30'000);
    begun.set_value();
    try {
      poll.fetch(request);
    } catch (const Error& error) {
      code = error.code();
    }
  });
  begun.get_future().wait();
  const Micros before = hub.clock.steady();
  hub.run({"agent", "revoke", "commerce-01", "--reason", "stolen"});
  parked.join();
  CHECK(code == "QZ-LINK-010");
  CHECK(hub.clock.steady() - before < 10'000'000);  // of thirty seconds
  test::check_throws("QZ-LINK-010", [&] { kept.directory({}); });
  test::check_throws("QZ-LINK-010", [&] { ask(hub.link_options("commerce-01")); });
  CHECK_FALSE(ask(hub.link_options("commerce-02")).signed_root().empty());
  // The certificate itself is on the list: not even the handshake succeeds, whatever the directory says.
  CHECK(text_of(hub.dir / "hub.db.crl").find("BEGIN X509 CRL") != std::string::npos);
  CHECK(hub.run({"agent", "list"}).find("commerce-01\tcommerce\trevoked") == 0);
}

TEST_CASE("A16 disable and enable work on open connections, and a restart forgets neither") {
  EnrolHub hub;
  hub.enrol("commerce-01");
  HttpsLink kept(hub.link_options("commerce-01"));
  kept.directory({});
  hub.run({"agent", "disable", "commerce-01", "--reason", "audit"});
  test::check_throws("QZ-LINK-010", [&] { kept.directory({}); });
  hub.service.reset();
  hub.start();
  test::check_throws("QZ-LINK-010", [&] { ask(hub.link_options("commerce-01")); });
  hub.run({"agent", "enable", "commerce-01"});
  CHECK_FALSE(ask(hub.link_options("commerce-01")).signed_root().empty());
}

TEST_CASE("four eyes over the wire: enrolled, shut out, approved by another, let in") {
  const EnrolHub hub(", second_officer: true");
  const identity::Enrolled enrolled = hub.enrol("commerce-01");
  CHECK(enrolled.waits);
  test::check_throws("QZ-LINK-010", [&] { ask(hub.link_options("commerce-01")); });
  test::check_throws("QZ-HUB-230", [&] { hub.run({"agent", "approve", "commerce-01"}, "li"); });
  hub.run({"agent", "approve", "commerce-01"}, "wang");
  CHECK_FALSE(ask(hub.link_options("commerce-01")).signed_root().empty());
}

namespace {

struct Killed {};

// One run of the renewal stage, as the agent has it, on files like these; killed at this point, or to its end.
void renew(const EnrolHub& hub, const identity::IdentityFiles& files, const std::string& kill_at = {}) {
  HttpsLinkOptions options = hub.link_options("commerce-01");
  options.certificate = files.certificate;
  options.private_key = files.private_key;
  HttpsLink link(options);
  identity::RenewalParts parts{"commerce-01", files, &link, {}, hub.clock, {}, {}};
  parts.try_out = [&](const std::filesystem::path& file) {
    HttpsLinkOptions next = options;
    next.certificate = next.private_key = file;
    ask(next);
  };
  parts.breakpoint = [&](std::string_view point) {
    if (point == kill_at) throw Killed();
  };
  identity::finish_switch(files);
  identity::Renewal renewal(std::move(parts));
  renewal.want();
  renewal.run_once();
  for (const flow::Notice& notice : renewal.notices()) FAIL_CHECK(notice.code << " " << notice.detail);
}

std::string public_part(const std::string& pem) { return pem.substr(pem.find("-----BEGIN CERTIFICATE-----")); }

}  // namespace

TEST_CASE("a renewal puts a new key and certificate in place, and one killed at any step is finished later") {
  const EnrolHub hub;
  hub.enrol("commerce-01");
  const auto file = hub.dir / "commerce-01" / "tls.pem";
  const bool one_file = GENERATE(true, false);
  identity::IdentityFiles files{file, file};
  if (!one_file) {
    files = {hub.dir / "own.crt", hub.dir / "own.key"};
    const std::string pair = text_of(file);
    test::write_file(files.certificate, public_part(pair));
    test::write_file(files.private_key, pair.substr(0, pair.find("-----BEGIN CERTIFICATE-----")));
  }
  HttpsLinkOptions options = hub.link_options("commerce-01");
  options.certificate = files.certificate;
  options.private_key = files.private_key;
  HttpsLink kept(options);  // through all of it
  for (const char* point : {"renewal.key_made", "renewal.issued", "renewal.tried", "renewal.switching", ""}) {
    INFO(point);
    const std::string before = text_of(files.certificate);
    const std::string old_key = text_of(files.private_key);
    if (*point != '\0') CHECK_THROWS_AS(renew(hub, files, point), Killed);
    CHECK_FALSE(kept.directory({}).signed_root().empty());  // what is in place works at any time
    renew(hub, files);
    CHECK(public_part(text_of(files.certificate)) != public_part(before));
    CHECK_FALSE(kept.directory({}).signed_root().empty());
    CHECK_FALSE(std::filesystem::exists(files.certificate.string() + ".next"));
    CHECK_FALSE(std::filesystem::exists(files.certificate.string() + ".switch"));
    // Four keys at a time are allowed; in the field what was replaced ends after a minute.
    hub.run({"key", "retire", "commerce-01", ca::digest_of_key(old_key).hex()});
  }
}

TEST_CASE("a rotated signing key is registered before it takes the old one's place") {
  const EnrolHub hub;
  hub.enrol("commerce-01");
  const auto file = hub.dir / "commerce-01" / "signing.key";
  const std::string before = text_of(file);
  HttpsLink link(hub.link_options("commerce-01"));
  const std::string id = identity::rotate_signing_key("commerce-01", file, std::string(default_signer_id),
                                                      seal::Algorithm::ecdsa_p256, DigestSuite::sha256, link);
  CHECK(text_of(file) != before);
  CHECK(seal::SigningKey::from_file(file).record().id == id);
  const std::string list = hub.run({"agent", "list"});
  CHECK(said(list, id + "\tecdsa-p256\tactive"));
  CHECK(said(list, seal::SigningKey::from_pem(before).record().id + "\ted25519\tretired"));
}

TEST_CASE("A25 a new encryption key needs a signing key of its agent, and takes the place of the one before") {
  const EnrolHub hub;
  hub.enrol("commerce-01");
  const auto file = hub.dir / "commerce-01" / "encryption.key";
  const seal::SigningKey signing = seal::SigningKey::from_file(hub.dir / "commerce-01" / "signing.key");
  const seal::DecryptionKey first = seal::DecryptionKey::from_file(file);
  const auto made = [] { return seal::DecryptionKey::generate(seal::EncryptionAlgorithm::x25519).record(); };
  HttpsLink link(hub.link_options("commerce-01"));
  const auto send = [&](const seal::SigningKey& by, const KeyRecord& next, const char* agent = "commerce-01",
                        seal::Purpose purpose = seal::Purpose::encryption_change) {
    wire::EncryptionChangeBody body;
    body.set_agent(agent);
    body.set_present(first.record().id);
    seal::write_key(next, *body.mutable_next());
    wire::RenewRequest request;
    wire::EncryptionChange& change = *request.mutable_encryption();
    change.set_body(body.SerializeAsString());
    change.mutable_signature()->set_key_id(by.record().id);
    change.mutable_signature()->set_value(by.sign(purpose, change.body()));
    link.renew(request);
  };
  const auto refused = [&](const auto&... parts) { test::check_throws("QZ-HUB-227", [&] { send(parts...); }); };
  refused(seal::SigningKey::generate(), made());
  refused(signing, made(), "commerce-02");
  refused(signing, made(), "commerce-01", seal::Purpose::key_change);
  refused(signing, signing.record());
  refused(signing, seal::DecryptionKey::generate(seal::EncryptionAlgorithm::sm2).record());
  const std::string id = identity::rotate_encryption_key("commerce-01", file, signing, DigestSuite::sha256, link);
  const seal::DecryptionKey second = seal::DecryptionKey::from_file(file);
  CHECK(second.record().id == id);
  CHECK(id != first.record().id);
  CHECK_FALSE(std::filesystem::exists(file.string() + ".next"));
  send(signing, second.record());  // the answer was lost
  refused(signing, made());        // the first one is replaced
}

TEST_CASE(
    "A16 another issuing authority below the same root: agents of both are accepted, enrolled ones stay revocable") {
  const EnrolHub hub;
  hub.enrol("commerce-01");
  const ca::Pair next = ca::make_issuing(hub.made.root, "test", hub.clock.now());
  test::write_file(hub.dir / "issuing.crt", next.certificate);
  test::write_file(hub.dir / "issuing.key", next.private_key);
  hub.service->reload();
  hub.enrol("commerce-02");
  CHECK_FALSE(ask(hub.link_options("commerce-01")).signed_root().empty());
  CHECK_FALSE(ask(hub.link_options("commerce-02")).signed_root().empty());
  hub.run({"agent", "revoke", "commerce-01"});
  hub.run({"agent", "revoke", "commerce-02"});
  test::check_throws("QZ-LINK-010", [&] { ask(hub.link_options("commerce-01")); });
  test::check_throws("QZ-LINK-010", [&] { ask(hub.link_options("commerce-02")); });
}

// An exchange with its own authority, as `qianzhi-hub ca init` makes it: the shipped hub service on loopback, and what
// an agent does to come in.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "agent/identity/enrol.h"
#include "hub-protocol/ca/authority.h"
#include "hub-protocol/ca/request.h"
#include "hub-protocol/ca/token.h"
#include "hub-protocol/client/https_link.h"
#include "hub-protocol/enrol/enrolment.h"
#include "hub-protocol/hub/service.h"
#include "hub-protocol/seal/directory_parts.h"
#include "hub-protocol/seal/encryption_key.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::test {

inline const audit::Actor first_officer{audit::ActorKind::operator_, "li"};
inline const audit::Actor second_officer{audit::ActorKind::operator_, "wang"};

inline void write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
  std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

// Keys as an agent makes them, and its request for them.
struct Applicant {
  std::string tls = ca::make_tls_key();
  seal::SigningKey signing = seal::SigningKey::generate();
  seal::DecryptionKey encryption = seal::DecryptionKey::generate(seal::EncryptionAlgorithm::x25519);
  seal::DecryptionKey sm_encryption = seal::DecryptionKey::generate(seal::EncryptionAlgorithm::sm2);

  wire::EnrolBody body(const Bytes& secret) const {
    wire::EnrolBody body;
    body.set_secret(secret);
    body.set_certificate_request(ca::make_request(tls));
    seal::write_key(signing.record(), *body.mutable_signing_key());
    seal::write_key(encryption.record(), *body.mutable_encryption_key());
    seal::write_key(sm_encryption.record(), *body.mutable_sm_encryption_key());
    return body;
  }
  wire::EnrolRequest sign(const wire::EnrolBody& body) const {
    wire::EnrolRequest request;
    request.set_body(body.SerializeAsString());
    request.mutable_signature()->set_key_id(signing.record().id);
    request.mutable_signature()->set_value(signing.sign(seal::Purpose::enrol, request.body()));
    return request;
  }
  wire::EnrolRequest request(const Bytes& secret) const { return sign(body(secret)); }
  Digest tls_digest() const { return ca::digest_of_key(tls); }
};

inline wire::RenewRequest renewal_of(const std::string& tls_key) {
  wire::RenewRequest request;
  request.set_certificate_request(ca::make_request(tls_key));
  return request;
}

class EnrolHub {
 public:
  explicit EnrolHub(const std::string& more_of_ca = {}, seal::Algorithm hub_keys = seal::Algorithm::ed25519) {
    const Micros now = clock.now();
    made = ca::make_authority("测试 Test", now);
    const ca::Pair hub = ca::issue_hub(made.root, {"localhost", "127.0.0.1"}, now, ca::day * 90);
    write_file(dir / "root.crt", made.root.certificate);
    write_file(dir / "issuing.crt", made.issuing.certificate);
    write_file(dir / "issuing.key", made.issuing.private_key);
    write_file(dir / "hub.crt", hub.certificate);
    write_file(dir / "hub.key", hub.private_key);
    write_file(dir / "signing.key", seal::SigningKey::generate(hub_keys).to_pem());
    write_file(dir / "directory.key", seal::SigningKey::generate(hub_keys).to_pem());
    std::filesystem::create_directory(dir / "catalogue");
    write_file(dir / "catalogue" / "catalogue.yaml",
               "version: 1\nitems:\n  number: {title: 号, title_en: number, type: code(18)}\n");
    write_file(
        dir / "catalogue" / "commerce.yaml",
        "department: {id: commerce, title: 工商, title_en: Commerce}\ntopics:\n  commerce.firms:\n    title: 企业\n"
        "    title_en: firms\n    mode: state\n    key: [number]\n    items: [number]\n");
    write_file(dir / "hub.yaml",
               "hub:\n  store: hub.db\n  listen: \"127.0.0.1:0\"\n  certificate: hub.crt\n"
               "  private_key: {file: hub.key}\n  trust: root.crt\n  signing_key: {file: signing.key}\n"
               "  directory_key: {file: directory.key}\n  catalogue: catalogue\n  secured: log\n"
               "  ca: {certificate: issuing.crt, private_key: {file: issuing.key}, address: \"127.0.0.1:1\"" +
                   more_of_ca + "}\nagents: {}\n");
    start();
  }

  void start() {
    service = std::make_unique<hub::Service>(hub::ServiceOptions{dir / "hub.yaml", false, {}, [](const Error&) {}},
                                             clock, random);
  }
  std::string run(std::vector<std::string> words, const std::string& user = "li") const {
    return service->command({std::move(words), "", user});
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(service->port()); }
  // The token itself, from what the verb prints.
  std::string token(const std::string& agent, std::vector<std::string> more = {}) const {
    std::vector<std::string> words{"agent", "add", agent, "--department", "commerce", "--address", address()};
    words.insert(words.end(), more.begin(), more.end());
    const std::string text = run(words);
    return text.substr(0, text.find('\n'));
  }
  identity::Enrolled enrol(const std::string& agent) const { return identity::enrol({token(agent), dir / agent}); }
  HttpsLinkOptions link_options(const std::string& agent) const {
    HttpsLinkOptions options;
    options.url = "https://" + address();
    options.certificate = options.private_key = dir / agent / "tls.pem";
    options.trust = dir / agent / "trust.crt";
    return options;
  }
  HttpsLinkOptions stranger_options() const {
    HttpsLinkOptions options;
    options.url = "https://" + address();
    options.ca_digest = ca::fingerprint_of(ca::certificates_of(made.root.certificate)[0]);
    return options;
  }

  TempDir dir;
  SystemClock clock;
  SystemRandom random;
  ca::NewAuthority made;
  std::unique_ptr<hub::Service> service;
};

}  // namespace qianzhi::test

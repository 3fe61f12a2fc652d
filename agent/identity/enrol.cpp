#include "agent/identity/enrol.h"

#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "agent/identity/files.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/ca/authority.h"
#include "hub-protocol/ca/request.h"
#include "hub-protocol/ca/token.h"
#include "hub-protocol/client/https_link.h"
#include "hub-protocol/seal/directory.h"
#include "hub-protocol/seal/directory_parts.h"
#include "hub-protocol/seal/encryption_key.h"
#include "hub-protocol/service/private_file.h"

namespace qianzhi::identity {

namespace {

[[noreturn]] void unusable(const std::string& what) { throw Error(ErrorKind::misuse, "QZ-AGT-128", what); }

void make_folder(const std::filesystem::path& folder) {
  if (mkdir(folder.c_str(), S_IRWXU) != 0 && !std::filesystem::is_directory(folder))
    throw Error(ErrorKind::misuse, "QZ-BASE-011", folder.string());
}

// What an earlier try left is used again: its answer may have been lost on the way here.
template <typename Make>
std::string kept_or_made(const std::filesystem::path& file, Make&& make) {
  if (std::filesystem::exists(file)) return read_whole(file);
  std::string text = make();
  service::write_new_private(file, text);
  return text;
}

void write_once(const std::filesystem::path& file, const std::string& text) {
  if (std::filesystem::exists(file)) {
    if (read_whole(file) == text) return;
    std::filesystem::remove(file);  // of a try that never came to its end
  }
  service::write_new_private(file, text);
}

struct Keys {
  std::string tls;
  seal::SigningKey signing;
  // Which suite the directory has, nobody knows before the hub has answered.
  seal::DecryptionKey encryption;
  seal::DecryptionKey sm_encryption;
};

constexpr char encryption_file[] = "encryption.key";
constexpr char sm_encryption_file[] = "encryption-sm2.key";

Keys keys_in(const EnrolOptions& options) {
  const auto file = [&](const char* name) { return options.out / name; };
  std::string tls = kept_or_made(file("tls.key.part"), [] { return ca::make_tls_key(); });
  const std::string signing =
      kept_or_made(file("signing.key"), [&] { return seal::SigningKey::generate(options.signing).to_pem(); });
  const auto decryption = [&](const char* name, seal::EncryptionAlgorithm algorithm) {
    return seal::DecryptionKey::from_pem(
        kept_or_made(file(name), [&] { return seal::DecryptionKey::generate(algorithm).to_pem(); }));
  };
  seal::DecryptionKey encryption = decryption(encryption_file, seal::EncryptionAlgorithm::x25519);
  seal::DecryptionKey sm_encryption = decryption(sm_encryption_file, seal::EncryptionAlgorithm::sm2);
  kept_or_made(file("queue.key"), [] { return to_hex(SystemRandom().bytes(32)) + "\n"; });
  return {std::move(tls), seal::SigningKey::from_pem(signing), std::move(encryption), std::move(sm_encryption)};
}

wire::EnrolRequest request_of(const ca::Token& token, const Keys& keys) {
  wire::EnrolBody body;
  body.set_secret(token.secret);
  body.set_certificate_request(ca::make_request(keys.tls));
  seal::write_key(keys.signing.record(), *body.mutable_signing_key());
  seal::write_key(keys.encryption.record(), *body.mutable_encryption_key());
  seal::write_key(keys.sm_encryption.record(), *body.mutable_sm_encryption_key());
  wire::EnrolRequest request;
  request.set_body(body.SerializeAsString());
  request.mutable_signature()->set_key_id(keys.signing.record().id);
  request.mutable_signature()->set_value(keys.signing.sign(seal::Purpose::enrol, request.body()));
  return request;
}

KeyRecord directory_key_of(const wire::KeyMessage& message) {
  // A directory key's own algorithm says which suite its id is of.
  const DigestSuite suite = message.algorithm() == "sm2" ? DigestSuite::sm3 : DigestSuite::sha256;
  try {
    return seal::read_key(message, suite);
  } catch (const Error& error) {
    unusable("directory key: " + error.detail());
  }
}

// Whether the new identity is taken, by one call that only reads.
void try_out(const HttpsLinkOptions& link, const KeyRecord& directory_key, Enrolled& enrolled) {
  try {
    const wire::DirectoryReply reply = HttpsLink(link).directory({});
    seal::open_root(reply.signed_root(), directory_key);
    enrolled.works = true;
  } catch (const Error& error) {
    enrolled.trouble = error.code() + " " + error.detail();
  }
}

}  // namespace

Enrolled enrol(const EnrolOptions& options) {
  const ca::Token token = ca::token_from_text(options.token);
  const std::filesystem::path identity = options.out / "tls.pem";
  if (std::filesystem::exists(identity)) throw Error(ErrorKind::misuse, "QZ-AGT-121", identity.string());
  make_folder(options.out);
  const Keys keys = keys_in(options);
  Enrolled enrolled;
  enrolled.url = "https://" + (options.hub.empty() ? token.address : options.hub);
  HttpsLinkOptions stranger;
  stranger.url = enrolled.url;
  stranger.proxy = options.proxy;
  stranger.ca_digest = token.fingerprint;
  HttpsLink link(stranger);
  wire::EnrolReply reply;
  try {
    reply = link.enrol(request_of(token, keys));
  } catch (const Error& error) {
    if (error.code() != "QZ-LINK-004") throw;
    throw Error(ErrorKind::misuse, "QZ-LINK-152", enrolled.url + ": " + error.detail());
  }
  const std::string pair = keys.tls + reply.certificate();
  if (!ca::is_pair(pair)) unusable("the certificate is not for the key that was made here");
  const KeyRecord directory_key = directory_key_of(reply.directory_key());
  write_once(options.out / "trust.crt", ca::certificate_to_pem(link.anchor()));
  write_once(options.out / "directory.pub", seal::to_pem(directory_key));
  enrolled.encryption_key = directory_key.suite == DigestSuite::sm3 ? sm_encryption_file : encryption_file;
  enrolled.has_root_key = reply.has_directory_root_key();
  if (enrolled.has_root_key)
    write_once(options.out / "directory-root.pub", seal::to_pem(directory_key_of(reply.directory_root_key())));
  service::write_new_private(identity, pair);
  std::filesystem::remove(options.out / "tls.key.part");
  enrolled.agent = reply.agent();
  enrolled.department = reply.department();
  enrolled.waits = reply.waits();
  HttpsLinkOptions known = stranger;
  known.ca_digest.clear();
  known.certificate = known.private_key = identity;
  known.trust = options.out / "trust.crt";
  if (!enrolled.waits) try_out(known, directory_key, enrolled);
  return enrolled;
}

}  // namespace qianzhi::identity

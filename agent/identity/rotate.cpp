#include "agent/identity/rotate.h"

#include "agent/identity/files.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/directory_parts.h"
#include "hub-protocol/service/private_file.h"

namespace qianzhi::identity {

namespace {

// Whatever else the hub says, it may have taken the key before.
void renew_with(const wire::RenewRequest& request, const std::filesystem::path& next_file, HubLink& link) {
  try {
    link.renew(request);
  } catch (const Error& error) {
    // The hub does not have this one, and never will.
    if (error.code() == "QZ-HUB-227" || error.code() == "QZ-HUB-228") std::filesystem::remove(next_file);
    throw;
  }
}

}  // namespace

std::string rotate_signing_key(const std::string& agent, const std::filesystem::path& file,
                               const std::string& signer_id, seal::Algorithm algorithm, DigestSuite suite,
                               HubLink& link) {
  const std::filesystem::path next_file = file.string() + ".next";
  const seal::SigningKey present = seal::SigningKey::from_file(file, signer_id).in_suite(suite);
  // One that the hub may have heard of already.
  if (!std::filesystem::exists(next_file))
    service::write_new_private(next_file, seal::SigningKey::generate(algorithm, signer_id).to_pem());
  const seal::SigningKey next = seal::SigningKey::from_file(next_file, signer_id).in_suite(suite);
  wire::SigningChangeBody body;
  body.set_agent(agent);
  body.set_present(present.record().id);
  seal::write_key(next.record(), *body.mutable_next());
  wire::RenewRequest request;
  wire::SigningChange& change = *request.mutable_signing();
  change.set_body(body.SerializeAsString());
  const auto sign = [&](const seal::SigningKey& key, wire::Signature& signature) {
    signature.set_key_id(key.record().id);
    signature.set_value(key.sign(seal::Purpose::key_change, change.body()));
  };
  sign(present, *change.mutable_by_present());
  sign(next, *change.mutable_by_next());
  renew_with(request, next_file, link);
  service::move_into_place(next_file, file);
  return next.record().id;
}

std::string rotate_encryption_key(const std::string& agent, const std::filesystem::path& file,
                                  const seal::SigningKey& signing, DigestSuite suite, HubLink& link) {
  const std::filesystem::path next_file = file.string() + ".next";
  const seal::DecryptionKey present = seal::DecryptionKey::from_file(file).in_suite(suite);
  if (!std::filesystem::exists(next_file))
    service::write_new_private(next_file, seal::DecryptionKey::generate(seal::encryption_algorithm(suite)).to_pem());
  const seal::DecryptionKey next = seal::DecryptionKey::from_file(next_file).in_suite(suite);
  wire::EncryptionChangeBody body;
  body.set_agent(agent);
  body.set_present(present.record().id);
  seal::write_key(next.record(), *body.mutable_next());
  wire::RenewRequest request;
  wire::EncryptionChange& change = *request.mutable_encryption();
  change.set_body(body.SerializeAsString());
  change.mutable_signature()->set_key_id(signing.record().id);
  change.mutable_signature()->set_value(signing.sign(seal::Purpose::encryption_change, change.body()));
  renew_with(request, next_file, link);
  service::move_into_place(next_file, file);
  return next.record().id;
}

}  // namespace qianzhi::identity

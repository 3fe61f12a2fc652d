// One end of the way by files: what it has is signed with its TLS key and encrypted to the other end's certificate,
// in Cryptographic Message Syntax (RFC 5652: SignedData with signed attributes within AuthEnvelopedData, RFC 5083,
// AES-256-GCM; keys by ECDH with SHA-256, RFC 5753, or RSA-OAEP). Who passes the files on learns nothing and can
// change nothing.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi {

// PEM files, as for TLS.
struct PartyFiles {
  std::filesystem::path certificate;  // own certificate, then intermediates
  std::filesystem::path private_key;
  std::filesystem::path trust;  // the exchange's CA; nothing else is trusted
  std::filesystem::path crl;    // empty: none. With it an expired list refuses everybody.
};

enum class PartyRole { agent, hub };

struct Opened {
  Bytes content;
  Bytes signer;  // its certificate, DER; chain, purpose and validity were checked
};

// Octets of an opened or sealed file beside its content, at most.
inline constexpr std::size_t envelope_overhead = 64U << 10U;

// Immutable; safe to share between threads.
class Party {
 public:
  // Throws Error(misuse): QZ-LINK-009 naming the file, QZ-LINK-017 if the key can neither sign nor receive files
  // (Ed25519 and SM2 cannot in OpenSSL 3.0).
  Party(const PartyFiles& files, PartyRole role);

  const Bytes& certificate() const;

  // receivers: certificates, DER; at least one. Throws Error(misuse, QZ-LINK-018) if one of them cannot receive.
  Bytes seal(std::string_view content, const std::vector<Bytes>& receivers) const;
  // now: when the signer's certificate must be valid. Throws Error(rejected): QZ-LINK-121 no envelope of the form that
  // seal() makes, QZ-LINK-122 not for this key or damaged, QZ-LINK-123 the signature or the signer's certificate is
  // not good. For whoever sent it none of them tells more than that it is bad.
  Opened open(std::string_view envelope, Micros now) const;
  // Whether this certificate, DER, is a good one of the other end's kind: empty, or the reason why not.
  std::string fault_of(std::string_view certificate, Micros now) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

// SHA-256 of the SubjectPublicKeyInfo of a certificate, DER. Throws Error(rejected, QZ-LINK-123).
Digest public_key_of(std::string_view certificate);

// All certificates of a PEM file, DER, one to four. Throws Error(misuse, QZ-LINK-009).
std::vector<Bytes> certificates_of(const std::filesystem::path& file);

}  // namespace qianzhi

// Certificates made in the test's own process, good ones and deliberately bad ones.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "hub-protocol/base/bytes.h"

struct x509_st;
struct evp_pkey_st;

namespace qianzhi::test {

struct CertificateSpec {
  std::string name;               // file stem, and the CN
  std::string alternative_names;  // as in an openssl.cnf, "URI:urn:...,DNS:..."; empty: none
  std::string purpose = "clientAuth";
  long begins = -3600;  // seconds from now
  long ends = 86400;
  std::string points_to = {};  // a URL, named as place of a revocation list, of OCSP and of the issuer; empty: none
};

inline std::string agent_uri(const std::string& agent) { return "URI:urn:qianzhi:agent:" + agent; }

class TestCa {
 public:
  // Writes DIRECTORY/NAME.crt.
  TestCa(std::filesystem::path directory, const std::string& name);

  // Writes DIRECTORY/NAME.crt and .key; SHA-256 of the public key.
  Digest issue(const CertificateSpec& spec);
  // As issue(), but the only alternative name is this URI, which may hold any octet.
  Digest issue_raw_uri(const CertificateSpec& spec, const std::string& uri);
  // Writes DIRECTORY/NAME with the certificates issued so far whose names are given.
  void write_revocations(const std::string& name, const std::vector<std::string>& revoked);

  const std::filesystem::path& certificate() const { return certificate_path_; }

 private:
  struct Issued;
  using Certificate = std::shared_ptr<x509_st>;
  using Key = std::shared_ptr<evp_pkey_st>;

  Certificate unsigned_certificate(const CertificateSpec& spec, const Key& key);
  Digest finish(const CertificateSpec& spec, const Certificate& certificate, const Key& key);

  std::filesystem::path directory_;
  std::filesystem::path certificate_path_;
  Key key_;
  Certificate certificate_;
  std::vector<std::pair<std::string, Certificate>> issued_;
  long serial_ = 1;
};

}  // namespace qianzhi::test

#include "https_pki.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace qianzhi::test {

namespace {

void require(bool good) {
  if (!good) throw std::runtime_error("a test certificate could not be made");
}

std::shared_ptr<EVP_PKEY> new_key() {
  std::shared_ptr<EVP_PKEY> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  require(key != nullptr);
  return key;
}

template <typename Write>
void write_file(const std::filesystem::path& path, const Write& write) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "w"), std::fclose);
  require(file != nullptr && write(file.get()) == 1);
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, void (*)(X509_EXTENSION*)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()), X509_EXTENSION_free);
  require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

}  // namespace

TestCa::TestCa(std::filesystem::path directory, const std::string& name)
    : directory_(std::move(directory)), certificate_path_(directory_ / (name + ".crt")), key_(new_key()) {
  certificate_ = unsigned_certificate({name, {}, {}}, key_);
  X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
  extend(certificate_.get(), certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  extend(certificate_.get(), certificate_.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  require(X509_sign(certificate_.get(), key_.get(), EVP_sha256()) > 0);
  write_file(certificate_path_, [&](FILE* file) { return PEM_write_X509(file, certificate_.get()); });
}

TestCa::Certificate TestCa::unsigned_certificate(const CertificateSpec& spec, const Key& key) {
  Certificate made(X509_new(), X509_free);
  require(made != nullptr && X509_set_version(made.get(), 2) == 1);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial_++);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), spec.begins);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), spec.ends);
  X509_set_pubkey(made.get(), key.get());
  const auto* name = reinterpret_cast<const unsigned char*>(spec.name.c_str());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8, name, -1, -1, 0);
  if (certificate_ == nullptr) return made;
  X509_set_issuer_name(made.get(), X509_get_subject_name(certificate_.get()));
  extend(made.get(), certificate_.get(), NID_basic_constraints, "critical,CA:FALSE");
  extend(made.get(), certificate_.get(), NID_key_usage, "critical,digitalSignature");
  extend(made.get(), certificate_.get(), NID_ext_key_usage, spec.purpose);
  return made;
}

Digest TestCa::finish(const CertificateSpec& spec, const Certificate& certificate, const Key& key) {
  require(X509_sign(certificate.get(), key_.get(), EVP_sha256()) > 0);
  write_file(directory_ / (spec.name + ".crt"), [&](FILE* file) { return PEM_write_X509(file, certificate.get()); });
  write_file(directory_ / (spec.name + ".key"),
             [&](FILE* file) { return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  issued_.emplace_back(spec.name, certificate);
  Digest digest;
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key.get(), &der);
  unsigned int length = Digest::size;
  require(size > 0 &&
          EVP_Digest(der, static_cast<std::size_t>(size), digest.octets.data(), &length, EVP_sha256(), nullptr) == 1);
  OPENSSL_free(der);
  return digest;
}

Digest TestCa::issue(const CertificateSpec& spec) {
  const Key key = new_key();
  const Certificate made = unsigned_certificate(spec, key);
  if (!spec.alternative_names.empty()) {
    extend(made.get(), certificate_.get(), NID_subject_alt_name, spec.alternative_names);
  }
  if (!spec.points_to.empty()) {
    const std::string uri = "URI:" + spec.points_to;
    extend(made.get(), certificate_.get(), NID_crl_distribution_points, uri);
    extend(made.get(), certificate_.get(), NID_info_access, "OCSP;" + uri + ",caIssuers;" + uri);
  }
  return finish(spec, made, key);
}

Digest TestCa::issue_raw_uri(const CertificateSpec& spec, const std::string& uri) {
  const Key key = new_key();
  const Certificate made = unsigned_certificate(spec, key);
  const std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> names(GENERAL_NAMES_new(), GENERAL_NAMES_free);
  ASN1_IA5STRING* text = ASN1_IA5STRING_new();
  GENERAL_NAME* name = GENERAL_NAME_new();
  require(ASN1_STRING_set(text, uri.data(), static_cast<int>(uri.size())) == 1);
  GENERAL_NAME_set0_value(name, GEN_URI, text);
  sk_GENERAL_NAME_push(names.get(), name);
  require(X509_add1_ext_i2d(made.get(), NID_subject_alt_name, names.get(), 0, 0) == 1);
  return finish(spec, made, key);
}

void TestCa::write_revocations(const std::string& name, const std::vector<std::string>& revoked) {
  const std::unique_ptr<X509_CRL, void (*)(X509_CRL*)> list(X509_CRL_new(), X509_CRL_free);
  const std::unique_ptr<ASN1_TIME, void (*)(ASN1_TIME*)> before(X509_gmtime_adj(nullptr, -60), ASN1_TIME_free);
  const std::unique_ptr<ASN1_TIME, void (*)(ASN1_TIME*)> next(X509_gmtime_adj(nullptr, 86400), ASN1_TIME_free);
  X509_CRL_set_version(list.get(), 1);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(certificate_.get()));
  X509_CRL_set1_lastUpdate(list.get(), before.get());
  X509_CRL_set1_nextUpdate(list.get(), next.get());
  for (const auto& [stem, certificate] : issued_) {
    if (std::find(revoked.begin(), revoked.end(), stem) == revoked.end()) continue;
    X509_REVOKED* entry = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(certificate.get()));
    X509_REVOKED_set_revocationDate(entry, before.get());
    X509_CRL_add0_revoked(list.get(), entry);
  }
  X509_CRL_sort(list.get());
  require(X509_CRL_sign(list.get(), key_.get(), EVP_sha256()) > 0);
  write_file(directory_ / name, [&](FILE* file) { return PEM_write_X509_CRL(file, list.get()); });
}

}  // namespace qianzhi::test

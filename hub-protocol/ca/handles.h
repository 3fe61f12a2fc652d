// OpenSSL's objects with owners, and the one way this folder reports that one cannot be used. Internal to this folder.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct bio_st;
struct evp_pkey_st;
struct x509_st;
struct X509_req_st;

namespace qianzhi::ca {

using Certificate = std::unique_ptr<x509_st, void (*)(x509_st*)>;
using Key = std::unique_ptr<evp_pkey_st, void (*)(evp_pkey_st*)>;
using Request = std::unique_ptr<X509_req_st, void (*)(X509_req_st*)>;
using Memory = std::unique_ptr<bio_st, int (*)(bio_st*)>;

Memory reading(std::string_view text);
Memory writing();
std::string text_of(const Memory& memory);
// Null if it is none.
Certificate certificate_from_pem(std::string_view pem);
Key key_from_pem(std::string_view pem);
std::string pem_of(const x509_st* certificate);
std::string pem_of(const evp_pkey_st* key);

// Throws Error(misuse, QZ-HUB-221) with what and the library's reason unless good.
void require(bool good, std::string_view what);

}  // namespace qianzhi::ca

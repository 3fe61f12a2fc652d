#include "hub-protocol/hub/certificate_end.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <time.h>

#include <memory>

#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/hub_sections.h"

namespace qianzhi::hub {

Micros certificate_end(const std::filesystem::path& file) {
  std::string pem;
  try {
    pem = read_file(file);
  } catch (const Error&) {
    return 0;
  }
  const std::unique_ptr<BIO, int (*)(BIO*)> input(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  const std::unique_ptr<X509, void (*)(X509*)> parsed(PEM_read_bio_X509(input.get(), nullptr, nullptr, nullptr),
                                                      X509_free);
  tm end{};
  if (parsed == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(parsed.get()), &end) != 1) return 0;
  return static_cast<Micros>(timegm(&end)) * 1'000'000;
}

}  // namespace qianzhi::hub

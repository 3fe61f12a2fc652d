#include "agent/desk/outlets/tls_client.h"

#include <Poco/AutoPtr.h>
#include <Poco/Exception.h>
#include <Poco/Net/Context.h>

#include "hub-protocol/base/error.h"

namespace qianzhi::desk {

Poco::AutoPtr<Poco::Net::Context> tls_client(const std::filesystem::path& trust) {
  try {
    // Relaxed would not compare the name of a server on this machine.
    Poco::Net::Context::Ptr context = new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, trust.string(),
                                                             Poco::Net::Context::VERIFY_STRICT, 9, trust.empty());
    context->requireMinimumProtocol(Poco::Net::Context::PROTO_TLSV1_2);
    context->enableExtendedCertificateVerification(true);
    return context;
  } catch (const Poco::Exception& fault) {
    throw Error(ErrorKind::misuse, "QZ-DSK-106", trust.string() + ": " + fault.displayText());
  }
}

}  // namespace qianzhi::desk

// TLS as a client of others' servers; internal to this folder.
#pragma once

#include <filesystem>

namespace Poco {
template <class C>
class AutoPtr;
namespace Net {
class Context;
}
}  // namespace Poco

namespace qianzhi::desk {

// TLS 1.2 or newer; the server's certificate and its name are verified. trust: PEM file; empty: what the system
// trusts. Throws Error(misuse, QZ-DSK-106) if the file cannot be used.
Poco::AutoPtr<Poco::Net::Context> tls_client(const std::filesystem::path& trust);

}  // namespace qianzhi::desk

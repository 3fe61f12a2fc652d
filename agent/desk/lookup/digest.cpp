#include "agent/desk/lookup/digest.h"

#include <Poco/Crypto/DigestEngine.h>

#include <cstddef>

namespace qianzhi::desk::lookup {

std::string digest_of(const std::vector<std::string_view>& fields) {
  Poco::Crypto::DigestEngine engine("SHA256");
  for (const std::string_view field : fields) {
    const std::string size = std::to_string(field.size()) + ":";
    engine.update(size.data(), size.size());
    engine.update(field.data(), field.size());
  }
  return Poco::DigestEngine::digestToHex(engine.digest());
}

bool are_equal(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  unsigned different = 0;
  for (std::size_t i = 0; i < left.size(); ++i) different |= static_cast<unsigned char>(left[i] ^ right[i]);
  return different == 0;
}

}  // namespace qianzhi::desk::lookup

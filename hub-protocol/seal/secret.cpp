#include "hub-protocol/seal/secret.h"

#include <openssl/crypto.h>
#include <sys/stat.h>

#include <fstream>

#include "hub-protocol/base/error.h"

namespace qianzhi::seal {

namespace {
constexpr off_t most_key_file = 64L * 1024;
}

Secret::~Secret() { OPENSSL_cleanse(octets_.data(), octets_.size()); }

Bytes read_key_file(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > most_key_file)
    throw Error(ErrorKind::misuse, "QZ-SEAL-020", "cannot read " + file.string());
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    throw Error(ErrorKind::misuse, "QZ-SEAL-021", file.string(), "chmod 600 " + file.string());
  Bytes content(static_cast<std::size_t>(status.st_size), '\0');
  std::ifstream stream(file, std::ios::binary);
  if (!stream.read(content.data(), status.st_size))
    throw Error(ErrorKind::misuse, "QZ-SEAL-020", "cannot read " + file.string());
  return content;
}

}  // namespace qianzhi::seal

#include "hub-protocol/accounts/secret_box.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "hub-protocol/base/error.h"

namespace qianzhi::accounts {

namespace {

constexpr std::size_t key_octets = 32;
constexpr std::size_t nonce_octets = 12;
constexpr std::size_t tag_octets = 16;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

[[noreturn]] void unusable_key(const std::filesystem::path& file, std::string_view why) {
  throw Error(ErrorKind::misuse, "QZ-HUB-290", file.string() + ": " + std::string(why));
}

struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) close(number);
  }
};

// False: somebody made one in the meantime.
bool make_key(const std::filesystem::path& file, Random& random) {
  const std::filesystem::path draft = file.string() + ".new";
  unlink(draft.c_str());
  {
    const Descriptor out{open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    const std::string text = to_hex(random.bytes(key_octets)) + "\n";
    if (out.number < 0 || write(out.number, text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        fsync(out.number) != 0)
      unusable_key(file, std::strerror(errno));
  }
  // A link, unlike a rename, never takes the place of a key that is there.
  const bool is_first = link(draft.c_str(), file.c_str()) == 0;
  const int fault = errno;
  unlink(draft.c_str());
  if (!is_first && fault != EEXIST) unusable_key(file, std::strerror(fault));
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  const Descriptor directory{open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (directory.number < 0 || fsync(directory.number) != 0) unusable_key(file, std::strerror(errno));
  return is_first;
}

Bytes read_key(const std::filesystem::path& file) {
  const Descriptor in{open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat about {};
  if (in.number < 0 || fstat(in.number, &about) != 0) unusable_key(file, std::strerror(errno));
  if ((about.st_mode & 0077U) != 0) unusable_key(file, "权限应为 0600 / its mode must be 0600");
  std::array<char, 2 * key_octets + 2> text{};
  const ssize_t got = read(in.number, text.data(), text.size());
  if (got < static_cast<ssize_t>(2 * key_octets)) unusable_key(file, "不是密钥 / no key");
  try {
    return from_hex(std::string_view(text.data(), 2 * key_octets));
  } catch (const Error&) {
    unusable_key(file, "不是密钥 / no key");
  }
}

unsigned char* start_of(Bytes& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

SecretBox::SecretBox(const std::filesystem::path& key_file, Random& random) : random_(random) {
  struct stat about {};
  if (stat(key_file.c_str(), &about) != 0) make_key(key_file, random);
  key_ = read_key(key_file);
}

Bytes SecretBox::seal(std::string_view plain, std::string_view label) const {
  const Bytes nonce = random_.bytes(nonce_octets);
  Bytes sealed = nonce;
  sealed.resize(nonce_octets + plain.size() + tag_octets);
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  unsigned char* out = start_of(sealed) + nonce_octets;
  int written = 0;
  const bool done =
      cipher && EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, octets_of(key_), octets_of(nonce)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &written, octets_of(label), static_cast<int>(label.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), out, &written, octets_of(plain), static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), out + written, &written) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_octets, out + plain.size()) == 1;
  QZ_ASSERT(done);
  return sealed;
}

Bytes SecretBox::open(std::string_view sealed, std::string_view label) const {
  if (sealed.size() < nonce_octets + tag_octets) throw Error(ErrorKind::corrupt, "QZ-HUB-290", label);
  const std::string_view body = sealed.substr(nonce_octets, sealed.size() - nonce_octets - tag_octets);
  Bytes tag(sealed.substr(sealed.size() - tag_octets));
  Bytes plain(body.size(), '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int written = 0;
  const bool done =
      cipher && EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, octets_of(key_), octets_of(sealed)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &written, octets_of(label), static_cast<int>(label.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), start_of(plain), &written, octets_of(body), static_cast<int>(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_octets, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), start_of(plain) + written, &written) == 1;
  if (!done) throw Error(ErrorKind::corrupt, "QZ-HUB-290", label);
  return plain;
}

}  // namespace qianzhi::accounts

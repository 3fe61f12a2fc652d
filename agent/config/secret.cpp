#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>
#include <vector>

#include "agent/config/loader.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::config {

namespace {

constexpr std::size_t max_secret = std::size_t{64} << 10U;
constexpr const char* credentials_folder = "/etc/qianzhi/credentials";

// The service manager's folder; it sets access lists there, so its files may show group bits.
std::filesystem::path managed_folder() {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  return folder == nullptr ? std::filesystem::path() : std::filesystem::path(folder);
}

class Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& file)
      : number_(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

struct Outcome {
  std::string secret;
  std::string fault;  // English; empty: secret is good
  std::string cure;
};

Outcome fault(std::string text, std::string cure = {}) { return {{}, std::move(text), std::move(cure)}; }

Outcome read_from(const std::filesystem::path& file, bool is_managed) {
  const std::string name = file.string();
  const Descriptor descriptor(file);
  if (descriptor.number() < 0) return fault(name + " cannot be opened", "ls -l " + name);
  struct stat status {};
  if (fstat(descriptor.number(), &status) != 0 || !S_ISREG(status.st_mode)) return fault(name + " is no regular file");
  if (!is_managed && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fault(name + " is open to group or others", "chmod 600 " + name);
  }
  if (!is_managed && status.st_uid != geteuid() && status.st_uid != 0) {
    return fault(name + " belongs to another user", "chown qianzhi " + name);
  }
  std::string text(max_secret + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = read(descriptor.number(), text.data() + size, text.size() - size);
    if (count < 0) return fault(name + " cannot be read");
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > max_secret) return fault(name + " is larger than 64 KiB");
  text.resize(size);
  if (!text.empty() && text.back() == '\n') text.pop_back();
  if (!text.empty() && text.back() == '\r') text.pop_back();
  if (text.empty()) return fault(name + " is empty");
  return {text, {}, {}};
}

Outcome read_reference(const SecretReference& reference) {
  if (reference.file.empty() && reference.credential.empty()) return fault("no secret is named");
  const std::filesystem::path file = path_of(reference);
  if (file.empty()) {
    return fault("credential " + reference.credential + " is neither in $CREDENTIALS_DIRECTORY nor in " +
                 credentials_folder);
  }
  return read_from(file, reference.file.empty() && file.parent_path() == managed_folder());
}

}  // namespace

std::filesystem::path path_of(const SecretReference& reference) {
  if (!reference.file.empty()) return reference.file;
  std::error_code ignored;
  for (const std::filesystem::path& folder : {managed_folder(), std::filesystem::path(credentials_folder)}) {
    if (!folder.empty() && std::filesystem::exists(folder / reference.credential, ignored)) {
      return folder / reference.credential;
    }
  }
  return {};
}

std::string read_secret(const SecretReference& reference) {
  Outcome outcome = read_reference(reference);
  if (!outcome.fault.empty()) throw Error(ErrorKind::misuse, "QZ-CFG-022", outcome.fault, outcome.cure);
  return std::move(outcome.secret);
}

std::vector<std::string> readable_secrets(const std::vector<SecretReference>& references) {
  std::vector<std::string> secrets;
  for (const SecretReference& reference : references) {
    if (reference.file.empty() && reference.credential.empty()) continue;
    Outcome outcome = read_reference(reference);
    if (outcome.fault.empty()) secrets.push_back(std::move(outcome.secret));
  }
  return secrets;
}

namespace {

void check_tokens(const Config& config, yaml::Diagnostics& diagnostics) {
  for (const ApiToken& token : config.api_tokens) {
    Outcome outcome = read_reference(token.secret);
    const std::string file = path_of(token.secret).string();
    if (outcome.fault.empty() && outcome.secret.size() < shortest_token)
      outcome = fault(file + " holds fewer than " + std::to_string(shortest_token) + " characters",
                      "openssl rand -hex 32 > " + file);
    if (!outcome.fault.empty())
      diagnostics.error("QZ-CFG-022", token.place, "api.callers " + token.name + "：令牌文件不能用 " + file,
                        "api.callers " + token.name + ": " + outcome.fault, outcome.cure);
  }
}

}  // namespace

void check_secrets(const Config& config, yaml::Diagnostics& diagnostics) {
  std::vector<std::pair<std::string, SecretReference>> named = {{"exchange.private_key", config.exchange.private_key},
                                                                {"exchange.signing_key", config.exchange.signing_key},
                                                                {"queue.key", config.queue.key}};
  const SecretReference& second = config.exchange.second_signing_key;
  if (!second.file.empty() || !second.credential.empty()) named.emplace_back("exchange.second_signing_key", second);
  const SecretReference& encryption = config.exchange.encryption_key;
  if (!encryption.file.empty() || !encryption.credential.empty())
    named.emplace_back("exchange.encryption_key", encryption);
  for (const auto& [id, source] : config.sources) {
    for (const auto& [key, secret] : source.database.secrets) named.emplace_back("sources." + id + "." + key, secret);
  }
  for (const auto& [id, target] : config.targets) {
    for (const auto& [key, secret] : target.secrets) named.emplace_back("targets." + id + "." + key, secret);
  }
  const yaml::Place place{std::make_shared<yaml::SourceText>(config.file, ""), 0, 0, 0};
  for (const auto& [path, reference] : named) {
    const Outcome outcome = read_reference(reference);
    if (outcome.fault.empty()) continue;
    diagnostics.error("QZ-CFG-022", place, path + "：无法读取密码或密钥文件 " + path_of(reference).string(),
                      path + ": " + outcome.fault, outcome.cure);
  }
  check_tokens(config, diagnostics);
}

}  // namespace qianzhi::config

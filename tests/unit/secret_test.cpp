// Secrets: where they are read from, and that nothing of them gets out.
#include <stdlib.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "hub-protocol/base/error.h"
#include "tests/unit/config_support.h"

using namespace qianzhi;
using namespace qianzhi::config;

namespace {

std::filesystem::path secret_file(const test::TempDir& folder, const std::string& content, mode_t mode) {
  const std::filesystem::path file = folder / "secret";
  std::ofstream(file, std::ios::binary) << content;
  chmod(file.c_str(), mode);
  return file;
}

std::string fault(const SecretReference& reference) {
  try {
    read_secret(reference);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::misuse);
    CHECK(error.code() == "QZ-CFG-022");
    CHECK(error.detail().find("hunter2") == std::string::npos);
    return error.detail();
  }
  return {};
}

}  // namespace

TEST_CASE("A secret is read without its last line end") {
  const test::TempDir folder;
  CHECK(read_secret({secret_file(folder, "hunter2\n", 0600), {}}) == "hunter2");
  CHECK(read_secret({secret_file(folder, "hunter2\r\n", 0400), {}}) == "hunter2");
  CHECK(read_secret({secret_file(folder, "a\nb\n\n", 0600), {}}) == "a\nb\n");
}

TEST_CASE("A secret that group or others may touch is refused") {
  for (const mode_t mode : {0640, 0604, 0620, 0602, 0610, 0601, 0644, 0777}) {
    const test::TempDir folder;
    CHECK(fault({secret_file(folder, "hunter2", mode), {}}).find("open to group or others") != std::string::npos);
  }
}

TEST_CASE("A secret that is missing, empty, too large or no file is refused") {
  const test::TempDir folder;
  CHECK(fault({folder / "none", {}}).find("cannot be opened") != std::string::npos);
  CHECK(fault({folder.path(), {}}).find("no regular file") != std::string::npos);
  CHECK(fault({secret_file(folder, "\n", 0600), {}}).find("is empty") != std::string::npos);
  CHECK(fault({secret_file(folder, std::string(65537, 'x'), 0600), {}}).find("larger than") != std::string::npos);
  const std::filesystem::path pipe = folder / "pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(fault({pipe, {}}).find("no regular file") != std::string::npos);
  CHECK(fault({}).find("no secret is named") != std::string::npos);
}

TEST_CASE("A credential is found in the service manager's folder, whatever its group bits") {
  const test::TempDir folder;
  secret_file(folder, "hunter2", 0440);
  REQUIRE(setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1) == 0);
  CHECK(read_secret({{}, "secret"}) == "hunter2");
  CHECK(path_of({{}, "secret"}) == folder / "secret");
  CHECK(fault({{}, "other"}).find("credential other") != std::string::npos);
  unsetenv("CREDENTIALS_DIRECTORY");
  CHECK(fault({{}, "secret"}).find("neither") != std::string::npos);
}

TEST_CASE("E1 check lists every secret that cannot be read, by its place in the configuration") {
  const Config config = test::load(test::good_config).config;
  yaml::Diagnostics diagnostics;
  check_secrets(config, diagnostics);
  CHECK(diagnostics.errors() == 4);
  const std::string report = diagnostics.render();
  for (const char* path :
       {"exchange.private_key", "exchange.signing_key", "queue.key", "sources.commerce-db.password"}) {
    CHECK(report.find(path) != std::string::npos);
  }
}

TEST_CASE("The cipher of the queue is AES unless the configuration says sm4, anything else is a finding") {
  CHECK(test::load(test::good_config).config.queue.cipher == QueueCipher::aes);
  const auto with = [](const std::string& cipher) {
    std::string text = test::good_config;
    text.insert(text.find("  max_size:"), "  cipher: " + cipher + "\n");
    return test::load(text);
  };
  CHECK(with("sm4").config.queue.cipher == QueueCipher::sm4);
  CHECK(with("aes").config.queue.cipher == QueueCipher::aes);
  CHECK_FALSE(with("rot13").findings.empty());
}

TEST_CASE("A13 a second signing key and the signer id of SM2 are read, and the key file is checked like the first") {
  const Config plain = test::load(test::good_config).config;
  CHECK(plain.exchange.second_signing_key.file.empty());
  CHECK(plain.exchange.signer_id == "1234567812345678");
  std::string text = test::good_config;
  text.insert(text.find("  trust:"), "  second_signing_key: {file: pki/sm2.key}\n  signer_id: gz-commerce\n");
  const auto loaded = test::load(text);
  CHECK(loaded.config.exchange.second_signing_key.file.filename() == "sm2.key");
  CHECK(loaded.config.exchange.signer_id == "gz-commerce");
  yaml::Diagnostics diagnostics;
  check_secrets(loaded.config, diagnostics);
  CHECK(diagnostics.render().find("exchange.second_signing_key") != std::string::npos);
}

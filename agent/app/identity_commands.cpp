// The verbs that make this machine's identity and change its keys: enrol, rotate-key.
#include <cstdio>

#include "agent/app/commands.h"
#include "agent/app/control_commands.h"
#include "agent/app/files.h"
#include "agent/app/identity_text.h"
#include "agent/app/links.h"
#include "agent/config/loader.h"
#include "agent/identity/enrol.h"
#include "agent/identity/rotate.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/client/https_link.h"
#include "hub-protocol/service/control.h"
#include "hub-protocol/service/private_file.h"
#include "hub-protocol/yaml/diagnostics.h"

namespace qianzhi::app {

namespace {

constexpr int failed = 1;
constexpr int unusable_configuration = 78;

seal::Algorithm algorithm_of(const std::string& name) {
  if (name == "ecdsa-p256") return seal::Algorithm::ecdsa_p256;
  return name == "sm2" ? seal::Algorithm::sm2 : seal::Algorithm::ed25519;
}

std::string put_new_encryption_key(const config::Config& config, DigestSuite suite, HubLink& link) {
  const config::ExchangeConfig& exchange = config.exchange;
  if (exchange.encryption_key.file.empty()) throw Error(ErrorKind::misuse, "QZ-AGT-126", "exchange.encryption_key");
  const seal::SigningKey signing =
      seal::SigningKey::from_file(config::path_of(exchange.signing_key), exchange.signer_id).in_suite(suite);
  return identity::rotate_encryption_key(config.agent_id, exchange.encryption_key.file, signing, suite, link);
}

std::string put_new_signing_key(const config::Config& config, const std::string& algorithm, DigestSuite suite,
                                HubLink& link) {
  const config::ExchangeConfig& exchange = config.exchange;
  if (!exchange.signing_key.credential.empty()) throw Error(ErrorKind::misuse, "QZ-AGT-126", "exchange.signing_key");
  const std::filesystem::path file = exchange.signing_key.file;
  const std::string present = seal::SigningKey::from_file(file, exchange.signer_id).record().algorithm;
  return identity::rotate_signing_key(config.agent_id, file, exchange.signer_id,
                                      algorithm_of(algorithm.empty() ? present : algorithm), suite, link);
}

}  // namespace

std::string section_of(const identity::Enrolled& enrolled, const std::filesystem::path& folder) {
  const auto file = [&](const std::string& name) { return (std::filesystem::absolute(folder) / name).string(); };
  std::string text = "agent:\n  id: " + enrolled.agent + "\nexchange:\n  url: " + enrolled.url +
                     "\n  certificate: " + file("tls.pem") + "\n  private_key: {file: " + file("tls.pem") +
                     "}\n  signing_key: {file: " + file("signing.key") +
                     "}\n  encryption_key: {file: " + file(enrolled.encryption_key) +
                     "}\n  trust: " + file("trust.crt") + "\n  directory_key: " + file("directory.pub") + "\n";
  if (enrolled.has_root_key) text += "  directory_root_key: " + file("directory-root.pub") + "\n";
  return text + "queue:\n  key: {file: " + file("queue.key") + "}\n";
}

std::filesystem::path section_file(const std::filesystem::path& identity) { return identity / "agent.yaml.part"; }

int enrol(const EnrolCommand& command) {
  const identity::Enrolled enrolled =
      identity::enrol({command.token, command.out, command.hub, algorithm_of(command.algorithm), command.proxy});
  std::fprintf(stderr, " ✓ 已注册 enrolled: %s (%s)\n", enrolled.agent.c_str(), enrolled.department.c_str());
  const std::string section = section_of(enrolled, command.out);
  service::replace_private(section_file(command.out), section);
  if (command.prints) {
    std::fputs("写入 agent.yaml，或执行 qianzhi init / for agent.yaml, or run qianzhi init:\n", stderr);
    std::fputs(section.c_str(), stdout);
    std::fflush(stdout);
  }
  if (enrolled.waits) {
    std::fprintf(stderr,
                 "等待交换中心第二位管理员批准 / it waits for another officer at the hub: "
                 "qianzhi-hub agent approve %s\n",
                 enrolled.agent.c_str());
    return 0;
  }
  if (enrolled.works) {
    std::fputs("新身份已连通 / the new identity was accepted by the hub\n", stderr);
    return 0;
  }
  std::fprintf(stderr, "注册完成，但试连失败 / enrolled, but the first call failed: %s\n", enrolled.trouble.c_str());
  return failed;
}

int rotate_key(const RotateCommand& command) {
  yaml::Diagnostics diagnostics;
  const config::Config config = config::load_config(command.config, diagnostics);
  std::fputs(diagnostics.render().c_str(), stderr);
  if (diagnostics.has_errors()) return unusable_configuration;
  const config::SecretReference& second = config.exchange.second_signing_key;
  if (!second.file.empty() || !second.credential.empty())
    throw Error(ErrorKind::misuse, "QZ-AGT-126", "exchange.second_signing_key");
  const KeyRecord directory = seal::directory_key_from_pem(read_text(config.exchange.directory_key));
  const std::unique_ptr<HubLink> link = new_link(config);
  if (command.encryption)
    std::printf("新加密密钥 new encryption key: %s\n", put_new_encryption_key(config, directory.suite, *link).c_str());
  else
    std::printf("新签名密钥 new signing key: %s\n",
                put_new_signing_key(config, command.algorithm, directory.suite, *link).c_str());
  try {
    service::ask_control(control_socket_of(config), {"reload"});
    std::puts("运行中的代理已改用它 / the running agent goes on with it");
  } catch (const Error&) {
    std::puts("代理下次启动时使用 / used from the agent's next start on");
  }
  return 0;
}

}  // namespace qianzhi::app

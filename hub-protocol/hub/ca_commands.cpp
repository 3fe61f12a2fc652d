#include "hub-protocol/hub/ca_commands.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/ca/authority.h"
#include "hub-protocol/hub/hub_sections.h"
#include "hub-protocol/hub/verbs.h"
#include "hub-protocol/seal/directory_trust.h"
#include "hub-protocol/seal/key.h"
#include "hub-protocol/service/private_file.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::hub {

namespace {

constexpr Micros hub_life = 397 * ca::day;

seal::SigningKey new_signing_key(const std::string& name) {
  if (name == "ed25519") return seal::SigningKey::generate(seal::Algorithm::ed25519);
  if (name == "ecdsa-p256") return seal::SigningKey::generate(seal::Algorithm::ecdsa_p256);
  if (name == "sm2") return seal::SigningKey::generate(seal::Algorithm::sm2);
  throw Error(ErrorKind::misuse, "QZ-HUB-051", "--signing ed25519|ecdsa-p256|sm2");
}

void make_identity_folder(const std::filesystem::path& folder) {
  if (mkdir(folder.c_str(), S_IRWXU) != 0 && !std::filesystem::is_directory(folder))
    throw Error(ErrorKind::misuse, "QZ-BASE-011", folder.string());
}

// The private half under NAME.key, and the public one under NAME.pub for whoever pins it.
void write_signing_key(const std::filesystem::path& folder, const std::string& name, const seal::SigningKey& key) {
  service::write_new_private(folder / (name + ".key"), key.to_pem());
  service::write_new_private(folder / (name + ".pub"), seal::to_pem(key.record()));
}

void write_hub_pair(const std::filesystem::path& folder, const ca::Pair& pair) {
  service::write_new_private(folder / "hub.key", pair.private_key);
  service::write_new_private(folder / "hub.crt", pair.certificate);
}

std::string quoted(const std::filesystem::path& path) { return std::filesystem::absolute(path).string(); }

std::string configuration(const std::filesystem::path& out, const std::string& address) {
  const auto file = [&](const char* leaf) { return quoted(out / leaf); };
  return "  certificate: " + file("hub.crt") + "\n  private_key: {file: " + file("hub.key") +
         "}\n  trust: " + file("root.crt") + "\n  signing_key: {file: " + file("hub-signing.key") +
         "}\n  directory_key: {file: " + file("directory.key") +
         "}\n  directory_root_key: " + file("directory-root.pub") + "\n  ca: {certificate: " + file("issuing.crt") +
         ", private_key: {file: " + file("issuing.key") + "}, address: \"" + address + "\"}\n";
}

// A whole hub.yaml, as small as it can be.
std::string whole_configuration(const std::filesystem::path& out, const std::string& name, const std::string& catalogue,
                                const std::string& listen) {
  const std::string port = listen.substr(std::min(listen.rfind(':'), listen.size()));
  const std::filesystem::path home = std::filesystem::absolute(out).lexically_normal().parent_path();
  return "# 由 qianzhi-hub ca init 写成；每一项的说明见 conf/examples/hub.yaml\n"
         "# Written by qianzhi-hub ca init; every setting is explained in conf/examples/hub.yaml\n"
         "hub:\n  store: " +
         (home / "hub.db").string() + "\n  listen: \"" + listen + "\"\n  catalogue: \"" +
         std::filesystem::absolute(catalogue).string() +
         "\"\n"
         "  # 请改到另一块磁盘 / move it to another disk\n"
         "  backups: {directory: \"" +
         (home / "backups").string() + "\", every: 6h}\n" + configuration(out, name + port) +
         "# 代理用 qianzhi-hub agent add 登记，不写在这里 / agents are entered by qianzhi-hub agent add\nagents: {}\n";
}

std::string init(Words words) {
  const std::filesystem::path out = words.required("out");
  const std::filesystem::path root_out = words.required("root-out");
  const std::vector<std::string> names = words.list("names");
  const std::string organisation = words.required("organisation");
  const std::string signing = words.option("signing", "ed25519");
  const std::optional<std::string> file = words.option("write");
  const std::string catalogue = words.option("catalogue", "/usr/share/qianzhi/catalogue");
  const std::string listen = words.option("listen", "0.0.0.0:8443");
  words.finish();
  if (file && std::filesystem::exists(*file)) throw Error(ErrorKind::misuse, "QZ-BASE-011", *file);
  const Micros now = SystemClock().now();
  const seal::SigningKey receipts = new_signing_key(signing);
  const seal::SigningKey directory = new_signing_key(signing);
  const seal::SigningKey directory_root = new_signing_key(signing);
  const ca::NewAuthority made = ca::make_authority(organisation, now);
  const ca::Pair hub = ca::issue_hub(made.root, names, now, hub_life);
  make_identity_folder(out);
  // First what cannot be made again from the rest.
  service::write_new_private(root_out, made.root.private_key);
  service::write_new_private(root_out.string() + ".directory", directory_root.to_pem());
  service::write_new_private(out / "directory-root.pub", seal::to_pem(directory_root.record()));
  service::write_new_private(out / "root.crt", made.root.certificate);
  service::write_new_private(out / "issuing.key", made.issuing.private_key);
  service::write_new_private(out / "issuing.crt", made.issuing.certificate);
  write_hub_pair(out, hub);
  write_signing_key(out, "hub-signing", receipts);
  write_signing_key(out, "directory", directory);
  const std::string roots = "根密钥 root keys: " + root_out.string() + ", " + root_out.string() +
                            ".directory\n  取走离线保存（两份，异地），不要留在中心 / take them away, keep two copies "
                            "apart, leave none here\n";
  if (file) {
    make_identity_folder(std::filesystem::absolute(out).lexically_normal().parent_path() / "backups");
    service::write_new_private(*file, whole_configuration(out, names.front(), catalogue, listen));
    return roots + "已写入 / written: " + *file + "\n";
  }
  return roots + "hub.yaml 的 hub 部分 / for the hub section of hub.yaml:\n" +
         configuration(out, names.front() + ":8443");
}

std::string renew_hub(Words words) {
  const std::filesystem::path out = words.required("out");
  const ca::Pair root{read_file(words.required("root")), read_file(words.required("root-key"))};
  const std::vector<std::string> names = words.list("names");
  words.finish();
  const ca::Pair hub = ca::issue_hub(root, names, SystemClock().now(), hub_life);
  make_identity_folder(out);
  write_hub_pair(out, hub);
  return (out / "hub.crt").string() + ", " + (out / "hub.key").string() +
         "\n把两个文件移到 hub.yaml 所写的位置，然后重新加载 / move both to where hub.yaml names them, then:\n"
         "  systemctl reload qianzhi-hub\n";
}

std::string renew_issuing(Words words) {
  const std::filesystem::path out = words.required("out");
  const ca::Pair root{read_file(words.required("root")), read_file(words.required("root-key"))};
  const std::string organisation = words.required("organisation");
  words.finish();
  const ca::Pair issuing = ca::make_issuing(root, organisation, SystemClock().now());
  make_identity_folder(out);
  service::write_new_private(out / "issuing.key", issuing.private_key);
  service::write_new_private(out / "issuing.crt", issuing.certificate);
  return "把两个文件移到 hub.ca 所写的位置，然后重新加载 / move both to where hub.ca names them, then:\n"
         "  systemctl reload qianzhi-hub\n";
}

// Off line: another directory key, and the root key's word for it.
std::string replace_directory_key(Words words) {
  const std::filesystem::path out = words.required("out");
  const seal::SigningKey root = seal::directory_key_from_file(words.required("root-key"));
  const auto number = yaml::parse_integer(words.required("number"));
  words.finish();
  if (!number || *number == 0) throw Error(ErrorKind::misuse, "QZ-HUB-051", "--number 1, 2, 3 ...");
  const seal::SigningKey key =
      seal::SigningKey::generate(seal::algorithm_named(root.record().algorithm)).in_suite(root.record().suite);
  make_identity_folder(out);
  write_signing_key(out, "directory", key);
  service::write_new_private(out / "directory.key.replacement",
                             seal::seal_replacement(*number, key.record(), SystemClock().now(), root));
  return "把 directory.key 与 directory.key.replacement 放到 hub.yaml 的 directory_key 处，然后重新加载 / put "
         "directory.key and directory.key.replacement where hub.yaml names directory_key, then:\n"
         "  systemctl reload qianzhi-hub\n";
}

}  // namespace

std::string run_ca(const std::vector<std::string>& words) {
  const std::string name = words.empty() ? "" : words[0];
  if (words.empty())
    throw Error(ErrorKind::misuse, "QZ-HUB-051", "ca init | hub-certificate | issuing | directory-key");
  const Words rest({words.begin() + 1, words.end()}, {});
  if (name == "init") return init(rest);
  if (name == "hub-certificate") return renew_hub(rest);
  if (name == "issuing") return renew_issuing(rest);
  if (name == "directory-key") return replace_directory_key(rest);
  throw Error(ErrorKind::misuse, "QZ-HUB-051", "ca init | hub-certificate | issuing | directory-key");
}

}  // namespace qianzhi::hub

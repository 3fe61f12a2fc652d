#include "agent/app/doctor.h"

#include <unistd.h>

#include "agent/app/agent.h"
#include "agent/app/control_commands.h"
#include "agent/app/files.h"
#include "agent/app/inspect.h"
#include "agent/app/kept.h"
#include "agent/app/links.h"
#include "agent/config/loader.h"
#include "hub-protocol/ca/authority.h"
#include "hub-protocol/client/probe.h"
#include "hub-protocol/seal/directory.h"
#include "hub-protocol/seal/key.h"
#include "hub-protocol/service/control.h"
#include "hub-protocol/sqlite/check.h"

namespace qianzhi::app {

namespace {

using command::Checkup;
using command::Mark;

constexpr std::uint64_t least_free = 64U << 20U;
constexpr Micros warn_before = 14 * ca::day;
constexpr Micros tolerated_skew = 5'000'000;
constexpr Micros refused_skew = 120'000'000;

std::string days_left(Micros until, Micros now) {
  return qianzhi::to_text(until) + " (" + std::to_string((until - now) / ca::day) + " d)";
}

// A certificate's days, whoever's it is.
void look_at_validity(Checkup& checkup, const std::string& step, const std::string& text, const std::string& pem) {
  const SystemClock clock;
  const Micros now = clock.now();
  try {
    const ca::Validity validity = ca::validity_of(pem);
    const std::string detail = days_left(validity.not_after, now);
    if (now < validity.not_before)
      checkup.add({Mark::failed, step, text, "QZ-CLI-028", "not before " + qianzhi::to_text(validity.not_before), ""});
    else if (now >= validity.not_after)
      checkup.add({Mark::failed, step, text, "QZ-CLI-027", detail, ""});
    else if (validity.not_after - now < warn_before)
      checkup.add({Mark::warning, step, text, "QZ-CLI-027", detail, ""});
    else
      checkup.good(step, text, detail);
  } catch (const Error& error) {
    checkup.failed(step, text, error);
  }
}

void look_at_clock(Checkup& checkup, const std::optional<Micros>& ahead) {
  const std::string text = "与中心的时钟差 / clock against the hub's";
  if (!ahead) return checkup.skipped("clock", text, "the hub does not tell its time");
  const Micros off = *ahead < 0 ? -*ahead : *ahead;
  const std::string detail = std::string(*ahead < 0 ? "-" : "+") + std::to_string(off / 1'000'000) + " s";
  if (off <= tolerated_skew) return checkup.good("clock", text, detail);
  checkup.add({off > refused_skew ? Mark::failed : Mark::warning, "clock", text, "QZ-CLI-028", detail, ""});
}

void look_at_root(const config::Config& config, Checkup& checkup, const Bytes& signed_root) {
  checkup.look("directory-key", "目录签名 / signature of the directory", [&] {
    const KeyRecord key = seal::directory_key_from_pem(read_text(config.exchange.directory_key));
    const seal::RootContent root = seal::open_root(signed_root, key);
    return "version " + std::to_string(root.version) + ", " + qianzhi::to_text(root.expires);
  });
}

std::vector<std::pair<std::string, config::SecretReference>> keys_of(const config::Config& config) {
  const config::ExchangeConfig& exchange = config.exchange;
  return {{"private_key", exchange.private_key},
          {"signing_key", exchange.signing_key},
          {"second_signing_key", exchange.second_signing_key},
          {"encryption_key", exchange.encryption_key},
          {"queue.key", config.queue.key}};
}

std::string step_name(ProbeStep step) {
  switch (step) {
    case ProbeStep::name: return "dns";
    case ProbeStep::connection: return "tcp";
    case ProbeStep::handshake: return "tls";
    case ProbeStep::answer: return "identity";
  }
  return {};
}

std::string step_text(ProbeStep step) {
  switch (step) {
    case ProbeStep::name: return "解析主机名 / name of the host";
    case ProbeStep::connection: return "TCP 连接 / TCP connection";
    case ProbeStep::handshake: return "TLS 握手与中心证书 / TLS handshake and the hub's certificate";
    case ProbeStep::answer: return "中心认可本机身份 / the hub accepts who we are";
  }
  return {};
}

// Why no database is looked at, and which: what was not looked at must not look good.
void tell_left_out(const config::Config& config, Checkup& checkup, const Error& error) {
  const std::string detail = error.code() + " " + error.detail();
  const std::int64_t user = command::owner_of(std::filesystem::absolute(config.queue.path).parent_path());
  const std::string text = "数据库 / databases";
  if (error.code() == "QZ-AGT-081")
    checkup.add({Mark::notice, "databases", text, "QZ-CLI-031", detail, ""});
  else if (user >= 0 && user != static_cast<std::int64_t>(geteuid()))
    checkup.add({Mark::warning, "databases", text, "QZ-CLI-032", detail, ""});
  else
    checkup.failed("databases", text, error);
  for (const auto& [id, source] : config.sources) checkup.skipped("source", "数据源 " + id + " / source " + id);
  for (const auto& [id, target] : config.targets) checkup.skipped("target", "目标 " + id + " / target " + id);
}

constexpr ProbeStep all_steps[] = {ProbeStep::name, ProbeStep::connection, ProbeStep::handshake, ProbeStep::answer};

}  // namespace

void look_at_files(const config::Config& config, Checkup& checkup) {
  const std::filesystem::path folder = std::filesystem::absolute(config.queue.path).parent_path();
  const std::int64_t user = command::owner_of(folder);
  const config::ExchangeConfig& exchange = config.exchange;
  for (const std::filesystem::path& file :
       {exchange.certificate, exchange.trust, exchange.directory_key, exchange.directory_root_key})
    if (!file.empty()) checkup.look("file", "文件 / file", [&] { return command::look_at_file(file); });
  for (const auto& [name, reference] : keys_of(config)) {
    if (reference.file.empty() && reference.credential.empty()) continue;
    checkup.look("key", "密钥文件 / key file " + name, [&reference = reference, user] {
      const std::filesystem::path path = config::path_of(reference);
      if (path.empty()) throw Error(ErrorKind::misuse, "QZ-CLI-020", reference.credential);
      return command::look_at_secret_file(path, user);
    });
  }
  const bool has_folder = checkup.look("disk", "队列所在的磁盘 / disk of the queue",
                                       [&] { return command::look_at_folder(folder, least_free); });
  const std::string queue = "队列文件 / queue file";
  if (!has_folder && !std::filesystem::exists(config.queue.path)) return checkup.skipped("queue", queue);
  if (!std::filesystem::exists(config.queue.path)) return checkup.skipped("queue", queue, "not made yet");
  checkup.look("queue", queue, [&] {
    sqlite::check_whole(config.queue.path, "QZ-CLI-026");
    return config.queue.path.string() + " " + command::shown_octets(std::filesystem::file_size(config.queue.path));
  });
}

void look_at_way(const config::Config& config, Checkup& checkup) {
  const SystemClock clock;
  std::string own;
  if (checkup.look("certificate", "本机证书 / own certificate", [&] {
        own = read_text(config.exchange.certificate);
        return config.exchange.certificate.string();
      }))
    look_at_validity(checkup, "certificate-days", "本机证书有效期 / validity of the own certificate", own);
  if (config.exchange.directory) {
    checkup.look("folders", "交换文件夹 / exchange folders", [&] {
      return command::look_at_folder(config.exchange.directory->out, least_free) + ", " +
             command::look_at_folder(config.exchange.directory->in, 0);
    });
    return;
  }
  std::size_t next = 0;
  try {
    const ProbeResult result = probe(network_options(config), clock, [&](ProbeStep step, const std::string& seen) {
      checkup.good(step_name(step), step_text(step), seen);
      ++next;
    });
    look_at_validity(checkup, "hub-certificate", "中心证书有效期 / validity of the hub's certificate",
                     ca::certificate_to_pem(result.hub_certificate));
    look_at_clock(checkup, result.hub_ahead);
    look_at_root(config, checkup, result.signed_root);
  } catch (const Error& error) {
    checkup.failed(step_name(all_steps[next]), step_text(all_steps[next]), error);
    while (++next < std::size(all_steps)) checkup.skipped(step_name(all_steps[next]), step_text(all_steps[next]));
    checkup.skipped("clock", "与中心的时钟差 / clock against the hub's");
  }
}

void look_at_data(const config::Config& config, Checkup& checkup) {
  const auto program = [&](const config::DatabaseConfig& database) {
    checkup.look("adapter", "适配器 / adapter " + database.type, [&] {
      const std::filesystem::path file = adapter_program(config, database);
      if (!std::filesystem::exists(file)) throw Error(ErrorKind::misuse, "QZ-CLI-029", file.string());
      return file.string();
    });
  };
  for (const auto& [id, source] : config.sources) program(source.database);
  for (const auto& [id, target] : config.targets) program(target);
  std::shared_ptr<const Directory> directory;
  try {
    directory = kept_directory(config);
  } catch (const Error& error) {
    tell_left_out(config, checkup, error);
    return;
  }
  each_database(config, directory->catalogue, [&](const Inspected& one) {
    bool is_good = true;
    for (const adapter::Finding& finding : one.findings) {
      if (finding.severity == adapter::Severity::ok) continue;
      const Mark mark = finding.severity == adapter::Severity::error     ? Mark::failed
                        : finding.severity == adapter::Severity::warning ? Mark::warning
                                                                         : Mark::notice;
      is_good = is_good && mark == Mark::notice;
      checkup.add({mark, one.step, one.text, finding.code, finding.detail, finding.cure});
    }
    if (is_good) checkup.good(one.step, one.text);
  });
}

command::Checkup examine(const std::filesystem::path& config_file) {
  Checkup checkup;
  yaml::Diagnostics diagnostics;
  const config::Config config = config::load_config(config_file, diagnostics);
  if (!checkup.configuration("qianzhi", config_file, !diagnostics.has_errors())) return checkup;
  try {
    service::ask_control(control_socket_of(config), {"status"});
    checkup.good("agent", "代理正在运行 / the agent runs");
  } catch (const Error& error) {
    checkup.add({Mark::notice, "agent", "代理没有运行，或不能与它对话 / the agent does not run, or may not be asked",
                 error.code(), error.detail(), ""});
  }
  look_at_files(config, checkup);
  look_at_way(config, checkup);
  look_at_data(config, checkup);
  return checkup;
}

}  // namespace qianzhi::app

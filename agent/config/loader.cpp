#include "agent/config/loader.h"

#include <algorithm>
#include <cctype>

#include "agent/config/parts.h"
#include "hub-protocol/model/directory.h"
#include "hub-protocol/yaml/document.h"
#include "hub-protocol/yaml/log_section.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::config {

namespace {

using yaml::MapReader;
using yaml::Node;

constexpr std::uint64_t version_of_format = 1;
constexpr std::uint64_t default_queue = 20ULL << 30U;
constexpr std::uint64_t least_queue = 64ULL << 20U;
constexpr std::uint64_t last_port = 65535;

struct Address {
  std::string host;
  std::uint16_t port = 0;
};

// "host:port" or "[::1]:port".
std::optional<Address> parse_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const auto port = yaml::parse_integer(text.substr(colon + 1));
  if (!port || *port > last_port) return std::nullopt;
  if (host.front() == '[') {
    if (host.size() < 3 || host.back() != ']') return std::nullopt;
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;
  }
  const bool is_clean = std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == ':';
  });
  if (!is_clean) return std::nullopt;
  return Address{std::string(host), static_cast<std::uint16_t>(*port)};
}

bool is_timezone(std::string_view text) {
  if (text.front() == '/' || text.find("..") != std::string_view::npos) return false;
  const bool is_clean = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) != 0 || c == '/' || c == '_' || c == '-' || c == '+');
  });
  // A machine without the list of zones knows UTC only, and then nobody can say that a name is wrong.
  const std::filesystem::path zones = "/usr/share/zoneinfo";
  std::error_code ignored;
  return is_clean && (!std::filesystem::is_directory(zones, ignored) ||
                      std::filesystem::is_regular_file(zones / std::string(text), ignored));
}

SecretReference secret(MapReader& reader, std::string_view key) {
  const auto found = reader.secret(key, true);
  return found ? reference_of(*found) : SecretReference{};
}

void read_agent(MapReader reader, Config& config) {
  config.agent_id = reader.id("id");
  config.name = reader.text("name", config.agent_id);
  config.language = reader.choice<std::string>("language", {{"zh-CN", "zh-CN"}, {"en", "en"}}, config.language);
  config.timezone = reader.text("timezone", config.timezone);
  if (!config.timezone.empty() && !is_timezone(config.timezone)) {
    complain_form(*reader.find("timezone"), reader.path_of("timezone"), "时区，例如 Asia/Shanghai",
                  "a time zone such as Asia/Shanghai", reader.diagnostics());
  }
  reader.finish();
}

// TLS begins behind it, so a proxy needs no certificate of its own.
void read_proxy(MapReader& reader, ExchangeConfig& exchange) {
  constexpr std::string_view scheme = "http://";
  exchange.proxy = reader.text("proxy", {});
  reader.form("proxy", "^http://[^/@ ]+:[1-9][0-9]{0,4}/?$");
  exchange.proxy_user = reader.text("proxy_user", {});
  if (const auto password = reader.secret("proxy_password", false)) exchange.proxy_password = reference_of(*password);
  std::string_view rest = exchange.proxy;
  const bool is_http = rest.substr(0, scheme.size()) == scheme;
  if (is_http) rest.remove_prefix(scheme.size());
  if (!rest.empty() && rest.back() == '/') rest.remove_suffix(1);
  const auto address = is_http ? parse_address(rest) : std::nullopt;
  if (reader.find("proxy") != nullptr && (!address || address->port == 0))
    complain_form(*reader.find("proxy"), reader.path_of("proxy"), "http://主机:端口", "http://HOST:PORT",
                  reader.diagnostics());
  const bool has_login = reader.find("proxy_user") != nullptr || reader.find("proxy_password") != nullptr;
  if (has_login && (exchange.proxy_user.empty() || exchange.proxy.empty() || reader.find("proxy_password") == nullptr))
    reader.diagnostics().error("QZ-CFG-013", reader.place(),
                               reader.path() + " 中 proxy、proxy_user 和 proxy_password 要一起写",
                               reader.path() + ": proxy, proxy_user and proxy_password go together");
}

void read_url(MapReader& reader, ExchangeConfig& exchange) {
  constexpr std::string_view scheme = "https://";
  exchange.url = reader.text("url");
  reader.form("url", "^https://[^/ ]+:[1-9][0-9]{0,4}/?$");
  if (!exchange.url.empty()) {
    const bool is_https = exchange.url.substr(0, scheme.size()) == scheme;
    std::string_view rest = exchange.url;
    if (is_https) rest.remove_prefix(scheme.size());
    if (!rest.empty() && rest.back() == '/') rest.remove_suffix(1);
    const auto address = is_https ? parse_address(rest) : std::nullopt;
    if (!address || address->port == 0) {
      complain_form(*reader.find("url"), reader.path_of("url"), "https://主机:端口", "https://HOST:PORT",
                    reader.diagnostics());
    }
  }
}

// By network, or by files in a folder.
void read_way(MapReader& reader, ExchangeConfig& exchange) {
  const Node* directory = reader.find("directory");
  if (directory != nullptr && reader.find("url") != nullptr) {
    reader.diagnostics().error("QZ-CFG-013", directory->place, reader.path() + " 要写 url 或 directory 其中之一",
                               reader.path() + " takes exactly one of url and directory");
    return;
  }
  if (directory != nullptr) {
    exchange.directory = read_exchange_directory(reader);
    return;
  }
  read_url(reader, exchange);
  read_proxy(reader, exchange);
}

void read_exchange(MapReader reader, ExchangeConfig& exchange) {
  read_way(reader, exchange);
  exchange.certificate = reader.file("certificate");
  exchange.private_key = secret(reader, "private_key");
  exchange.signing_key = secret(reader, "signing_key");
  if (const auto second = reader.secret("second_signing_key", false))
    exchange.second_signing_key = reference_of(*second);
  if (const auto encryption = reader.secret("encryption_key", false))
    exchange.encryption_key = reference_of(*encryption);
  exchange.signer_id = reader.text("signer_id", std::string(default_signer_id));
  exchange.trust = reader.file("trust");
  exchange.directory_key = reader.file("directory_key");
  exchange.directory_root_key = reader.file("directory_root_key", {});
  reader.finish();
}

void read_queue(MapReader reader, QueueConfig& queue) {
  queue.path = reader.file("path");
  queue.key = secret(reader, "key");
  queue.cipher =
      reader.choice<QueueCipher>("cipher", {{"aes", QueueCipher::aes}, {"sm4", QueueCipher::sm4}}, QueueCipher::aes);
  queue.max_octets = reader.size("max_size", default_queue);
  if (queue.max_octets < least_queue) {
    complain_form(*reader.find("max_size"), reader.path_of("max_size"), "至少 64MiB", "at least 64MiB",
                  reader.diagnostics());
  }
  reader.finish();
}

std::optional<RemoteStatusConfig> read_remote_status(MapReader reader) {
  if (!reader.is_map()) return std::nullopt;
  RemoteStatusConfig remote;
  const std::string text = reader.text("listen");
  reader.form("listen", "^([0-9.]+|\\[[0-9a-fA-F:.]+\\]):[0-9]{1,5}$");
  remote.certificate = reader.file("certificate");
  remote.private_key = secret(reader, "private_key");
  for (const Node* host : reader.list("hosts", true)) remote.hosts.push_back(host->text);
  reader.finish();
  const auto address = parse_address(text);
  const bool is_literal = address && address->host.find_first_not_of("0123456789abcdefABCDEF:.") == std::string::npos;
  if (!text.empty() && !is_literal)
    complain_form(*reader.find("listen"), reader.path_of("listen"), "IP地址:端口，例如 10.0.8.20:8421",
                  "ADDRESS:PORT such as 10.0.8.20:8421", reader.diagnostics());
  if (!is_literal) return std::nullopt;
  remote.host = address->host;
  remote.port = address->port;
  return remote;
}

void read_status(MapReader reader, StatusConfig& status) {
  const yaml::Node* listen = reader.find("listen");
  const std::string text = reader.text("listen", status.host + ":" + std::to_string(status.port));
  reader.form("listen", "^(localhost|127[.][0-9.]+|\\[::1\\]):[0-9]{1,5}$");
  status.remote = read_remote_status(reader.map("remote", false));
  reader.finish();
  if (listen == nullptr || text.empty()) return;
  const auto address = parse_address(text);
  const bool is_loopback =
      address && (address->host == "localhost" || address->host == "::1" || address->host.substr(0, 4) == "127.");
  if (!is_loopback) {
    // Without TLS a session could be read on the way.
    complain_form(
        *listen, reader.path_of("listen"),
        "本机地址和端口，例如 127.0.0.1:8420（远程查看请用 status.remote 或 ssh -L）",
        "a loopback address and port such as 127.0.0.1:8420 (to look from elsewhere use status.remote or ssh -L)",
        reader.diagnostics());
    return;
  }
  status.host = address->host;
  status.port = address->port;
}

}  // namespace

SecretReference reference_of(const yaml::Secret& secret) { return {secret.file, secret.credential}; }

Config load_config(const std::filesystem::path& file, yaml::Diagnostics& diagnostics) {
  if (const auto root = yaml::read_document(file, diagnostics)) return read_config(file, *root, diagnostics);
  Config nothing;
  nothing.file = file;
  return nothing;
}

Config load_config_text(const std::filesystem::path& file, std::string_view text, yaml::Diagnostics& diagnostics) {
  if (const auto root = yaml::parse_document(file, text, diagnostics)) return read_config(file, *root, diagnostics);
  Config nothing;
  nothing.file = file;
  return nothing;
}

Config read_config(const std::filesystem::path& file, const Node& root, yaml::Diagnostics& diagnostics) {
  Config config;
  config.file = file;
  MapReader reader(&root, {}, diagnostics);
  reader.integer("version", version_of_format, version_of_format);
  read_agent(reader.map("agent", true), config);
  config.adapters = reader.file("adapters", {});
  read_exchange(reader.map("exchange", true), config.exchange);
  read_queue(reader.map("queue", true), config.queue);
  read_databases(reader, config);
  read_exchanges(reader, config);
  read_answers(reader, config);
  read_asks(reader, config);
  read_api(reader, config);
  read_status(reader.map("status", false), config.status);
  config.log = yaml::read_log(reader);
  read_trials(reader, config);
  reader.finish();
  check_references(root, config, diagnostics);
  return config;
}

}  // namespace qianzhi::config

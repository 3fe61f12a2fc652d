#include "hub-protocol/hub/hub_config.h"

#include <charconv>

#include "hub-protocol/catalogue/initials.h"
#include "hub-protocol/hub/hub_sections.h"
#include "hub-protocol/yaml/catalogue.h"
#include "hub-protocol/yaml/log_section.h"

namespace qianzhi::hub {

namespace {

constexpr Micros one_hour = 3'600'000'000;

void read_listen(yaml::MapReader& hub, HubConfig& config) {
  const std::string text = hub.text("listen", "127.0.0.1:8443");
  const std::size_t colon = text.rfind(':');
  const auto port = colon == std::string::npos ? std::nullopt : yaml::parse_integer(text.substr(colon + 1));
  if (!port.has_value() || *port > 65535 || colon == 0) {
    yaml::complain_form(*hub.find("listen"), hub.path_of("listen"), "IP地址:端口", "ADDRESS:PORT", hub.diagnostics());
    return;
  }
  config.host = text.substr(0, colon);
  if (config.host.front() == '[' && config.host.back() == ']') config.host = config.host.substr(1, colon - 2);
  config.port = static_cast<std::uint16_t>(*port);
}

std::filesystem::path key_file(yaml::MapReader& hub, std::string_view key) {
  const auto secret = hub.secret(key, true);
  return secret.has_value() ? path_of(*secret) : std::filesystem::path();
}

std::filesystem::path read_control(yaml::MapReader& hub, const std::filesystem::path& store) {
  return hub.file("control", store.string() + ".control");
}

void read_backups(yaml::MapReader& hub, HubConfig& config) {
  if (hub.find("backups") == nullptr) {
    if (config.lacks_backups())
      hub.diagnostics().warning("QZ-CFG-040", hub.place(), "hub 中没有 backups", "hub has no backups");
    return;
  }
  yaml::MapReader backups = hub.map("backups", false);
  config.backups.directory = backups.file("directory");
  config.backups.every = backups.duration("every", 6 * one_hour);
  config.backups.keep = static_cast<int>(backups.integer("keep", 1, 10'000, 8));
  backups.finish();
  const yaml::Node* every = backups.find("every");
  if (every != nullptr && config.backups.every < one_hour / 60)
    yaml::complain_form(*every, "hub.backups.every", "至少 1m", "at least 1m", hub.diagnostics());
}

void read_ca(yaml::MapReader& hub, HubConfig& config) {
  if (hub.find("ca") == nullptr) return;
  yaml::MapReader ca = hub.map("ca", false);
  config.ca.certificate = ca.file("certificate");
  config.ca.private_key = key_file(ca, "private_key");
  config.ca.address = ca.text("address");
  config.ca.days = static_cast<int>(ca.integer("days", 30, 90, 60));
  config.ca.second_officer = ca.boolean("second_officer", false);
  ca.finish();
  const std::size_t colon = config.ca.address.rfind(':');
  const bool has_port = colon != std::string::npos && colon > 0 && colon + 1 < config.ca.address.size();
  if (!config.ca.address.empty() && (!has_port || config.ca.address.size() > 100))
    yaml::complain_form(*ca.find("address"), "hub.ca.address", "主机:端口", "HOST:PORT", hub.diagnostics());
}

// "local", the path of a socket, or IP:PORT.
SyslogPlace syslog_place(const std::string& text) {
  if (text == "local") return {"/dev/log", {}, 0};
  if (!text.empty() && text.front() == '/') return {text, {}, 0};
  const std::size_t colon = text.rfind(':');
  const auto port = colon == std::string::npos ? std::nullopt : yaml::parse_integer(text.substr(colon + 1));
  if (!port.has_value() || *port == 0 || *port > 65535) return {};
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return {{}, host, static_cast<std::uint16_t>(*port)};
}

void read_audit(yaml::MapReader& hub, HubConfig& config) {
  if (hub.find("audit") == nullptr) return;
  yaml::MapReader audit = hub.map("audit", false);
  config.audit.keep = audit.duration("keep", config.audit.keep);
  const std::string syslog = audit.text("syslog", "");
  if (!syslog.empty()) config.audit.syslog = syslog_place(syslog);
  audit.finish();
  const yaml::Node* keep = audit.find("keep");
  if (keep != nullptr && config.audit.keep < AuditPlan::least_kept)
    yaml::complain_form(*keep, "hub.audit.keep", "至少 180d（六个月）", "at least 180d (six months)",
                        hub.diagnostics());
  if (!syslog.empty() && !config.audit.syslog.is_set())
    yaml::complain_form(*audit.find("syslog"), "hub.audit.syslog", "local、套接字路径或 IP:端口",
                        "local, the path of a socket, or IP:PORT", hub.diagnostics());
}

std::filesystem::path read_hub(yaml::MapReader hub, HubConfig& config) {
  config.store = hub.file("store");
  config.registry = hub.file("registry", config.store.string() + ".registry");
  config.control = read_control(hub, config.store);
  if (hub.find("control_group") != nullptr) config.control_group = hub.text("control_group");
  read_listen(hub, config);
  config.certificate = hub.file("certificate");
  config.private_key = key_file(hub, "private_key");
  config.trust = hub.file("trust");
  config.revocations = hub.file("revocations", {});
  config.signing_key = key_file(hub, "signing_key");
  config.directory_key = key_file(hub, "directory_key");
  config.directory_root_key = hub.file("directory_root_key", {});
  read_ca(hub, config);
  config.secured_by_log = hub.choice<bool>("secured", {{"announced", false}, {"log", true}}, false);
  read_backups(hub, config);
  read_directories(hub, config);
  config.admin = read_admin(hub, config.certificate, config.private_key);
  config.answer_within = hub.duration("answer_within", Micros{10} * 24 * one_hour);
  read_audit(hub, config);
  config.free_epochs_per_day = static_cast<int>(hub.integer("free_epochs_per_day", 0, 1000, 1));
  config.directory_validity = hub.duration("directory_validity", 24 * one_hour);
  std::filesystem::path catalogue = hub.file("catalogue", {});
  hub.finish();
  return catalogue;
}

}  // namespace

HubConfig load_hub_config(const std::filesystem::path& file, yaml::Diagnostics& diagnostics) {
  const auto document = yaml::read_document(file, diagnostics);
  if (document.has_value()) return read_hub_config(file, *document, diagnostics);
  HubConfig config;
  config.file = file;
  return config;
}

HubConfig read_hub_config(const std::filesystem::path& file, const yaml::Node& document,
                          yaml::Diagnostics& diagnostics) {
  HubConfig config;
  config.file = file;
  yaml::MapReader root(&document, "", diagnostics);
  const std::filesystem::path folder = read_hub(root.map("hub", true), config);
  config.log = yaml::read_log(root);
  if (!folder.empty()) {
    yaml::CatalogueFolder loaded = yaml::load_catalogue_folder(folder, diagnostics);
    config.content.catalogue = std::move(loaded.catalogue);
    config.content.departments = std::move(loaded.departments);
    catalogue::write_initials(config.content.catalogue);
  }
  read_departments(root, config.content);
  read_agents(root, config);
  check_directories(root, config);
  read_provisions(root, config.content);
  read_grants(root, config.content);
  root.finish();
  return config;
}

// Made by CMake of the file in conf/reference.
extern const std::string_view reference_of_hub;

std::vector<std::string_view> reference_texts() { return {reference_of_hub}; }

void add_reference(yaml::Schema& schema) {
  yaml::add_references(schema, reference_texts(), [](const yaml::Node& root, yaml::Diagnostics& diagnostics) {
    read_hub_config(root.place.source->file(), root, diagnostics);
  });
}

std::vector<yaml::Setting> load_settings(const std::filesystem::path& file, yaml::Diagnostics& diagnostics) {
  const auto read = [&](const yaml::Node& root, yaml::Diagnostics& found) { read_hub_config(file, root, found); };
  return yaml::load_settings(file, read, diagnostics);
}

std::filesystem::path control_socket_of(const std::filesystem::path& file) {
  yaml::Diagnostics diagnostics;
  const auto document = yaml::read_document(file, diagnostics);
  diagnostics.throw_if_errors();
  yaml::MapReader root(&*document, "", diagnostics);
  yaml::MapReader hub = root.map("hub", true);
  std::filesystem::path control = read_control(hub, hub.file("store"));
  diagnostics.throw_if_errors();
  return control;
}

}  // namespace qianzhi::hub

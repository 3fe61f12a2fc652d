#include "hub-protocol/hub/admin_section.h"

#include "hub-protocol/hub/hub_sections.h"

namespace qianzhi::hub {

namespace {

constexpr Micros a_minute = 60'000'000;

void read_admin_listen(yaml::MapReader& admin, AdminPlan& plan) {
  const std::string text = admin.text("listen", "127.0.0.1:8444");
  const std::size_t colon = text.rfind(':');
  const auto port = colon == std::string::npos ? std::nullopt : yaml::parse_integer(text.substr(colon + 1));
  if (!port.has_value() || *port > 65535 || colon == 0) {
    yaml::complain_form(*admin.find("listen"), admin.path_of("listen"), "IP地址:端口", "ADDRESS:PORT",
                        admin.diagnostics());
    return;
  }
  plan.host = text.substr(0, colon);
  if (plan.host.front() == '[' && plan.host.back() == ']') plan.host = plan.host.substr(1, plan.host.size() - 2);
  plan.port = static_cast<std::uint16_t>(*port);
}

// A person's session: long enough to work, short enough to be forgotten.
Micros read_span(yaml::MapReader& admin, std::string_view key, Micros otherwise, Micros most) {
  const Micros span = admin.duration(key, otherwise);
  const yaml::Node* node = admin.find(key);
  if (node != nullptr && (span < a_minute || span > most))
    yaml::complain_form(*node, admin.path_of(key), "1m 至 " + std::to_string(most / a_minute) + "m",
                        "1m to " + std::to_string(most / a_minute) + "m", admin.diagnostics());
  return span;
}

}  // namespace

AdminPlan read_admin(yaml::MapReader& hub, const std::filesystem::path& certificate,
                     const std::filesystem::path& private_key) {
  AdminPlan plan;
  if (hub.find("admin") == nullptr) return plan;
  yaml::MapReader admin = hub.map("admin", false);
  plan.is_wanted = true;
  read_admin_listen(admin, plan);
  plan.certificate = admin.file("certificate", certificate);
  const auto secret = admin.secret("private_key", false);
  plan.private_key = secret ? path_of(*secret) : private_key;
  for (const yaml::Node* host : admin.list("hosts", true)) plan.hosts.push_back(host->text);
  plan.session_idle = read_span(admin, "session_idle", 15 * a_minute, 60 * a_minute);
  plan.session_longest = read_span(admin, "session_longest", 480 * a_minute, 1440 * a_minute);
  admin.finish();
  return plan;
}

}  // namespace qianzhi::hub

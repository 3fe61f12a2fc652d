// hub.admin: the administration interface and the operator's page. Without it there is none.
//
//   hub:
//     admin:
//       listen: 127.0.0.1:8444
//       certificate: admin.crt              # that of the hub by default
//       private_key: {file: admin.key}
//       hosts: [hub.city.example]           # names it is opened by, beside IP addresses and localhost
//       session_idle: 15m
//       session_longest: 8h
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::hub {

struct AdminPlan {
  bool is_wanted = false;
  std::string host = {};
  std::uint16_t port = 0;  // 0: any free one
  std::filesystem::path certificate = {};
  std::filesystem::path private_key = {};
  std::vector<std::string> hosts = {};
  Micros session_idle = 0;
  Micros session_longest = 0;
};

// certificate, private_key: of the hub.
AdminPlan read_admin(yaml::MapReader& hub, const std::filesystem::path& certificate,
                     const std::filesystem::path& private_key);

}  // namespace qianzhi::hub

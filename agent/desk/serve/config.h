// Where the desk's page and interface listen, and who signs in, in desk.yaml:
//
//   serve:
//     listen: 127.0.0.1:8095
//     certificate: desk.crt            # with private_key: TLS, without which it listens on loopback only
//     private_key: desk.key
//     hosts: [desk.tax.example.gov]    # names it is opened by, beside addresses and localhost
//     accounts:
//       wang: {token: {file: secrets/wang.token}, lookup: counter}
//
// An account may do with cases what case_staff says of a user of its name, and look up what the role of `lookup` may.
// Who is in neither sees nothing.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agent/desk/lookup/config.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::desk::serve {

struct Account {
  std::string id;
  yaml::Secret token;
  std::string lookup;      // role; empty: none
  yaml::Place place = {};  // of the token
};

struct ServeConfig {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::filesystem::path certificate;  // empty: plain HTTP on loopback
  std::filesystem::path private_key;
  std::vector<std::string> hosts;
  std::vector<Account> accounts;
  yaml::Place place = {};  // of the certificate

  bool has_tls() const { return !certificate.empty(); }
};

// reader: the map `serve`. What is wrong is in its diagnostics: QZ-DSK-210 for roles that are not there, QZ-DSK-236 for
// an address that others reach without TLS.
ServeConfig read_serve(yaml::MapReader& reader, const lookup::LookupConfig& lookup);

// Certificate, key and tokens are there and can be used (QZ-LINK-009, QZ-DSK-216), for `qianzhi-desk check`.
void check_serve(const ServeConfig& config, yaml::Diagnostics& diagnostics);

}  // namespace qianzhi::desk::serve

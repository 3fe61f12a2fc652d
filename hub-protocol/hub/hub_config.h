// The hub's configuration: one strict YAML file and the catalogue folder it names. Nothing here is checked again later.
//
//   hub:
//     store: hub.db                      # SQLite file; the control socket lies beside it
//     registry: hub.db.registry          # what administration decides while the hub runs; this is its default place
//     listen: 0.0.0.0:8443
//     certificate: hub.crt
//     private_key: {file: hub.key}
//     trust: ca.crt
//     signing_key: {file: hub-signing.key}      # signs receipts
//     directory_key: {file: directory.key}      # signs the directory
//     directory_root_key: directory-root.pub    # may replace the directory key; its private half is kept off line
//     ca: {certificate: issuing.crt, private_key: {file: issuing.key}, address: exchange.example.org:8443, days: 60,
//          second_officer: true}                # for `agent add`; see packaging/ENROLMENT.md
//     catalogue: catalogue               # folder; without it topics are only in the registry
//     secured: announced                 # or log: without backups, what is committed counts as secured (R6.8)
//     backups: {directory: /mnt/backup/qianzhi, every: 6h, keep: 8}      # what each holds counts as secured
//     answer_within: 10d                 # requests for access and objections are overdue after that
//     directories:                       # of agents that reach us by files only (网闸); in: theirs to us, out: ours
//       - {agent: customs-01, in: /srv/gap/customs/in, out: /srv/gap/customs/out}
//       - {agent: any, in: /srv/gap/all/in, out: /srv/gap/all/out}
//     audit: {keep: 400d, syslog: local}  # at least 180d; syslog: local, a socket's path, or IP:PORT for TCP
//     control_group: qianzhi-hub         # may open the control socket; accounts with unix_user act through it
//     admin: {listen: 127.0.0.1:8444}    # the operator's page and its API, see admin_section.h
//   log: {format: json}                  # one JSON object a line; else text for journald
//   departments:
//     statistics: {title: 统计部门, title_en: Statistics}    # beside those of the catalogue
//   agents:
//     commerce-01: {department: commerce, certificate: commerce-01.crt, signing_key: commerce-01-signing.pub,
//                   encryption_key: commerce-01-encryption.pub}    # for requests and answers; X25519, or SM2 in an
//                                                                  # SM directory
//     commerce-02:
//       department: commerce
//       certificate: commerce-02.crt
//       signing_keys:
//         - {file: old.pub, state: retired}             # active (default), retired, revoked
//         - {file: new.pub, role: first}                # alone (default); first: counts only with a second's
//         - {file: sm2.pub, role: second, signer_id: gz-commerce}    # signer_id: SM2 only, 1234567812345678 by default
//   provisions:
//     - {topics: commerce.*, agent: commerce-01}
//   grants:
//     - {topics: commerce.*, to: [national_tax], except_items: [contact_phone], purpose: 税源监控, basis: ...}
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "hub-protocol/base/log.h"
#include "hub-protocol/ca/authority.h"
#include "hub-protocol/hub/admin_section.h"
#include "hub-protocol/hub/audit_keeper.h"
#include "hub-protocol/model/directory.h"
#include "hub-protocol/yaml/document.h"
#include "hub-protocol/yaml/record.h"
#include "hub-protocol/yaml/schema.h"

namespace qianzhi::hub {

// R6.8: where the hub writes backups of its log by itself, how often, and how many of them stay.
struct BackupPlan {
  std::filesystem::path directory;  // empty: only on an operator's command
  Micros every = 0;
  int keep = 0;
};

// A pair of folders that a gateway carries files into and out of.
struct DirectoryPlace {
  std::string agent;  // only its files are taken; empty: those of any
  std::filesystem::path in;
  std::filesystem::path out;
};

// The exchange's own authority: what `qianzhi-hub ca init` made.
struct CaConfig {
  std::filesystem::path certificate;  // of the issuing authority, PEM; empty: agents' certificates come from elsewhere
  std::filesystem::path private_key;
  std::string address;  // HOST:PORT by which agents reach this hub; stands in tokens
  int days = 60;        // that an agent's certificate lasts
  bool second_officer = false;
};

struct HubConfig {
  std::filesystem::path file;  // where this was read from
  std::filesystem::path store;
  std::filesystem::path registry;
  std::filesystem::path control;  // Unix socket
  std::string control_group;      // of this machine, whose members may speak to it; empty: nobody else
  std::string host;               // IP address
  std::uint16_t port = 0;         // 0: any free one
  std::filesystem::path certificate;
  std::filesystem::path private_key;
  std::filesystem::path trust;
  std::filesystem::path revocations;  // empty: none
  std::filesystem::path signing_key;
  std::filesystem::path directory_key;
  std::filesystem::path directory_root_key;  // public, PEM; empty: none
  CaConfig ca;
  bool secured_by_log = false;
  BackupPlan backups;
  // Nothing would ever count as secured unless somebody makes backups by hand (R6.8).
  bool lacks_backups() const { return backups.directory.empty() && !secured_by_log; }
  Micros answer_within = 0;  // matters: for the provider's word, then for the operator's
  AuditPlan audit;
  std::vector<DirectoryPlace> directories;
  AdminPlan admin;
  int free_epochs_per_day = 1;
  Micros directory_validity = 0;
  // Members, catalogue, provisions and grants; no version, times or hub key yet.
  Directory content;
  std::map<std::string, ca::Validity> agent_certificates;  // of those that agents' entries name
  LogForm log = LogForm::text;
};

// All that is wrong is in diagnostics; the result is then incomplete and must not be used.
HubConfig load_hub_config(const std::filesystem::path& file, yaml::Diagnostics& diagnostics);

// The same of a document that was read.
HubConfig read_hub_config(const std::filesystem::path& file, const yaml::Node& root, yaml::Diagnostics& diagnostics);

// Every key that the file may have, with its meaning: conf/reference/hub.yaml.
std::vector<std::string_view> reference_texts();
void add_reference(yaml::Schema& schema);

// The settings in force of the file. With errors in diagnostics not to be used.
std::vector<yaml::Setting> load_settings(const std::filesystem::path& file, yaml::Diagnostics& diagnostics);

// Only where the control socket is, for operators who may not read the keys.
// Throws Error(misuse, QZ-CFG-...) if the file cannot be read.
std::filesystem::path control_socket_of(const std::filesystem::path& file);

}  // namespace qianzhi::hub

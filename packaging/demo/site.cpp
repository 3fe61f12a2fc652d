#include "packaging/demo/site.h"

#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "hub-protocol/base/error.h"
#include "hub-protocol/service/process.h"
#include "packaging/demo/fill.h"

namespace qianzhi::demo {

namespace {

using Values = std::map<std::string, std::string, std::less<>>;

std::filesystem::path program_folder() { return std::filesystem::read_symlink("/proc/self/exe").parent_path(); }

// Of the package qianzhi-demo: conf and packaging as in a checkout.
constexpr const char* installed_root = "/usr/share/qianzhi/demo";

// The checkout that the program was built in, else what the package installed.
std::filesystem::path root_above(std::filesystem::path folder) {
  while (!std::filesystem::exists(folder / "conf/catalogue")) {
    if (folder == folder.root_path()) {
      if (std::filesystem::exists(installed_root)) return installed_root;
      throw Error(ErrorKind::misuse, "QZ-DEM-001", "conf/catalogue is nowhere above this program: use --root");
    }
    folder = folder.parent_path();
  }
  return folder;
}

std::filesystem::path fresh_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "qianzhi-demo-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw Error(ErrorKind::misuse, "QZ-DEM-001", "mkdtemp " + name);
  return name;
}

std::vector<Member> five_members() {
  return {{"commerce", "commerce-01", "工商", Provider::commerce, {}, {}, {}},
          {"quality", "quality-01", "质监", Provider::quality, {}, {}, {}},
          {"national_tax", "national-tax-01", "国税", Provider::national_tax, {}, {}, {}},
          {"local_tax", "local-tax-01", "地税", Provider::local_tax, {}, {}, {}},
          {"statistics", "statistics-01", "统计", {}, {}, {}, {}}};
}

std::vector<Member> seven_bureaus() {
  return {{"public_security", "public-security-01", "公安", {}, {}, {}, {}},
          {"traffic_police", "traffic-police-01", "交警", {}, {}, {}, {}},
          {"social_insurance", "social-insurance-01", "社保", {}, {}, {}, {}},
          {"civil_affairs", "civil-affairs-01", "民政", {}, {}, {}, {}},
          {"housing", "housing-01", "住建", {}, {}, {}, {}},
          {"immigration", "immigration-01", "出入境", {}, {}, {}, {}},
          {"revenue", "revenue-01", "税务", {}, {}, {}, {}}};
}

void copy_catalogue(const std::filesystem::path& root, const std::filesystem::path& to) {
  std::filesystem::copy(root / "conf/catalogue", to, std::filesystem::copy_options::recursive);
  std::filesystem::copy_file(root / "conf/examples/services.yaml", to / "services.yaml");
}

}  // namespace

Site::Site(const Options& options)
    : options_(options),
      programs_(program_folder()),
      root_(options.root.empty() ? root_above(programs_) : std::filesystem::absolute(options.root)),
      directory_(options.directory.empty() ? fresh_directory() : std::filesystem::absolute(options.directory)),
      removes_(options.directory.empty() && !options.keep),
      members_(five_members()),
      bureaus_(seven_bureaus()) {
  std::filesystem::create_directories(directory_ / "logs");
  // The account of PostgreSQL passes through; what is secret lies deeper and is its owner's alone.
  std::filesystem::permissions(directory_, static_cast<std::filesystem::perms>(0711));
  for (const char* name : {"hub.db", "postgresql", "mariadb"})
    if (std::filesystem::exists(directory_ / name))
      throw Error(ErrorKind::misuse, "QZ-DEM-001", directory_.string() + " was used before; name a fresh one");
  for (Member& member : members_) member.directory = directory_ / member.id;
  for (Member& member : bureaus_) {
    member.directory = directory_ / member.id;
    member.business.file = member.directory / "business.db";
  }
  office_.directory = directory_ / office_.id;
  for (const Member* member : everybody()) {
    std::filesystem::create_directories(member->directory);
    std::filesystem::permissions(member->directory, std::filesystem::perms::owner_all);
  }
  copy_catalogue(root_, catalogue());
  place_databases();
  place_office();
  make_pki();
}

Site::~Site() {
  cluster_.reset();
  mariadb_.reset();
  std::error_code ignored;
  if (removes_) std::filesystem::remove_all(directory_, ignored);
}

std::vector<const Member*> Site::everybody() const {
  std::vector<const Member*> all;
  for (const Member& member : members_) all.push_back(&member);
  for (const Member& member : bureaus_) all.push_back(&member);
  all.push_back(&office_);
  return all;
}

void Site::make_pki() const {
  std::vector<std::string> command = {"/usr/bin/env"};
  if (options_.keys == Keys::sm2) command.insert(command.end(), {"QIANZHI_PKI_SIGNING=sm2", "QIANZHI_PKI_HUB=sm2"});
  command.insert(command.end(), {(root_ / "packaging/pki/make-pki").string(), (directory_ / "pki").string()});
  for (const Member* member : everybody()) command.push_back(member->agent);
  output_of({command, directory_, log("pki.log")});
}

bool Site::has_postgresql(const std::string& department) const {
  if (options_.databases == Databases::postgresql && department == office_.id) return true;
  return options_.databases != Databases::sqlite && (department == "commerce" || department == "statistics");
}

Place Site::postgresql(const Member& member, const std::string& role) const {
  const std::string host = "host=" + (directory_ / "postgresql").string();
  return {Dialect::postgresql,
          {},
          host + " user=postgres dbname=" + member.id,
          host + " user=" + member.id + "_" + role + " dbname=" + member.id};
}

bool Site::has_mariadb(const std::string& department) const {
  return options_.databases == Databases::mixed && (department == "national_tax" || department == office_.id);
}

Place Site::mariadb(const Member& member, const std::string& role) const {
  return {Dialect::mariadb, directory_ / "mariadb/socket", "root", member.id + "_" + role, {}, member.id};
}

// The same database for the department, which has nothing but a driver for its agent.
Place Site::odbc(const Member& member, const std::string& role) const {
  Place place = postgresql(member, role);
  place.dialect = Dialect::odbc;
  place.role = "Driver={PostgreSQL Unicode};Servername=" + (directory_ / "postgresql").string() +
               ";Port=5432;Database=" + member.id + ";UID=" + member.id + "_" + role;
  return place;
}

void Site::place_databases() {
  for (Member& member : members_) {
    member.business.file = member.directory / "business.db";
    member.received.file = member.directory / "received.db";
    if (has_postgresql(member.id)) {
      member.business = postgresql(member, "reader");
      const bool driver = options_.databases == Databases::mixed && member.id == "statistics";
      member.received = driver ? odbc(member, "writer") : postgresql(member, "writer");
    } else if (has_mariadb(member.id)) {
      member.business = mariadb(member, "reader");
      member.received = mariadb(member, "writer");
    } else if (options_.databases == Databases::mixed && member.id == "quality") {
      member.business.dialect = Dialect::files;
      member.business.drop = member.directory / "drop";
      for (const char* folder : {"archive", "rejected"})
        std::filesystem::create_directories(member.business.drop / folder);
    }
  }
}

void Site::start_servers(Waiter& waiter) {
  if (options_.databases == Databases::sqlite) return;
  cluster_ = std::make_unique<PostgresCluster>(directory_ / "postgresql");
  if (options_.databases == Databases::mixed) mariadb_ = std::make_unique<MariadbServer>(directory_ / "mariadb");
  waiter.until("PostgreSQL", 60, [&] { return cluster_->answers(); });
  if (mariadb_) waiter.until("MariaDB", 60, [&] { return mariadb_->answers(); });
  const Place postgres{Dialect::postgresql, {}, cluster_->dsn("postgres", "postgres"), {}};
  for (const Member* member : everybody()) {
    if (has_postgresql(member->id)) run_script(postgres, "CREATE DATABASE " + member->id + ";\n", log("dba.log"));
    if (!has_mariadb(member->id)) continue;
    const Place server{Dialect::mariadb, mariadb_->socket(), "root", {}, {}, "mysql"};
    run_script(server, "CREATE DATABASE " + member->id + ";\n", log("dba.log"));
  }
}

void Site::fill_databases(const Generator& generator, Waiter& waiter) {
  start_servers(waiter);
  for (const Member& member : members_) {
    if (!member.provider) continue;
    run_script(member.business, schema_sql(*member.provider), log("dba.log"));
    std::vector<Statement> rows;
    generator.load(*member.provider, [&](const Statement& statement) { rows.push_back(statement); });
    open(member.business)->run(rows);
  }
}

namespace {

// One department lets nobody install anything in its database: it is only compared.
std::string source_yaml(const Member& member) {
  std::string yaml = yaml_of(member.business);
  if (member.business.dialect == Dialect::mariadb) yaml.replace(yaml.size() - 1, 1, ", capture: log}");
  if (member.id == "local_tax") yaml.replace(yaml.size() - 1, 1, ", capture: diff, poll_interval: 1s}");
  return yaml;
}

}  // namespace

std::string Site::filled(const std::string& name, Values values) const {
  values["PKI"] = (directory_ / "pki").string();
  return fill(text_of(root_ / "packaging/demo/config" / (name + ".yaml")), values);
}

// An agent of the hub's configuration that asks or answers.
std::string Site::agent_entry(const Member& member) const {
  const std::string pki = (directory_ / "pki" / member.agent).string();
  return "  " + member.agent + ": {department: " + member.id + ", certificate: " + pki + ".crt, signing_key: " + pki +
         "-signing.pub, encryption_key: " + pki + "-encryption.pub}\n";
}

std::filesystem::path Site::write_hub_config(bool has_joined) const {
  const std::string entry = has_joined ? agent_entry(members_.back()) : std::string();
  std::string departments;
  std::string agents = agent_entry(office_);
  std::string provisions;
  for (const Member& bureau : bureaus_) {
    departments += "  " + bureau.id + ": {title: " + bureau.title + "部门}\n";
    agents += agent_entry(bureau);
    provisions += "  - {agent: " + bureau.agent + ", topics: [check.person_standing]}\n";
  }
  const std::filesystem::path file = directory_ / "hub.yaml";
  service::write_whole(file, filled("hub", {{"CATALOGUE", catalogue().string()},
                                            {"BUREAU_DEPARTMENTS", departments},
                                            {"BUREAU_AGENTS", agents},
                                            {"BUREAU_PROVISIONS", provisions},
                                            {"JOINING_AGENT", entry},
                                            {"JOINING", has_joined ? ", statistics" : ""}}));
  return file;
}

void Site::write_agent_configs(const std::string& hub_url) const {
  for (const Member& member : members_) {
    Values values = {{"HUB_URL", hub_url},
                     {"TARGET", yaml_of(member.received)},
                     {"CIPHER", options_.keys == Keys::sm2 ? "sm4" : "aes"}};
    if (member.provider) values["SOURCE"] = source_yaml(member);
    service::write_whole(member.config(), filled(member.id, values));
  }
}

void Site::write_bureau_config(const Member& bureau, const std::string& hub_url) const {
  service::write_whole(bureau.config(), filled("bureau", {{"HUB_URL", hub_url},
                                                          {"AGENT", bureau.agent},
                                                          {"NAME", bureau.title + "部门"},
                                                          {"SOURCE", yaml_of(bureau.business)},
                                                          {"CIPHER", options_.keys == Keys::sm2 ? "sm4" : "aes"}}));
}

std::string Site::plan(const Member& member, const std::string& part, const std::string& database) const {
  return output_of({{program("qianzhi"), "plan", "-c", member.config().string(), "--catalogue", catalogue().string(),
                     "--database", database, part},
                    directory_,
                    log("plan.log")});
}

void Site::install(const Member& member) const {
  for (const bool is_source : {true, false}) {
    if (is_source && !member.provider) continue;
    const Place& place = is_source ? member.business : member.received;
    if (place.dialect == Dialect::files) continue;  // the folders are there
    for (const char* part : {"install", "grants"})
      run_script(place, plan(member, part, is_source ? "business" : "received"), log("dba.log"));
  }
}

}  // namespace qianzhi::demo

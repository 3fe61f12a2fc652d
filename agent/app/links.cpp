#include "agent/app/links.h"

#include <algorithm>
#include <cstdio>

#include "agent/config/loader.h"
#include "hub-protocol/base/codes.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/envelope/folder.h"

namespace qianzhi::app {

namespace {

constexpr std::size_t file_post_octets = 8U << 20U;
constexpr std::uint32_t file_page_octets = 8U << 20U;
constexpr Micros polls_a_receipt = 4;
constexpr Micros longest_check = 300'000'000;

FileLinkOptions file_link_options(const config::Config& config) {
  const config::ExchangeDirectory& directory = config.exchange.directory.value();
  FileLinkOptions options;
  options.agent = config.agent_id;
  options.out = directory.out;
  options.in = directory.in;
  options.files = {
      config.exchange.certificate, config::path_of(config.exchange.private_key), config.exchange.trust, {}};
  options.hub_certificate = directory.hub_certificate;
  options.poll = directory.poll;
  options.timeout = directory.timeout;
  options.repeat = directory.repeat;
  options.look = std::min(options.look, directory.poll / 4);
  return options;
}

}  // namespace

HttpsLinkOptions network_options(const config::Config& config) {
  HttpsLinkOptions options;
  options.url = config.exchange.url;
  options.certificate = config.exchange.certificate;
  options.private_key = config::path_of(config.exchange.private_key);
  options.trust = config.exchange.trust;
  options.proxy = config.exchange.proxy;
  options.proxy_login.user = config.exchange.proxy_user;
  if (!config.exchange.proxy_user.empty())
    options.proxy_login.password = config::read_secret(config.exchange.proxy_password);
  return options;
}

std::string way_to_hub(const config::ExchangeConfig& exchange) {
  if (!exchange.directory) return exchange.url;
  return exchange.directory->out.string() + " -> " + exchange.directory->in.string();
}

void check_way(const config::Config& config, const Clock& clock, yaml::Diagnostics& diagnostics) {
  if (!config.exchange.directory) return;
  try {
    check_file_keys(file_link_options(config), clock.now());
  } catch (const Error& error) {
    const auto told = explain(error.code());
    const std::string_view zh = told ? told->title_zh : std::string_view();
    const std::string_view en = told ? told->title_en : std::string_view();
    diagnostics.error(error.code(), config.exchange.directory->place, std::string(zh) + "：" + error.detail(),
                      std::string(en) + ": " + error.detail(), told ? told->next_en : std::string_view());
  }
}

wire::DirectoryReply ask_hub(const config::Config& config, const Clock& clock) {
  if (!config.exchange.directory) return HttpsLink(network_options(config)).directory({});
  FileLinkOptions options = file_link_options(config);
  options.timeout = std::min(options.timeout, longest_check);
  Folder(options.in, "QZ-LINK-019").check();
  const auto seconds = static_cast<long long>(options.timeout / 1'000'000);
  std::printf("写入一个文件，最多等 %lld 秒答复 / a file is written, its answer waited for at most %lld s\n", seconds,
              seconds);
  std::fflush(stdout);
  SystemRandom random;
  return FileLink(options, clock, random).directory({});
}

std::unique_ptr<HubLink> new_link(const config::Config& config) {
  if (config.exchange.directory)
    throw Error(ErrorKind::rejected, "QZ-LINK-151", "keys are renewed by hand where the way is by files");
  return std::make_unique<HttpsLink>(network_options(config));
}

void try_identity(const config::Config& config, const std::filesystem::path& identity) {
  HttpsLinkOptions options = network_options(config);
  options.certificate = options.private_key = identity;
  HttpsLink(options).directory({});
}

Links::Links(const config::Config& config, const Clock& clock, Random& random)
    : config_(config), clock_(clock), random_(random) {}

HubLink& Links::open(const std::string& stage) {
  if (config_.exchange.directory) {
    auto link = std::make_unique<FileLink>(file_link_options(config_), clock_, random_);
    file_links_[stage] = link.get();
    links_.push_back(std::move(link));
  } else {
    links_.push_back(std::make_unique<HttpsLink>(network_options(config_)));
  }
  return *links_.back();
}

void Links::suit(flow::UplinkParts& parts) const {
  if (!config_.exchange.directory) return;
  parts.post_octets = file_post_octets;
  parts.post_interval = config_.exchange.directory->poll;
}

void Links::suit(flow::DeliverParts& parts) const {
  if (!config_.exchange.directory) return;
  parts.page_octets = file_page_octets;
  parts.receipt_interval = polls_a_receipt * config_.exchange.directory->poll;
}

std::vector<flow::Notice> Links::notices() const {
  std::vector<flow::Notice> all;
  for (const auto& [stage, link] : file_links_) {
    const FileWait wait = link->waiting();
    const bool is_usual = clock_.now() - wait.since < config_.exchange.directory->repeat && wait.fault.empty();
    if (wait.since == 0 || is_usual) continue;
    std::string detail = wait.file + (wait.is_collected ? ": collected" : ": not collected yet") + ", since " +
                         qianzhi::to_text(wait.since) + ", repeated " + std::to_string(wait.repeats);
    if (!wait.fault.empty()) detail += "; " + wait.fault;
    all.push_back({flow::NoticeLevel::warning, "QZ-LINK-020", stage, std::move(detail)});
  }
  return all;
}

Micros Links::last_sign(const std::string& stage) const {
  const auto found = file_links_.find(stage);
  return found == file_links_.end() ? 0 : found->second->last_sign();
}

}  // namespace qianzhi::app

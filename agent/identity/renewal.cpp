#include "agent/identity/renewal.h"

#include <algorithm>
#include <functional>

#include "agent/identity/alarm.h"
#include "agent/identity/files.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/ca/authority.h"
#include "hub-protocol/ca/request.h"
#include "hub-protocol/service/private_file.h"

namespace qianzhi::identity {

namespace {

constexpr Micros retry_after = 600'000'000;
constexpr std::string_view expired = "QZ-AGT-125";

std::filesystem::path switch_file(const IdentityFiles& files) { return files.certificate.string() + ".switch"; }

bool is_one_file(const IdentityFiles& files) { return files.certificate == files.private_key; }

// The halves of one text; each file keeps holding what it held.
std::string certificates_in(const std::string& pem) {
  return pem.substr(std::min(pem.find("-----BEGIN CERTIFICATE-----"), pem.size()));
}

std::string key_in(const std::string& pem) { return pem.substr(0, pem.find("-----BEGIN CERTIFICATE-----")); }

// After it everything new is in its place; may be repeated.
void put_in_place(const IdentityFiles& files, const std::filesystem::path& next) {
  if (is_one_file(files)) return service::move_into_place(next, files.certificate);
  const std::string pair = read_whole(next);
  service::replace_private(files.private_key, key_in(pair));
  service::replace_private(files.certificate, certificates_in(pair));
  std::filesystem::remove(next);
}

}  // namespace

void finish_switch(const IdentityFiles& files) {
  if (!files.private_key.empty() && std::filesystem::exists(switch_file(files)))
    put_in_place(files, switch_file(files));
}

Micros Renewal::due(const std::string& agent, Micros not_before, Micros not_after) {
  constexpr Micros steps = 1000;
  const Micros life = not_after - not_before;
  const auto place = static_cast<Micros>(std::hash<std::string>{}(agent + std::to_string(not_before)) % steps);
  const Micros room = life / 30;
  return not_before + life / 3 * 2 + room * place * 2 / steps - room;
}

void Renewal::renew() {
  const std::filesystem::path next = next_file();
  if (!std::filesystem::exists(next)) service::write_new_private(next, ca::make_tls_key());
  reach("renewal.key_made");
  std::string pair = read_whole(next);
  if (!ca::is_pair(pair)) {
    wire::RenewRequest request;
    request.set_certificate_request(ca::make_request(pair));
    pair = key_in(pair) + parts_.link->renew(request).certificate();
    if (!ca::is_pair(pair))
      throw Error(ErrorKind::rejected, "QZ-AGT-128", "the certificate is not for the key that was made here");
    service::replace_private(next, pair);
  }
  reach("renewal.issued");
  parts_.try_out(next);
  reach("renewal.tried");
  const std::filesystem::path switching = switch_file(parts_.files);
  service::move_into_place(next, switching);
  reach("renewal.switching");
  put_in_place(parts_.files, switching);
  reach("renewal.switched");
  log(LogLevel::notice, "certificate", "renewed until " + to_text(ca::validity_of(pair).not_after));
}

flow::Progress Renewal::run_once() {
  const Micros now = parts_.clock.now();
  const ca::Validity validity = ca::validity_of(read_whole(parts_.files.certificate));
  // One that was begun is brought to its end.
  const bool is_begun = std::filesystem::exists(next_file());
  const bool is_due = wanted_ || is_begun || now >= due(parts_.agent, validity.not_before, validity.not_after);
  const bool can = parts_.link != nullptr && !parts_.files.private_key.empty() && now < validity.not_after;
  const bool may_try = wanted_ || parts_.clock.steady() >= try_after_;
  if (is_due && !can && parts_.link != nullptr && parts_.files.private_key.empty())
    trouble_ = "QZ-AGT-126 the private key is a credential";
  if (is_due && can && may_try) {
    wanted_ = false;
    try_after_ = parts_.clock.steady() + retry_after;
    try {
      renew();
      trouble_.clear();
      try_after_ = 0;
    } catch (const Error& error) {
      trouble_ = error.code() + " " + error.detail();
      log("certificate", error);
      // Not to be taken: a key that this hub has refused, or no longer knows. The next try makes another one.
      const bool is_refused = error.kind() == ErrorKind::rejected || error.code() == "QZ-LINK-010";
      if (is_refused) std::filesystem::remove(next_file());
    }
  }
  tell(now, trouble_);
  return flow::Progress::idle;
}

void Renewal::tell(Micros now, const std::string& trouble) {
  std::vector<flow::Notice> notices;
  const ca::Validity validity = ca::validity_of(read_whole(parts_.files.certificate));
  if (auto notice = alarm_of(validity, parts_.agent, now)) {
    if (parts_.link == nullptr) notice->detail += "; by files: renew by hand";
    if (told_ != notice->code) log(LogLevel::warning, "certificate", notice->code + " " + notice->detail);
    told_ = notice->code;
    notices.push_back(std::move(*notice));
  } else if (!told_.empty()) {
    const bool is_cured = told_ == expired;
    told_.clear();
    if (is_cured && parts_.on_cured) parts_.on_cured();
  }
  if (!trouble.empty()) notices.push_back({flow::NoticeLevel::warning, "QZ-AGT-127", parts_.agent, trouble});
  say(std::move(notices));
}

}  // namespace qianzhi::identity

#include "hub-protocol/hub/hub_ca.h"

#include <sys/stat.h>

#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/hub_sections.h"
#include "hub-protocol/service/process.h"

namespace qianzhi::hub {

namespace {

constexpr Micros list_life = 7 * ca::day;

bool same(const ca::Revocation& a, const ca::Revocation& b) { return a.serial == b.serial && a.reason == b.reason; }

}  // namespace

std::optional<ca::Authority> authority_of(const HubConfig& config) {
  if (config.ca.certificate.empty()) return std::nullopt;
  const std::filesystem::path& key = config.ca.private_key;
  struct stat status {};
  if (::stat(key.c_str(), &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    throw Error(ErrorKind::misuse, "QZ-SEAL-021", key.string(), "chmod 600 " + key.string());
  return ca::Authority({read_file(config.ca.certificate), read_file(key)});
}

enrol::Policy policy_of(const HubConfig& config) {
  enrol::Policy policy;
  policy.certificate_life = config.ca.days * ca::day;
  policy.second_officer = config.ca.second_officer;
  return policy;
}

bool RevocationList::update(const ca::Authority& authority, const std::vector<ca::Revocation>& revoked, Micros now) {
  const bool is_young = now < next_update_ - list_life / 2 && now > next_update_ - list_life - ca::day;
  if (is_young && std::equal(revoked.begin(), revoked.end(), listed_.begin(), listed_.end(), same)) return false;
  number_ = std::max(number_ + 1, static_cast<std::uint64_t>(now / 1'000'000));
  service::write_whole(file_, authority.revocations(revoked, number_, now, now + list_life));
  listed_ = revoked;
  next_update_ = now + list_life;
  return true;
}

}  // namespace qianzhi::hub

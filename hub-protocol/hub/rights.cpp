#include "hub-protocol/hub/rights.h"

#include <algorithm>
#include <limits>

namespace qianzhi::hub {

Rights::Rights(Directory directory, seal::SealedDirectory sealed)
    : directory_(std::move(directory)), sealed_(std::move(sealed)) {
  directory_.digest = sealed_.digest;
}

std::shared_ptr<const Entitlement> Rights::entitlement(const std::string& agent, const std::string& topic,
                                                       Micros now) const {
  // Unknown names must not fill the cache.
  if (directory_.agent(agent) == nullptr || directory_.catalogue.find(topic) == nullptr)
    return std::make_shared<const Entitlement>();
  const std::lock_guard lock(lock_);
  Known& known = known_[{agent, topic}];
  if (known.entitlement != nullptr && now >= known.from && now < known.until) return known.entitlement;
  known.entitlement = std::make_shared<const Entitlement>(directory_.entitlement(agent, topic, now));
  known.from = now;
  known.until = std::numeric_limits<Micros>::max();
  for (const Grant& grant : directory_.grants)
    if (grant.topic == topic && grant.not_after > now) known.until = std::min(known.until, grant.not_after);
  return known.entitlement;
}

}  // namespace qianzhi::hub

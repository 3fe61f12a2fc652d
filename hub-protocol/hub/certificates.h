// The certificates that the exchange lives by, and when each ends.
#pragma once

#include <string>
#include <vector>

#include "hub-protocol/base/clock.h"

namespace qianzhi::hub {

struct Office;

struct CertificateEnd {
  enum class Kind { hub, authority, agent };
  enum class State { valid, ends_soon, urgent, ended };

  std::string holder;  // "hub", an authority's common name, an agent's id
  Kind kind = Kind::hub;
  Micros ends = 0;
  bool renews = false;  // its agent gets the next one by itself

  // Soon is early enough for a person to act: 90 days for an authority, 30 for what somebody replaces by hand, and 7
  // for what should have renewed itself long before; urgent is a quarter of that.
  State state(Micros now) const;
};

std::string_view text_of(CertificateEnd::Kind kind);
std::string_view text_of(CertificateEnd::State state);

// Of the hub, of the authorities that it trusts or issues with, and of agents that may take part; soonest first. A file
// that cannot be read is left out: `qianzhi-hub check` names it.
std::vector<CertificateEnd> certificate_ends(const Office& office);

}  // namespace qianzhi::hub

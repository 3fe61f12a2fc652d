// The certificates that the exchange lives by, and when each ends.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::hub {

struct Office;

struct CertificateEnd {
  enum class Kind { hub, authority, agent };
  enum class State { valid, ends_soon, urgent, ended };

  std::string holder;  // "hub", an authority's common name, an agent's id
  Kind kind = Kind::hub;
  Micros begins = 0;
  Micros ends = 0;
  bool renews = false;  // its agent gets the next one by itself, when a third of its life is left

  // It ends soon when a third of its life is left, a fifth where it should have been renewed by then; a tenth is
  // urgent.
  State state(Micros now) const;
};

std::string_view text_of(CertificateEnd::Kind kind);
std::string_view text_of(CertificateEnd::State state);

// Of the hub, of the authorities that it trusts or issues with, and of agents that may take part; soonest first. A file
// that cannot be read is left out: `qianzhi-hub check` names it.
std::vector<CertificateEnd> certificate_ends(const Office& office);

// What is to be said of one: nothing, or QZ-HUB-236 (237: it has ended) of the hub and its authorities, 243 of agents.
std::optional<Error> alarm_of(const CertificateEnd& end, Micros now);

}  // namespace qianzhi::hub

// An office with accounts, for the tests of administration.
#pragma once

#include <string>
#include <vector>

#include "hub-protocol/accounts/account.h"
#include "hub-protocol/hub/matters.h"
#include "hub-protocol/hub/verbs.h"
#include "hub_support.h"

namespace qianzhi::test {

inline constexpr accounts::ScryptCost cheap_cost{4, 8, 1};

struct OfficeWorld {
  HubWorld hub;
  registry::Registry registry{hub.dir / "registry", DigestSuite::sha256, hub.clock};
  hub::HubConfig config;
  std::mutex lock;
  hub::Matters matters{hub::MatterParts{registry, *hub.hub, hub.clock, Micros{10} * one_day, [] {}}};
  hub::Office office{registry,  *hub.hub,   matters, config,  DigestSuite::sha256,
                     hub.clock, hub.random, [] {},   nullptr, &lock};

  void add(const std::string& name, accounts::Role role, const std::string& password = {},
           const std::string& unix_user = {}) {
    accounts::Account account;
    account.name = name;
    account.role = role;
    account.unix_user = unix_user;
    if (!password.empty()) account.password = accounts::hash_password(password, cheap_cost, hub.random);
    registry.change({audit::ActorKind::operator_, "test"}, [&](registry::Change& change) {
      accounts::put(change, account);
      change.note({{}, "test.account", name, ""});
    });
  }
  accounts::Account account(const std::string& name) const {
    accounts::Account found;
    registry.read([&](const registry::View& view) { found = *accounts::find(view, name); });
    return found;
  }
  std::string run(const hub::Caller& caller, const std::vector<std::string>& words, std::string_view attachment = {}) {
    return hub::run_verb(*hub::find_verb(words), office, caller, words, attachment);
  }
  std::string by(const std::string& name, const std::vector<std::string>& words, std::string_view attachment = {}) {
    return run(hub::Caller({audit::ActorKind::operator_, name}), words, attachment);
  }
  // How many audit entries say this of somebody.
  std::size_t audited(const std::string& action, const std::string& actor, const std::string& outcome = {});
};

}  // namespace qianzhi::test

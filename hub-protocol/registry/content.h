// What the registry adds to the directory.
#pragma once

#include <string>
#include <vector>

#include "hub-protocol/registry/registry.h"

namespace qianzhi::registry {

// A record that cannot stand: a grant of a topic that is gone, a member that the configuration file has, too.
struct LeftOut {
  std::string kind;
  std::string id;
  std::string reason;
};

// Adds members, code tables, topics, provisions and grants to the content of the configuration file, in this order, so
// that each record finds what it names. What cannot stand is left out: the directory of an exchange never fails for one
// record.
std::vector<LeftOut> add_to(Directory& content, const View& view, DigestSuite suite);

}  // namespace qianzhi::registry

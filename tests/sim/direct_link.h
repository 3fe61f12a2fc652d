// The hub of a simulated world, called directly. On the way requests and replies are lost, come twice, or come late; a
// hub that is killed meanwhile, or whose store failed, answers nothing. The witness sees every answer.
#pragma once

#include <memory>

#include "hub-protocol/client/hub_link.h"

namespace qianzhi::sim {

class World;
class Department;

// Both must outlive it.
std::unique_ptr<HubLink> direct_link(World& world, const Department& department);

}  // namespace qianzhi::sim

// Where a token may be used from: an address or ADDRESS/BITS, IPv4 or IPv6.
#pragma once

#include <string>

namespace qianzhi::enrol {

bool is_network(const std::string& text);

// address: as a socket tells it; an IPv4 address in IPv6 form counts as the IPv4 one. False for what is no address.
// Precondition: is_network(network).
bool contains(const std::string& network, const std::string& address);

}  // namespace qianzhi::enrol

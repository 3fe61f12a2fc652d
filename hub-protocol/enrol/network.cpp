#include "hub-protocol/enrol/network.h"

#include <netdb.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace qianzhi::enrol {

namespace {

using Octets = std::vector<std::uint8_t>;

// Four octets or sixteen.
std::optional<Octets> octets_from(const std::string& address) {
  addrinfo wanted{};
  wanted.ai_flags = AI_NUMERICHOST;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  if (address.empty() || getaddrinfo(address.c_str(), nullptr, &wanted, &raw) != 0) return std::nullopt;
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> found(raw, freeaddrinfo);
  // After the family: IPv4 has its port first, IPv6 its port and flow.
  const auto* octets = reinterpret_cast<const std::uint8_t*>(found->ai_addr);
  constexpr std::size_t at_v4 = 4;
  constexpr std::size_t at_v6 = 8;
  if (found->ai_family == AF_INET) return Octets(octets + at_v4, octets + at_v4 + 4);
  if (found->ai_family != AF_INET6) return std::nullopt;
  Octets all(octets + at_v6, octets + at_v6 + 16);
  const Octets mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (std::equal(mapped.begin(), mapped.end(), all.begin())) all.erase(all.begin(), all.begin() + 12);
  return all;
}

struct Network {
  Octets octets;
  std::size_t bits = 0;
};

std::optional<Network> network_from(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto octets = octets_from(text.substr(0, slash));
  if (!octets) return std::nullopt;
  Network network{*octets, octets->size() * 8};
  if (slash == std::string::npos) return network;
  const char* end = text.data() + text.size();
  std::size_t bits = 0;
  const auto read = std::from_chars(text.data() + slash + 1, end, bits);
  if (read.ec != std::errc{} || read.ptr != end || bits > network.bits) return std::nullopt;
  network.bits = bits;
  return network;
}

}  // namespace

bool is_network(const std::string& text) { return network_from(text).has_value(); }

bool contains(const std::string& network, const std::string& address) {
  const auto place = network_from(network);
  const auto octets = octets_from(address);
  if (!place || !octets || octets->size() != place->octets.size()) return false;
  for (std::size_t bit = 0; bit < place->bits; ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    if ((((*octets)[bit / 8] ^ place->octets[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

}  // namespace qianzhi::enrol

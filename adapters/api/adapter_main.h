// The main program of an adapter: serves one agent over the socket on descriptor 3 until it closes.
#pragma once

#include <functional>
#include <memory>

#include "adapters/api/adapter.h"

namespace qianzhi::adapter {

using AdapterFactory = std::function<std::unique_ptr<Adapter>(const Clock&)>;

// Frozen: part of the protocol.
inline constexpr int adapter_descriptor = 3;
inline constexpr std::uint32_t protocol_version = 1;

// For main(): returns its exit status. 0: the agent closed the socket, or --help or --version was asked for.
// 64: not started by an agent. 70: the agent broke the protocol.
int adapter_main(int argc, char** argv, const AdapterFactory& factory);

// Serves requests from the descriptor until the other side closes. Throws what breaks the protocol; errors of the
// adapter are answered.
void serve(int descriptor, Adapter& adapter);

}  // namespace qianzhi::adapter

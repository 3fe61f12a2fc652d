#include "agent/desk/outlets/sha256.h"

#include <Poco/SHA2Engine.h>

#include "hub-protocol/base/bytes.h"

namespace qianzhi::desk {

struct Sha256Text::State {
  Poco::SHA2Engine engine{Poco::SHA2Engine::SHA_256};
};

Sha256Text::Sha256Text() : state_(std::make_unique<State>()) {}
Sha256Text::~Sha256Text() = default;
Sha256Text::Sha256Text(Sha256Text&&) noexcept = default;
Sha256Text& Sha256Text::operator=(Sha256Text&&) noexcept = default;

void Sha256Text::add(std::string_view octets) { state_->engine.update(octets.data(), octets.size()); }

std::string Sha256Text::take() {
  const Poco::DigestEngine::Digest& digest = state_->engine.digest();
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace qianzhi::desk

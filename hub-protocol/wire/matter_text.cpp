#include "hub-protocol/wire/matter_text.h"

namespace qianzhi {

namespace {

constexpr std::size_t shortest_prefix = 8;

struct Named {
  std::string_view name;
  std::string_view title;
};

Named named(wire::MatterState state) {
  switch (state) {
    case wire::MATTER_WAITS_FOR_PROVIDER: return {"waits_for_provider", "等待提供方 waits for the provider"};
    case wire::MATTER_WAITS_FOR_OPERATOR: return {"waits_for_operator", "等待交换中心 waits for the exchange"};
    case wire::MATTER_GRANTED: return {"granted", "已授权 granted"};
    case wire::MATTER_REFUSED: return {"refused", "已拒绝 refused"};
    case wire::MATTER_ACCEPTED: return {"accepted", "已认可，等待更正 accepted, correction awaited"};
    case wire::MATTER_CORRECTED: return {"corrected", "已更正 corrected"};
    case wire::MATTER_WITHDRAWN: return {"withdrawn", "已撤回 withdrawn"};
    case wire::MATTER_ENDED: return {"ended", "授权已终止 ended"};
    default: return {"unknown", "?"};
  }
}

}  // namespace

std::string_view name_of(wire::MatterState state) { return named(state).name; }
std::string_view title_of(wire::MatterState state) { return named(state).title; }

const wire::Matter* find_matter(const std::map<Bytes, wire::Matter>& matters, std::string_view id, bool& several) {
  const wire::Matter* found = nullptr;
  several = false;
  for (const auto& [key, matter] : matters) {
    if (id.size() < shortest_prefix || to_hex(key).compare(0, id.size(), id) != 0) continue;
    several = found != nullptr;
    if (several) return nullptr;
    found = &matter;
  }
  return found;
}

}  // namespace qianzhi

#include "agent/identity/alarm.h"

namespace qianzhi::identity {

std::optional<flow::Notice> alarm_of(const ca::Validity& validity, const std::string& subject, Micros now) {
  constexpr int third = 3;
  constexpr int tenth = 10;
  constexpr Micros soon = 3 * ca::day;
  const Micros life = validity.not_after - validity.not_before;
  const Micros left = validity.not_after - now;
  if (left > life / third && left > 0) return std::nullopt;
  const std::string detail = "until " + to_text(validity.not_after);
  if (left <= 0) return flow::Notice{flow::NoticeLevel::error, "QZ-AGT-125", subject, detail};
  // A short-lived certificate is not in its last days all its life.
  if (left <= soon && left <= life / tenth)
    return flow::Notice{flow::NoticeLevel::error, "QZ-AGT-124", subject, detail};
  if (left <= life / tenth) return flow::Notice{flow::NoticeLevel::warning, "QZ-AGT-123", subject, detail};
  return flow::Notice{flow::NoticeLevel::info, "QZ-AGT-122", subject, detail};
}

}  // namespace qianzhi::identity

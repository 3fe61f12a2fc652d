#include "agent/desk/serve/health.h"

#include <algorithm>

namespace qianzhi::desk::serve {

namespace {

constexpr Micros longest_turn = 900'000'000;

std::int64_t count_in(const std::map<std::string, std::int64_t>& counts, const std::string& name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : found->second;
}

}  // namespace

HealthFacts health_facts(CaseRoom& room, Micros poll, Micros now) {
  HealthFacts facts;
  facts.now = now;
  facts.poll = poll;
  facts.parts = part_states(room.database);
  facts.notices = room.notices.counts();
  facts.rejected_outcomes = room.database
                                .scalar(
                                    "SELECT count(*) FROM main.case_rejected WHERE resolved = 0 AND code <> "
                                    "'QZ-DSK-120'")
                                .value_or(0);
  facts.waiting_pairs = room.database.scalar("SELECT count(*) FROM main.match_review").value_or(0);
  return facts;
}

std::vector<Complaint> complaints_of(const HealthFacts& facts) {
  std::vector<Complaint> complaints;
  const auto whole =
      std::find_if(facts.parts.begin(), facts.parts.end(), [](const PartState& state) { return state.part == "turn"; });
  const Micros last = whole == facts.parts.end() ? 0 : whole->well;
  if (last == 0 || facts.now - last > std::max(longest_turn, 3 * facts.poll))
    complaints.push_back({true, "QZ-DSK-221", {}, last});
  for (const PartState& state : facts.parts)
    if (state.failed != 0) complaints.push_back({true, state.code, state.part, state.failed});
  if (count_in(facts.notices, "failed") + count_in(facts.notices, "uncertain") > 0)
    complaints.push_back({false, "QZ-DSK-222", {}, 0});
  if (facts.rejected_outcomes > 0) complaints.push_back({false, "QZ-DSK-223", {}, 0});
  return complaints;
}

}  // namespace qianzhi::desk::serve

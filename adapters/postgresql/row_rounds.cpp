#include "adapters/postgresql/row_rounds.h"

#include <algorithm>
#include <unordered_map>

namespace qianzhi::postgresql {

namespace {

struct Last {
  std::size_t round = 0;
  std::size_t row = 0;
  Operation operation = Operation::upsert;
  bool partial = false;
};

void key_of(const adapter::RowsStep& step, const std::vector<std::size_t>& key, std::size_t row, std::string& text) {
  text.clear();
  for (const std::size_t place : key) {
    const std::string_view value = step.columns[place].text(row);
    text.append(std::to_string(value.size())).append(1, ':').append(value);
  }
}

}  // namespace

bool is_partial(const adapter::RowsStep& step, std::size_t row) {
  return std::any_of(step.columns.begin(), step.columns.end(),
                     [row](const Column& column) { return column.presence(row) == Presence::unchanged; });
}

Rounds plan_rounds(const adapter::RowsStep& step, const std::vector<std::size_t>& key, std::size_t begin,
                   std::size_t end, bool keep_all) {
  Rounds plan;
  std::unordered_map<std::string, Last> last;
  last.reserve(end - begin);
  std::string text;
  for (std::size_t row = begin; row < end; ++row) {
    key_of(step, key, row, text);
    const Operation operation = step.meta[row].operation;
    const bool partial = operation == Operation::upsert && is_partial(step, row);
    const auto found = last.find(text);
    std::size_t at = 0;
    if (found != last.end()) {
      at = found->second.round + 1;
      const bool undone =
          !keep_all && operation == Operation::upsert && !partial && found->second.operation == Operation::upsert;
      if (undone) {
        at = found->second.round;
        Round& round = plan.rounds[at];
        std::erase(found->second.partial ? round.partials : round.upserts, found->second.row);
        ++plan.superseded;
      }
    }
    if (plan.rounds.size() <= at) plan.rounds.resize(at + 1);
    Round& round = plan.rounds[at];
    switch (operation) {
      case Operation::remove: round.removes.push_back(row); break;
      case Operation::withheld: round.withheld.push_back(row); break;
      case Operation::upsert: (partial ? round.partials : round.upserts).push_back(row); break;
    }
    last[text] = {at, row, operation, partial};
  }
  return plan;
}

}  // namespace qianzhi::postgresql

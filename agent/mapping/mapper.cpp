#include "agent/mapping/mapper.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "agent/mapping/cells.h"
#include "agent/mapping/partition.h"
#include "agent/mapping/text.h"
#include "agent/mapping/value_rule.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mapping {

namespace {

using config::ItemRule;

constexpr std::size_t no_column = static_cast<std::size_t>(-1);
constexpr std::size_t shown_characters = 3;

[[noreturn]] void misfit(const Topic& topic, const std::string& what) {
  throw Error(ErrorKind::misuse, "QZ-MAP-001", topic.id + ": " + what);
}

std::size_t place_of(const std::vector<std::string>& names, const std::string& name) {
  const auto found = std::lower_bound(names.begin(), names.end(), name);
  return found != names.end() && *found == name ? static_cast<std::size_t>(found - names.begin()) : no_column;
}

struct Filter {
  std::string column;
  std::set<std::string, std::less<>> accepted;
  bool accepts(const Cell& cell) const {
    return cell.presence == Presence::value && accepted.find(trimmed(cell.text)) != accepted.end();
  }
};

struct ItemPlan {
  enum class Kind { column, constant, partition, absent };
  Kind kind = Kind::absent;
  std::optional<ValueRule> rule;
  std::size_t column = no_column;
  std::string constant;  // canonical
  bool key = false;
};

void check_rules(const config::PublicationConfig& publication, const Topic& topic) {
  for (const auto& [id, rule] : publication.items) {
    if (topic.find(id) == nullptr) misfit(topic, "a rule names item " + id + ", which the topic does not have");
    const bool area = rule.kind == ItemRule::Kind::area;
    if (area && id != topic.partition) misfit(topic, "only the partition item can have an area rule, not " + id);
    if (rule.kind == ItemRule::Kind::column && rule.column.empty()) misfit(topic, "no column is named for " + id);
  }
  for (const Item& item : topic.items) {
    const auto rule = publication.items.find(item.id);
    if (rule == publication.items.end()) {
      if (item.required || topic.is_key(item.id)) misfit(topic, "item " + item.id + " has no rule, but is required");
    } else if (topic.is_key(item.id) && rule->second.kind != ItemRule::Kind::column) {
      misfit(topic, "key item " + item.id + " must come from a column");
    }
  }
}

}  // namespace

struct Mapper::State {
  Topic topic;
  std::vector<ItemPlan> plans;  // one an item
  std::optional<PartitionRule> partition;
  std::vector<Filter> filters;
  std::vector<std::string> columns;
  std::vector<std::string> old_columns;
  std::vector<std::string> key_columns;

  void plan_item(const config::PublicationConfig& publication, const Item& item, const CodeTables& codes);
};

void Mapper::State::plan_item(const config::PublicationConfig& publication, const Item& item, const CodeTables& codes) {
  ItemPlan& plan = plans.emplace_back();
  plan.key = topic.is_key(item.id);
  const auto found = publication.items.find(item.id);
  if (found == publication.items.end()) return;
  const ItemRule& rule = found->second;
  const auto table = codes.find(item.code_table);
  const auto checked = table == codes.end() ? nullptr : std::make_shared<const CodeTable>(table->second);
  plan.rule.emplace(rule, item, plan.key, checked);
  if (item.id == topic.partition) partition.emplace(rule, item, checked);
  if (rule.kind == ItemRule::Kind::constant) {
    std::string scratch;
    const Outcome outcome = plan.rule->apply(Presence::value, rule.constant, scratch);
    if (!outcome.code.empty()) misfit(topic, "the constant of item " + item.id + " " + std::string(outcome.problem));
    if (outcome.presence == Presence::value) plan.constant = std::string(outcome.text);
    plan.kind = outcome.presence == Presence::value ? ItemPlan::Kind::constant : ItemPlan::Kind::absent;
  } else if (item.id == topic.partition && !plan.key) {
    plan.kind = ItemPlan::Kind::partition;
  } else {
    plan.kind = ItemPlan::Kind::column;
    plan.column = place_of(columns, rule.column);
  }
}

Mapper::Mapper(const config::PublicationConfig& publication, const Topic& topic, const CodeTables& codes) {
  check_rules(publication, topic);
  auto state = std::make_shared<State>();
  state->topic = topic;
  std::set<std::string> columns;
  std::set<std::string> old_columns;
  for (const auto& [id, rule] : publication.items) {
    std::set<std::string> used;
    if (rule.kind != ItemRule::Kind::constant) used.insert(rule.column);
    if (rule.kind == ItemRule::Kind::area) used.insert({rule.authority_column, rule.registration_number_column});
    used.erase("");
    columns.insert(used.begin(), used.end());
    if (id == topic.partition) old_columns.insert(used.begin(), used.end());
  }
  for (const auto& [column, accepted] : publication.where) {
    columns.insert(column);
    old_columns.insert(column);
    state->filters.push_back({column, {accepted.begin(), accepted.end()}});
  }
  state->columns.assign(columns.begin(), columns.end());
  state->old_columns.assign(old_columns.begin(), old_columns.end());
  for (const Item& item : topic.items) state->plan_item(publication, item, codes);
  for (const std::string& key : topic.key) {
    if (topic.find(key) == nullptr) misfit(topic, "key item " + key + " is not among its items");
    state->key_columns.push_back(publication.items.at(key).column);
  }
  state_ = std::move(state);
}

const std::vector<std::string>& Mapper::columns() const { return state_->columns; }
const std::vector<std::string>& Mapper::old_columns() const { return state_->old_columns; }
const std::vector<std::string>& Mapper::key_columns() const { return state_->key_columns; }

namespace {

// One call of Mapper::map.
class Chunk {
 public:
  Chunk(const std::vector<Operation>& operations, const std::vector<Column>& columns, const std::vector<Column>& old,
        std::string_view day)
      : operations_(operations), columns_(columns), old_(old), day_(day), fault_of_(operations.size()) {
    any_remove_ = std::find(operations.begin(), operations.end(), Operation::remove) != operations.end();
  }

  std::size_t rows() const { return operations_.size(); }
  bool is_remove(std::size_t row) const { return operations_[row] == Operation::remove; }
  bool has_old() const { return !old_.empty(); }

  Input input(const std::vector<std::string>& names, const std::vector<std::string>& old_names,
              const std::string& name) const {
    if (name.empty()) return {};
    const std::size_t before = has_old() ? place_of(old_names, name) : no_column;
    return {&columns_[place_of(names, name)], before == no_column ? nullptr : &old_[before]};
  }

  Column map_item(const ItemPlan& plan);
  void map_partition(const PartitionRule& rule, const std::array<Input, 3>& inputs, const Item& item, Mapped& out,
                     Column& column);
  void filter(const std::vector<std::pair<const Filter*, Input>>& filters, Mapped& out);
  void finish(Mapped& out);

 private:
  // The first fault of a row is told, but one of a key item before others: it decides whether it can be withheld.
  struct Found {
    bool any = false;
    bool key = false;
    Fault fault;
  };

  Column map_constant(const ItemPlan& plan) const;
  void note(std::size_t row, const std::string& item, bool key, std::string_view code, std::string detail);
  void note(std::size_t row, const Item& item, bool key, const Outcome& outcome, std::string_view source);

  const std::vector<Operation>& operations_;
  const std::vector<Column>& columns_;
  const std::vector<Column>& old_;
  std::string_view day_;
  std::vector<std::uint32_t> fault_of_;  // index + 1 in found_; 0: none
  std::vector<Found> found_;
  std::size_t findings_ = 0;
  bool any_remove_ = false;
};

void Chunk::note(std::size_t row, const std::string& item, bool key, std::string_view code, std::string detail) {
  std::uint32_t& index = fault_of_[row];
  if (index == 0) {
    found_.emplace_back();
    index = static_cast<std::uint32_t>(found_.size());
  }
  Found& found = found_[index - 1];
  if (found.any && (found.key || !key)) return;
  found = {true, key, {row, item, std::string(code), std::move(detail)}};
}

void Chunk::note(std::size_t row, const Item& item, bool key, const Outcome& outcome, std::string_view source) {
  std::string detail = item.id + " " + std::string(outcome.problem);
  if (!item.personal && item.type != ItemType::bytes && !source.empty() && is_utf8(source))
    detail += "; it begins with " + std::string(first_characters(source, shown_characters));
  note(row, item.id, key, outcome.code, std::move(detail));
}

Column Chunk::map_constant(const ItemPlan& plan) const {
  Column out;
  out.reserve(rows(), plan.constant.size() * rows());
  for (std::size_t row = 0; row < rows(); ++row) {
    if (is_remove(row)) {
      out.append_unchanged();
    } else if (plan.kind == ItemPlan::Kind::constant) {
      out.append(plan.constant);
    } else {
      out.append_null();
    }
  }
  return out;
}

Column Chunk::map_item(const ItemPlan& plan) {
  if (plan.kind != ItemPlan::Kind::column) return map_constant(plan);
  const Column& source = columns_[plan.column];
  if ((plan.key || !any_remove_) && plan.rule->keeps(source)) return source;
  Column out;
  out.reserve(rows(), source.octets());
  std::string scratch;
  for (std::size_t row = 0; row < rows(); ++row) {
    if (is_remove(row) && !plan.key) {
      out.append_unchanged();
      continue;
    }
    const Outcome outcome = plan.rule->apply(source.presence(row), source.text(row), scratch, day_, !is_remove(row));
    if (outcome.finding) ++findings_;
    if (!outcome.code.empty()) note(row, plan.rule->item(), plan.key, outcome, source.text(row));
    out.add(outcome.presence, outcome.text);
  }
  return out;
}

void Chunk::map_partition(const PartitionRule& rule, const std::array<Input, 3>& inputs, const Item& item, Mapped& out,
                          Column& column) {
  std::string scratch;
  const bool moves = std::any_of(inputs.begin(), inputs.end(), [](const Input& i) { return i.before != nullptr; });
  for (std::size_t row = 0; row < rows(); ++row) {
    Outcome now;
    if (!is_remove(row)) {
      now = rule.apply({inputs[0].current(row), inputs[1].current(row), inputs[2].current(row)}, scratch, day_);
      if (now.finding) ++findings_;
      if (!now.code.empty()) note(row, item, false, now, inputs[0].current(row).text);
    }
    const bool known = now.code.empty() && now.presence == Presence::value;
    out.group.emplace_back(known ? now.text : std::string_view());
    if (is_remove(row)) {
      column.append_unchanged();
    } else {
      column.add(now.presence == Presence::unchanged ? Presence::null : now.presence, now.text);
    }
    if (!moves && !is_remove(row)) {
      out.old_group.push_back(out.group.back());
      continue;
    }
    const Outcome before = rule.apply({inputs[0].old(row), inputs[1].old(row), inputs[2].old(row)}, scratch);
    if (before.code == "QZ-MAP-020" && has_old()) note(row, item, false, before, {});
    const bool was_known = before.code.empty() && before.presence == Presence::value;
    out.old_group.emplace_back(was_known ? before.text : std::string_view());
    if (is_remove(row)) out.group.back() = out.old_group.back();
  }
}

void Chunk::filter(const std::vector<std::pair<const Filter*, Input>>& filters, Mapped& out) {
  out.in_filter.assign(rows(), true);
  out.old_in_filter.assign(rows(), true);
  for (const auto& [filter, input] : filters) {
    for (std::size_t row = 0; row < rows(); ++row) {
      const Cell now = input.current(row);
      const Cell before = input.old(row);
      if (!filter->accepts(now)) out.in_filter[row] = false;
      const bool needed = has_old() || !is_remove(row);
      if (!before.is_known() && needed)
        note(row, filter->column, false, "QZ-MAP-020", "column " + filter->column + " of the filter was not captured");
      if (before.is_known() && !filter->accepts(before)) out.old_in_filter[row] = false;
    }
  }
}

void Chunk::finish(Mapped& out) {
  for (std::size_t row = 0; row < rows(); ++row)
    if (fault_of_[row] != 0) out.faults.push_back(std::move(found_[fault_of_[row] - 1].fault));
  out.findings = findings_;
}

void check_shape(const Topic& topic, const std::vector<Column>& columns, std::size_t wanted, std::size_t rows) {
  const bool good = columns.size() == wanted &&
                    std::all_of(columns.begin(), columns.end(), [&](const Column& c) { return c.size() == rows; });
  if (!good) throw Error(ErrorKind::misuse, "QZ-MAP-002", topic.id + ": columns do not fit the mapping");
}

}  // namespace

Mapped Mapper::map(const std::vector<Operation>& operations, const std::vector<Column>& columns,
                   const std::vector<Column>& old, std::string_view day) const {
  const State& state = *state_;
  check_shape(state.topic, columns, state.columns.size(), operations.size());
  if (!old.empty()) check_shape(state.topic, old, state.old_columns.size(), operations.size());
  Chunk chunk(operations, columns, old, day);
  const auto input = [&](const std::string& name) { return chunk.input(state.columns, state.old_columns, name); };
  Mapped out;
  std::vector<std::pair<const Filter*, Input>> filters;
  for (const Filter& filter : state.filters) filters.emplace_back(&filter, input(filter.column));
  chunk.filter(filters, out);
  Column area;
  if (state.partition) {
    const auto& names = state.partition->columns();
    const std::array<Input, 3> inputs = {input(names[0]), input(names[1]), input(names[2])};
    out.group.reserve(operations.size());
    out.old_group.reserve(operations.size());
    chunk.map_partition(*state.partition, inputs, *state.topic.find(state.topic.partition), out, area);
  } else {
    out.group.resize(operations.size());
    out.old_group.resize(operations.size());
  }
  out.items.reserve(state.plans.size());
  for (const ItemPlan& plan : state.plans) {
    if (plan.kind == ItemPlan::Kind::partition) {
      out.items.push_back(std::exchange(area, {}));
    } else {
      out.items.push_back(chunk.map_item(plan));
    }
  }
  chunk.finish(out);
  return out;
}

}  // namespace qianzhi::mapping

#include "agent/flow/apply_builder.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "agent/flow/record.pb.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::flow {

ApplyBuilder::ApplyBuilder(const Topic& topic, const Entitlement& granted, MarkState state, const Head& head)
    : topic_(topic), granted_(granted), state_(std::move(state)), first_(head), head_(head) {}

void ApplyBuilder::check_follows(const seal::Parsed& batch) const {
  const seal::Header& header = batch.header();
  const Position& here = head_.position;
  const Position& there = header.position;
  const bool next = there.epoch == here.epoch && there.sequence == here.sequence + 1;
  const bool new_epoch =
      there.epoch > here.epoch && there.sequence == 1 && header.kind == BatchKind::begin && header.scope.is_every();
  if (header.previous != head_.digest || !(next || new_epoch))
    throw Error(ErrorKind::corrupt, "QZ-AGT-051", to_text(there) + " does not follow " + to_text(here));
}

namespace {

struct Place {
  std::uint32_t ordinal;
  std::size_t group;
  std::size_t row;
};

// Items of the content that this group carries, as indexes into content.items.
std::vector<std::size_t> carried_items(const seal::BatchContent& content, const std::set<std::string>& granted) {
  std::vector<std::size_t> items;
  for (std::size_t i = 0; i < content.items.size(); ++i)
    if (granted.count(content.items[i]) != 0) items.push_back(i);
  return items;
}

}  // namespace

void ApplyBuilder::add_rows(const seal::Parsed& batch) {
  const seal::BatchContent content = batch.open();
  std::vector<Place> places;
  std::vector<std::vector<std::size_t>> items;
  for (std::size_t g = 0; g < content.groups.size(); ++g) {
    items.push_back(carried_items(content, granted_.items_in(content.groups[g].group)));
    for (std::size_t row = 0; row < content.groups[g].meta.size(); ++row)
      places.push_back({content.groups[g].meta[row].ordinal, g, row});
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.ordinal < b.ordinal; });
  adapter::RowsStep* rows = nullptr;
  std::optional<std::size_t> shape;  // group whose item set the open step has
  for (std::size_t from = 0; from < places.size();) {
    const Place& place = places[from];
    if (!shape || items[*shape] != items[place.group]) {
      adapter::Step step;
      step.rows.seen = state_.seen();
      step.rows.batch = batch.header().position;
      for (const std::size_t item : items[place.group])
        step.rows.indexes.push_back(topic_.index_of(content.items[item]));
      step.rows.columns.resize(step.rows.indexes.size());
      steps_.push_back(std::move(step));
      rows = &steps_.back().rows;
      shape = place.group;
    }
    // Rows of one group that follow each other are copied together.
    std::size_t to = from;
    while (to < places.size() && places[to].group == place.group && places[to].row == place.row + (to - from)) ++to;
    const std::size_t end = place.row + (to - from);
    const seal::GroupRows& group = content.groups[place.group];
    for (std::size_t row = place.row; row < end; ++row) {
      rows->meta.push_back(group.meta[row]);
      if (rows->meta.back().operation == Operation::upsert) ++state_.upserted;
      if (rows->meta.back().operation == Operation::remove) ++state_.removed;
      rows->groups.push_back(group.group);
    }
    for (std::size_t i = 0; i < rows->columns.size(); ++i)
      rows->columns[i].append_range(group.items[items[place.group][i]], place.row, end);
    from = to;
  }
  for (const seal::GroupRows& group : content.groups)
    for (const Column& column : group.items) octets_ += column.octets();
  octets_ += places.size() * sizeof(RowMeta);
}

std::vector<adapter::Step> ApplyBuilder::take_steps() {
  first_ = head_;
  octets_ = 0;
  return std::exchange(steps_, {});
}

void ApplyBuilder::add(const seal::Parsed& batch) {
  check_follows(batch);
  const seal::Header& header = batch.header();
  switch (header.kind) {
    case BatchKind::begin: {
      // Any earlier tracking ends without removing anything.
      state_.tracked = header.scope.intersect(granted_.groups());
      state_.tracked_begin = state_.tracked.is_empty() ? Digest{} : batch.digest();
      break;
    }
    case BatchKind::end:
      if (state_.is_tracking() && header.begin == state_.tracked_begin) {
        adapter::Step sweep;
        sweep.kind = adapter::Step::Kind::sweep;
        sweep.groups = state_.tracked;
        sweep.seen = state_.seen();
        steps_.push_back(std::move(sweep));
        state_.complete = state_.complete.unite(state_.tracked);
        state_.tracked_begin = {};
        state_.tracked = GroupSet::none();
      }
      break;
    case BatchKind::change:
    case BatchKind::rows:
      if (!batch.is_bare()) {
        add_rows(batch);
        has_rows_ = true;
      }
      break;
  }
  state_.alive = header.time;
  head_ = batch.head();
}

}  // namespace qianzhi::flow

#include "agent/flow/quarantine.h"

#include <algorithm>

#include "agent/flow/record.pb.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::flow {

namespace {

constexpr std::string_view retry_prefix = "retry/";
constexpr std::string_view again_prefix = "ask-again/";

std::string named(std::string_view prefix, std::string_view rest) { return std::string(prefix).append(rest); }

}  // namespace

std::vector<ShownCell> cells_of(const store::QuarantineEntry& entry) {
  record::Row row;
  if (!row.ParseFromString(entry.row)) throw Error(ErrorKind::corrupt, "QZ-AGT-050", "quarantined row");
  std::vector<ShownCell> cells;
  for (const record::Cell& cell : row.cells()) {
    const bool has_text = cell.presence() == static_cast<std::uint32_t>(Presence::value) ||
                          cell.presence() == static_cast<std::uint32_t>(Presence::invalid);
    cells.push_back({cell.name(), has_text ? cell.text() : "(null)"});
  }
  return cells;
}

void retry_later(store::Store& store, std::int64_t id) {
  store.update([&](store::StoreTransaction& transaction) {
    transaction.put_value(named(retry_prefix, std::to_string(id)), "1");
  });
}

std::vector<store::QuarantineEntry> take_retries(store::Store& store, store::QuarantineSide side) {
  const auto marks = store.values_with_prefix(retry_prefix);
  if (marks.empty()) return {};
  std::vector<store::QuarantineEntry> taken;
  std::vector<std::string> names;
  for (store::QuarantineEntry& entry : store.quarantine(true)) {
    const std::string name = named(retry_prefix, std::to_string(entry.id));
    const bool marked = std::any_of(marks.begin(), marks.end(), [&](const auto& mark) { return mark.first == name; });
    if (!marked || entry.side != side) continue;
    names.push_back(name);
    taken.push_back(std::move(entry));
  }
  if (!names.empty())
    store.update([&](store::StoreTransaction& transaction) {
      for (const std::string& name : names) transaction.erase_value(name);
    });
  return taken;
}

void skip(store::Store& store, const store::QuarantineEntry& entry, const std::string& reason, Micros now) {
  const std::string name = "skipped/" + to_text(now) + "/" + std::to_string(entry.id);
  const std::string text = entry.topic + " " + entry.code + " " + entry.detail + ": " + reason;
  store.update([&](store::StoreTransaction& transaction) {
    transaction.release(entry.id);
    transaction.put_value(name, text);
  });
}

void ask_again(store::Store& store, const std::string& topic) {
  store.update([&](store::StoreTransaction& transaction) { transaction.put_value(named(again_prefix, topic), "1"); });
}

bool take_ask_again(store::Store& store, const std::string& topic) {
  const std::string name = named(again_prefix, topic);
  if (!store.value(name)) return false;
  store.update([&](store::StoreTransaction& transaction) { transaction.erase_value(name); });
  return true;
}

}  // namespace qianzhi::flow

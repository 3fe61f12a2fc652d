// Rows set aside: what is kept of them, and how an operator's decision reaches the stage that acts on it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/store/store.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/model/rows.h"

namespace qianzhi::flow {

struct ShownCell {
  std::string name;
  std::string text;
};

// entry.row as it was set aside, for `qianzhi quarantine show`. Throws Error(corrupt, QZ-AGT-050).
std::vector<ShownCell> cells_of(const store::QuarantineEntry& entry);

// Marks an entry to be tried again by the stage that owns it.
void retry_later(store::Store& store, std::int64_t id);
// Entries of one side that are marked, with their rows; the marks are taken off.
std::vector<store::QuarantineEntry> take_retries(store::Store& store, store::QuarantineSide side);

// Gives a row up, with the reason kept for the auditor.
void skip(store::Store& store, const store::QuarantineEntry& entry, const std::string& reason, Micros now);

// The subscriber's wish for a full refill of a topic it receives, durable until deliver took it.
void ask_again(store::Store& store, const std::string& topic);
bool take_ask_again(store::Store& store, const std::string& topic);

}  // namespace qianzhi::flow

// What receivers must have, worked out a second time: straight from the source tables by plain SQL and the few rules
// written down in expected.cpp. It shares no code with capture, mapping, sealing, delivery or the adapters, so
// agreement with it means something; it knows what the demonstration's departments write and would be no use for
// others.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hub-protocol/model/topic.h"
#include "packaging/demo/database.h"

namespace qianzhi::demo {

// Key values joined by a separator -> values of the topic's items, in catalogue order.
using Rows = std::map<std::string, Row>;

std::string key_of(const Topic& topic, const Row& row);

Rows expected_rows(Database& source, const Topic& topic);

// What a received table holds. Columns are cast to text and nothing else.
Rows received_rows(Database& target, const Topic& topic);

}  // namespace qianzhi::demo

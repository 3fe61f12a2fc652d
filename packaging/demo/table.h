// The live table: a line a topic, a column a department.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "packaging/demo/exchange.h"
#include "packaging/demo/site.h"
#include "packaging/demo/traffic.h"

namespace qianzhi::demo {

struct Shown {
  const std::vector<Member>& members;
  const std::map<std::string, std::vector<std::string>>& receivers;  // by topic
  const std::map<std::string, std::string>& titles;                  // of topics, Chinese
  const Exchange& exchange;
  const Traffic& traffic;
};

// Rows committed at the source, sealed (what is sent again for a newcomer included), receipted by the hub, written at
// each receiver, and how many batches the last receiver is behind. Ends with a newline.
std::string live_table(const Shown& shown);

// The same in one line, summed up.
std::string live_line(const Shown& shown);

}  // namespace qianzhi::demo

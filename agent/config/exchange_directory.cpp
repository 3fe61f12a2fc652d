#include <algorithm>

#include "agent/config/parts.h"

namespace qianzhi::config {

namespace {

constexpr Micros one_second = 1'000'000;

void require_within(yaml::MapReader& reader, std::string_view key, Micros value, Micros least, Micros most,
                    std::string_view zh, std::string_view en) {
  const yaml::Node* node = reader.find(key);
  if (value < least || value > most)
    yaml::complain_form(node != nullptr ? *node : *reader.find("timeout"), reader.path_of(key), zh, en,
                        reader.diagnostics());
}

}  // namespace

ExchangeDirectory read_exchange_directory(yaml::MapReader& exchange) {
  ExchangeDirectory directory;
  yaml::MapReader reader = exchange.map("directory", true);
  directory.place = reader.place();
  directory.out = reader.file("out");
  directory.in = reader.file("in");
  directory.hub_certificate = reader.file("hub_certificate");
  directory.poll = reader.duration("poll", directory.poll);
  directory.timeout = reader.duration("timeout", directory.timeout);
  directory.repeat = reader.duration("repeat", std::min(directory.repeat, directory.timeout));
  reader.finish();
  if (!reader.is_map()) return directory;
  require_within(reader, "poll", directory.poll, one_second, 86'400 * one_second, "1s 到 1d", "between 1s and 1d");
  require_within(reader, "timeout", directory.timeout, 60 * one_second, Micros{7} * 86'400 * one_second, "1m 到 7d",
                 "between 1m and 7d");
  require_within(reader, "repeat", directory.repeat, one_second, directory.timeout, "1s 到 timeout",
                 "between 1s and timeout");
  if (!directory.out.empty() && directory.out == directory.in)
    yaml::complain_form(*reader.find("in"), reader.path_of("in"), "与 out 不同的目录", "another folder than out",
                        reader.diagnostics());
  return directory;
}

}  // namespace qianzhi::config

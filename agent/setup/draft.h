// A first configuration of an agent, as small as it can be and with comments for the person who goes on with it. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/setup/matching.h"
#include "hub-protocol/model/topic.h"

namespace qianzhi::setup {

struct DraftDatabase {
  std::string id;                                             // "department-db"
  std::string type;                                           // "postgresql"
  std::vector<std::pair<std::string, std::string>> settings;  // in this order: dsn, host, file, ...
  std::string password_file;                                  // empty: none
  std::string capture;                                        // of a source; empty: the usual one
};

struct DraftPublication {
  const Topic* topic = nullptr;  // of the catalogue, which outlives the draft
  TableMatch match;
};

struct DraftSubscription {
  std::string topic;
  std::string title;
};

struct Draft {
  std::string identity;  // the lines that `qianzhi enrol` wrote: agent, exchange, queue with its key
  std::string name;      // for people; empty: none
  std::string queue;     // path
  std::uint16_t page = 8420;
  std::optional<DraftDatabase> source;
  std::optional<DraftDatabase> target;
  std::vector<DraftPublication> publications;
  std::vector<DraftSubscription> subscriptions;
};

// The file. Items without a column stand there as comments with title and type. Every value that is not plain is
// quoted, so that reading the text gives exactly these values.
std::string to_yaml(const Draft& draft);

}  // namespace qianzhi::setup

// `feeds:` of desk.yaml: what leaves the departments for the public, and in which form.
//
//   feeds:
//     - id: licences
//       title: 许可信息
//       table: licence.company               # a table of desk.yaml
//       topics: [licence.company]            # whose data is in it; a received table's own topic need not be named
//       items:                               # nothing else is published
//         - registration_number
//         - {item: legal_representative, mask: name, as: representative}
//         - {item: score, personal: false}   # an item that no topic has, reckoned here
//       folder: /srv/open-data               # files, and ID.manifest.json which names the newest
//       format: csv                          # or json: one object a line
//       outlet: portal                       # what changed, in pages, to this outlet
//       page: 500
//       every: 1d
//       pseudonym_key: {credential: feed-key}
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "agent/desk/feeds/feed_mask.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::desk {

struct FeedItem {
  std::string item;
  std::string as;  // its name in the feed
  FeedMask mask = FeedMask::none;
  bool not_personal = false;  // said of an item that no topic has
};

struct FeedConfig {
  std::string id;
  std::string title;
  std::string table;
  std::vector<std::string> topics;
  std::vector<FeedItem> items;
  std::filesystem::path folder;  // empty: no files
  bool csv = true;
  std::string outlet;  // empty: none
  std::size_t page = 500;
  Micros every = 86'400'000'000;
  std::optional<yaml::Secret> pseudonym_key;
};

// What is wrong is a diagnostic. outlets: ids that there are.
std::vector<FeedConfig> read_feeds(yaml::MapReader& root, const std::vector<std::string>& outlets,
                                   std::string_view key = "feeds");

}  // namespace qianzhi::desk

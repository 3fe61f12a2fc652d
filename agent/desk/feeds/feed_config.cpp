#include "agent/desk/feeds/feed_config.h"

#include <algorithm>
#include <set>

namespace qianzhi::desk {

namespace {

constexpr std::uint64_t most_in_page = 10'000;

FeedItem read_item(const yaml::Node& node, const std::string& path, yaml::Diagnostics& diagnostics) {
  if (node.is_scalar()) return {node.text, node.text, FeedMask::none, false};
  yaml::MapReader reader(&node, path, diagnostics);
  FeedItem item;
  item.item = reader.text("item");
  item.as = reader.text("as", item.item);
  const yaml::Node* mask = reader.find("mask");
  if (mask != nullptr) {
    const auto known = feed_mask_of(reader.text("mask"));
    if (!known)
      yaml::complain_form(*mask, reader.path_of("mask"), "all name phone document year district pseudonym 之一",
                          "one of all name phone document year district pseudonym", diagnostics);
    item.mask = known.value_or(FeedMask::all);
  }
  item.not_personal = !reader.boolean("personal", true);
  reader.finish();
  return item;
}

void read_items(yaml::MapReader& reader, FeedConfig& config) {
  const yaml::Node* node = reader.require("items");
  if (node == nullptr) return;
  if (!node->is_sequence()) return yaml::complain_kind(*node, reader.path_of("items"), "list", reader.diagnostics());
  std::set<std::string> names;
  for (const yaml::Node& item : node->items) {
    config.items.push_back(read_item(item, reader.path_of("items"), reader.diagnostics()));
    if (!names.insert(config.items.back().as).second)
      yaml::complain_form(item, reader.path_of("items"), "不重复的名字", "names of their own", reader.diagnostics());
  }
  if (node->items.empty())
    yaml::complain_form(*node, reader.path_of("items"), "至少一项", "at least one item", reader.diagnostics());
}

FeedConfig read_feed(yaml::MapReader& reader, const std::vector<std::string>& outlets) {
  FeedConfig config;
  config.id = reader.id("id");
  config.title = reader.text("title", config.id);
  config.table = reader.text("table");
  for (const yaml::Node* node : reader.list("topics", true)) config.topics.push_back(node->text);
  read_items(reader, config);
  config.folder = reader.file("folder", {});
  config.csv = reader.choice<bool>("format", {{"csv", true}, {"json", false}}, true);
  const yaml::Node* outlet = reader.find("outlet");
  config.outlet = reader.text("outlet", "");
  if (outlet != nullptr && std::find(outlets.begin(), outlets.end(), config.outlet) == outlets.end())
    yaml::complain_form(*outlet, reader.path_of("outlet"), "outlets 中的名字", "an id of outlets",
                        reader.diagnostics());
  if (outlet == nullptr && config.folder.empty()) reader.require("folder");
  config.page = reader.integer("page", 1, most_in_page, config.page);
  config.every = reader.duration("every", config.every);
  const bool has_pseudonyms = std::any_of(config.items.begin(), config.items.end(),
                                          [](const FeedItem& item) { return item.mask == FeedMask::pseudonym; });
  config.pseudonym_key = reader.secret("pseudonym_key", has_pseudonyms);
  reader.finish();
  return config;
}

}  // namespace

std::vector<FeedConfig> read_feeds(yaml::MapReader& root, const std::vector<std::string>& outlets,
                                   std::string_view key) {
  std::vector<FeedConfig> feeds;
  const yaml::Node* node = root.find(key);
  if (node == nullptr) return feeds;
  if (!node->is_sequence()) {
    yaml::complain_kind(*node, root.path_of(key), "list", root.diagnostics());
    return feeds;
  }
  std::set<std::string> ids;
  for (const yaml::Node& item : node->items) {
    yaml::MapReader entry(&item, root.path_of(key) + "[" + std::to_string(feeds.size() + 1) + "]", root.diagnostics());
    feeds.push_back(read_feed(entry, outlets));
    if (!feeds.back().id.empty() && !ids.insert(feeds.back().id).second)
      yaml::complain_form(item, entry.path_of("id"), "不重复的名字", "an id of its own", root.diagnostics());
  }
  return feeds;
}

}  // namespace qianzhi::desk

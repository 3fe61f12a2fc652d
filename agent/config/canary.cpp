#include "agent/config/names.h"
#include "agent/config/parts.h"

namespace qianzhi::config {

namespace {

using yaml::MapReader;
using yaml::Node;

constexpr Micros usual_silence = 600'000'000;
constexpr Micros usual_patience = 120'000'000;
constexpr Micros least_silence = 60'000'000;
constexpr Micros least_patience = 5'000'000;

Micros at_least(MapReader& reader, std::string_view key, Micros usual, Micros least, std::string_view least_text) {
  const Micros time = reader.duration(key, usual);
  if (time >= least || reader.find(key) == nullptr) return time;
  complain_form(*reader.find(key), reader.path_of(key), "至少 " + std::string(least_text),
                "at least " + std::string(least_text), reader.diagnostics());
  return usual;
}

// Where the whole of it is looked at again and again, what is there is known without a canary.
bool refuse_mode(const Node& node, MapReader& reader, const SourceConfig& source) {
  if (source.capture == Capture::log || source.capture == Capture::journal) {
    if (source.database.type != "files") return false;
    reader.diagnostics().error("QZ-CFG-037", node.place, "files 不需要 canary：每个全量文件本身就证明来源畅通",
                               "files need no canary: each full file proves that the source is alive",
                               "删去这一行 (remove this line)");
    return true;
  }
  const bool diff = source.capture == Capture::diff;
  reader.diagnostics().error(
      "QZ-CFG-037", node.place,
      diff ? "diff 方式不需要 canary：每次完整比对本身就证明来源畅通"
           : "水位方式不需要 canary：每次读表本身就证明来源畅通",
      diff ? "capture by diff needs no canary: each whole comparison proves that the source is alive"
           : "capture by watermark needs no canary: each look at the tables proves that the source is alive",
      "删去这一行 (remove this line)");
  return true;
}

// In PostgreSQL what is ours has a schema of its own.
std::string usual_table(const Config& config, const SourceConfig& source) {
  const std::string name = source_name(config.agent_id, source.database.id);
  return source.database.type == "postgresql" ? "qianzhi." + name + "_canary" : "qianzhi_" + name + "_canary";
}

}  // namespace

CanaryConfig read_canary(MapReader& reader, const Config& config, const SourceConfig& source) {
  CanaryConfig canary;
  const Node* node = reader.find("canary");
  if (node == nullptr) return canary;
  canary.place = node->place;
  if (node->is_map()) {
    MapReader settings = reader.map("canary", false);
    canary.every = at_least(settings, "every", usual_silence, least_silence, "1m");
    canary.within = at_least(settings, "within", usual_patience, least_patience, "5s");
    canary.table = settings.text("table", usual_table(config, source));
    settings.finish();
  } else if (reader.boolean("canary", false)) {
    canary.every = usual_silence;
    canary.table = usual_table(config, source);
  }
  if (canary.every != 0 && refuse_mode(*node, reader, source)) canary.every = 0;
  return canary;
}

}  // namespace qianzhi::config

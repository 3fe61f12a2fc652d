// Any octets as a YAML document, as an agent's configuration and as the CSV file of a code table. Nothing may be
// thrown; a report is bounded, valid UTF-8 and shows no secret; what is accepted without an error has unique keys.
#include <cstdint>
#include <set>
#include <string>

#include "hub-protocol/base/error.h"
#include "hub-protocol/yaml/code_tables.h"
#include "hub-protocol/yaml/document.h"
#include "hub-protocol/yaml/reader.h"
#include "hub-protocol/yaml/utf8.h"

using namespace qianzhi;
using namespace qianzhi::yaml;

namespace {

constexpr std::size_t max_report = std::size_t{8} << 20U;

void check_tree(const Node& node, std::size_t depth) {
  QZ_ASSERT(depth <= max_document_depth + 1);
  std::set<std::string> keys;
  for (const Entry& entry : node.entries) {
    QZ_ASSERT(keys.insert(entry.key).second);
    QZ_ASSERT(entry.key_place.line > 0 && entry.key_place.column > 0);
    check_tree(entry.value, depth + 1);
  }
  for (const Node& item : node.items) check_tree(item, depth + 1);
}

void read_some(const Node& root, Diagnostics& diagnostics) {
  MapReader reader(&root, {}, diagnostics);
  reader.integer("version", 1, 1);
  reader.secret("password", true);
  reader.list("items", true);
  MapReader agent = reader.map("agent", true);
  agent.id("id");
  agent.file("path");
  agent.size("max_size");
  agent.duration("poll_interval");
  agent.boolean("on", false);
  agent.finish();
  reader.finish();
}

void read_codes(const std::string& text, Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.errors();
  CodeTable table;
  table.id = "fuzz";
  parse_code_entries("fuzz.csv", text, table, diagnostics);
  QZ_ASSERT(diagnostics.errors() != errors || fault_of(table).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  Diagnostics diagnostics;
  const auto root = parse_document("fuzz.yaml", text, diagnostics);
  if (root && !diagnostics.has_errors()) check_tree(*root, 0);
  QZ_ASSERT(root || diagnostics.has_errors());
  if (root) read_some(*root, diagnostics);
  read_codes(text, diagnostics);
  const std::string report = diagnostics.render();
  QZ_ASSERT(report.size() <= max_report);
  QZ_ASSERT(find_invalid(report) == std::string_view::npos);
  return 0;
}

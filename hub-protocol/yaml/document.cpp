#include "hub-protocol/yaml/document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <unordered_map>
#include <utility>

#include "hub-protocol/yaml/scan.h"
#include "hub-protocol/yaml/text_file.h"
#include "hub-protocol/yaml/utf8.h"

namespace qianzhi::yaml {

namespace {

// Builds the tree from the parser's events and refuses what the scan could not see: duplicate keys and keys that are
// no text.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(Scan& scan, Diagnostics& diagnostics) : scan_(scan), diagnostics_(diagnostics) {}

  bool has_root() const { return has_root_; }
  Node take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    Node node;
    node.place = place(mark, 1);
    add(std::move(node));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    diagnostics_.error("QZ-CFG-011", place(mark, 1), "不支持引用 (*)", "aliases (*) are not supported");
    add(Node{});
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node;
    node.kind = Node::Kind::scalar;
    node.quoted = tag == "!";
    node.place = place(mark, count_characters(value) + (node.quoted ? 2 : 0));
    node.text = value;
    refuse_decoration(node.place, anchor != 0 || (tag != "?" && tag != "!"));
    for (const char c : value) {
      const bool is_control = (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
      if (!is_control) continue;
      diagnostics_.error("QZ-CFG-005", node.place, "值中有控制字符", "the value holds a control character");
      break;
    }
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::sequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Node node;
    bool has_key = false;
    std::string key;
    Place key_place;
    std::unordered_map<std::string, std::size_t> lines;  // of the keys so far
  };

  Place place(const YAML::Mark& mark, std::size_t length) {
    return scan_.place_at(static_cast<std::size_t>(std::max(mark.line, 0)),
                          static_cast<std::size_t>(std::max(mark.column, 0)), length);
  }

  void refuse_decoration(const Place& at, bool is_decorated) {
    if (is_decorated) {
      diagnostics_.error("QZ-CFG-011", at, "不支持锚点 (&) 和标签 (!)", "anchors (&) and tags (!) are not supported");
    }
  }

  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    Frame frame;
    frame.node.kind = kind;
    frame.node.place = place(mark, 1);
    refuse_decoration(frame.node.place, anchor != 0 || (tag != "?" && !tag.empty()));
    frames_.push_back(std::move(frame));
  }

  void close() {
    Node node = std::move(frames_.back().node);
    frames_.pop_back();
    add(std::move(node));
  }

  void add(Node node) {
    if (frames_.empty()) {
      root_ = std::move(node);
      has_root_ = true;
      return;
    }
    Frame& frame = frames_.back();
    if (!frame.node.is_map()) {
      frame.node.items.push_back(std::move(node));
    } else if (!frame.has_key) {
      take_key(frame, node);
    } else {
      // yaml-cpp places an empty value at whatever comes next.
      if (node.is_empty()) node.place = frame.key_place;
      frame.node.entries.push_back({std::move(frame.key), frame.key_place, std::move(node)});
      frame.has_key = false;
    }
  }

  void take_key(Frame& frame, const Node& node) {
    frame.has_key = true;
    frame.key = node.text;
    frame.key_place = node.place;
    if (!node.is_scalar()) {
      diagnostics_.error("QZ-CFG-002", node.place, "键必须是一段文字", "a key must be a text");
      return;
    }
    const auto [found, is_new] = frame.lines.emplace(node.text, node.place.line);
    if (is_new) return;
    const std::string line = std::to_string(found->second);
    diagnostics_.error("QZ-CFG-008", node.place, "\"" + node.text + "\" 重复，第 " + line + " 行已经写过",
                       "\"" + node.text + "\" is written twice; the first is in line " + line,
                       "只保留一处 (keep one of the two)");
  }

  Scan& scan_;
  Diagnostics& diagnostics_;
  Node root_;
  bool has_root_ = false;
  std::vector<Frame> frames_;
};

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

std::optional<Node> parse_document(const std::filesystem::path& name, std::string_view text, Diagnostics& diagnostics) {
  const auto source = readable_text(name, text, diagnostics);
  if (source == nullptr) return std::nullopt;
  const std::size_t errors_before = diagnostics.errors();
  Scan scan = scan_text(source, text, diagnostics);
  if (scan.is_fatal) return std::nullopt;

  TreeBuilder builder(scan, diagnostics);
  try {
    std::istringstream stream(scan.text);
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
  } catch (const YAML::Exception& fault) {
    // After a mended mistake the parser's complaint would only repeat it in other words.
    if (diagnostics.errors() == errors_before) {
      const auto line = static_cast<std::size_t>(std::max(fault.mark.line, 0));
      const auto column = static_cast<std::size_t>(std::max(fault.mark.column, 0));
      diagnostics.error("QZ-CFG-002", scan.place_at(line, column, 1), "YAML 语法错误：检查这一行的缩进、冒号和引号",
                        "YAML syntax: " + fault.msg);
    }
    return std::nullopt;
  }
  if (!builder.has_root()) {
    if (diagnostics.errors() == errors_before) {
      diagnostics.error("QZ-CFG-010", {source, 0, 0, 0}, "文件是空的", "the file is empty");
    }
    return std::nullopt;
  }
  Node root = builder.take_root();
  if (!root.is_map()) {
    if (diagnostics.errors() == errors_before) {
      diagnostics.error("QZ-CFG-010", {source, 1, 1, 1}, "文件最外层必须是 \"键: 值\"",
                        "the outermost level must be \"key: value\" lines");
    }
    return std::nullopt;
  }
  root.place = {source, 0, 0, 0};
  return root;
}

std::optional<Node> read_document(const std::filesystem::path& file, Diagnostics& diagnostics) {
  const auto text = read_text_file(file, diagnostics);
  return text ? parse_document(file, *text, diagnostics) : std::nullopt;
}

}  // namespace qianzhi::yaml

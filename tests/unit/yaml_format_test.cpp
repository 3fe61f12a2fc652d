// fmt: one form, and nothing lost.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "hub-protocol/yaml/document.h"
#include "hub-protocol/yaml/format.h"

using namespace qianzhi;

namespace {

std::string formatted(const std::string& text) {
  yaml::Diagnostics diagnostics;
  const auto result = yaml::format_document("a.yaml", text, diagnostics);
  return result ? *result : diagnostics.render();
}

std::string whole(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

// Everything that means something, in order: keys, values, whether they are quoted.
std::string meaning(const yaml::Node& node) {
  if (node.is_scalar()) return (node.quoted ? "q" : "p") + std::to_string(node.text.size()) + ":" + node.text;
  std::string text = node.is_map() ? "{" : node.is_sequence() ? "[" : "-";
  for (const yaml::Entry& entry : node.entries) text += entry.key + "=" + meaning(entry.value) + ",";
  for (const yaml::Node& item : node.items) text += meaning(item) + ",";
  return text + ".";
}

std::string meaning_of(const std::string& text) {
  yaml::Diagnostics diagnostics;
  const auto root = yaml::parse_document("a.yaml", text, diagnostics);
  INFO(diagnostics.render());
  REQUIRE((root && !diagnostics.has_errors()));
  return meaning(*root);
}

void check_same(const std::string& text) {
  yaml::Diagnostics diagnostics;
  const auto result = yaml::format_document("a.yaml", text, diagnostics);
  INFO(text << "\n---\n" << diagnostics.render());
  REQUIRE(result);
  CHECK(meaning_of(*result) == meaning_of(text));
  CHECK(formatted(*result) == *result);
  for (const char* sign : {"# one", "# two", "# 三"}) {
    const auto count = [&](const std::string& in) {
      int found = 0;
      for (std::size_t at = in.find(sign); at != std::string::npos; at = in.find(sign, at + 1)) ++found;
      return found;
    };
    CHECK(count(*result) == count(text));
  }
}

// Documents of every accepted form with random indentation, spaces, comments and blank lines.
class Writer {
 public:
  explicit Writer(unsigned seed) : random_(seed) {}

  std::string document() {
    map(0, 3);
    return out_;
  }

 private:
  unsigned below(unsigned most) { return static_cast<unsigned>(random_() % most); }
  std::string spaces(unsigned least, unsigned more) { return std::string(least + below(more), ' '); }

  std::string scalar() {
    static const std::vector<std::string> all = {"a",     "\"x # y\"", "'it''s'", "010", "a b  c",      "值",
                                                 "1:2",   "\"\\\"\"",  "a#b",     "-x",  "\"a: b\"",    "http://h:1/x",
                                                 "'{a}'", "a, b",      "[1,2 ]",  "{ }", "{k: [v,  w]}"};
    return all[below(static_cast<unsigned>(all.size()))];
  }

  std::string flow_scalar() {
    static const std::vector<std::string> all = {"a", "\"x, y\"", "'it''s'", "a b", "值", "1:2", "\"}\""};
    return all[below(static_cast<unsigned>(all.size()))];
  }

  std::string flow() {
    std::string text = "{" + spaces(0, 2);
    for (unsigned i = 0, n = below(4); i < n; ++i)
      text += (i == 0 ? "" : "," + spaces(1, 3)) + std::string("k") + std::to_string(i) + ":" + spaces(1, 2) +
              flow_scalar();
    return text + spaces(0, 2) + "}";
  }

  void end() {
    static const std::vector<std::string> ends = {"", "", "", "  # one", " # two", "     # 三", "  "};
    out_ += ends[below(static_cast<unsigned>(ends.size()))] + "\n";
    if (below(6) == 0) out_ += "\n";
    if (below(12) == 0) out_ += "\n\n";
  }

  void note(std::size_t indent) {
    if (below(5) == 0) out_ += std::string(indent, ' ') + "# one\n";
  }

  void entry(std::size_t indent, int depth, unsigned number) {
    out_ += "key" + std::to_string(number) + ":";
    const unsigned kind = below(depth > 0 ? 6 : 3);
    if (kind == 0) {
      out_ += spaces(1, 3) + scalar();
      end();
    } else if (kind == 1) {
      out_ += spaces(1, 3) + flow();
      end();
    } else if (kind == 2) {
      out_ += " |\n" + std::string(indent + 3, ' ') + "text # no comment\n\n" + std::string(indent + 5, ' ') + "more\n";
    } else if (kind == 3) {
      end();
      list(indent + below(3), depth - 1);
    } else {
      end();
      map(indent + 1 + below(4), depth - 1);
    }
  }

  void map(std::size_t indent, int depth) {
    for (unsigned i = 0, n = 1 + below(4); i < n; ++i) {
      note(indent);
      out_ += std::string(indent, ' ');
      entry(indent, depth, i);
    }
  }

  void list(std::size_t indent, int depth) {
    for (unsigned i = 0, n = 1 + below(3); i < n; ++i) {
      note(indent);
      const std::string dash = "-" + spaces(1, 3);
      out_ += std::string(indent, ' ') + dash;
      if (below(2) == 0) {
        out_ += flow_scalar();
        end();
        continue;
      }
      entry(indent + dash.size(), depth, 0);
      if (below(2) == 0) {
        out_ += std::string(indent + dash.size(), ' ');
        entry(indent + dash.size(), depth, 1);
      }
    }
  }

  std::mt19937 random_;
  std::string out_;
};

}  // namespace

TEST_CASE("E1 fmt brings every way of writing into one form") {
  CHECK(formatted("a:   1   # x\n\n\n\nb:\n- c\n-   d:  2\n    e: 3\n") ==
        "a: 1  # x\n\nb:\n  - c\n  - d: 2\n    e: 3\n");
  CHECK(formatted("\xEF\xBB\xBF"
                  "a: {b : 1,c: [ x,y ] }\r\n") == "a: {b: 1, c: [x, y]}\n");
  CHECK(formatted("a:\n        b: 1\n        # about c\n        c:\n              d: 2\n") ==
        "a:\n  b: 1\n  # about c\n  c:\n    d: 2\n");
  CHECK(formatted("a: 1       # one\nbb: 2      # two\n           # more\nc: 3\n") ==
        "a: 1   # one\nbb: 2  # two\n       # more\nc: 3\n");
  CHECK(formatted("a:\n   - b: |\n         text\n           more\n     c: 1\n") ==
        "a:\n  - b: |\n      text\n        more\n    c: 1\n");
}

TEST_CASE("E1 fmt refuses what it cannot prove, and a file with errors") {
  CHECK(formatted("a: |2\n   text\n").find("QZ-CFG-120") != std::string::npos);
  CHECK(formatted("a: 1\na: 2\n").find("QZ-CFG-008") != std::string::npos);
}

TEST_CASE("E1 fmt keeps the meaning and the comments of every example") {
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(QIANZHI_CONF)) {
    if (entry.path().extension() != ".yaml") continue;
    ++files;
    INFO(entry.path().string());
    check_same(whole(entry.path()));
  }
  CHECK(files > 15);
}

TEST_CASE("E1 fmt keeps the meaning and the comments of random documents, and does it once") {
  for (unsigned seed = 1; seed <= 2000; ++seed) {
    const std::string text = Writer(seed).document();
    yaml::Diagnostics diagnostics;
    const auto root = yaml::parse_document("a.yaml", text, diagnostics);
    INFO("seed " << seed << "\n" << text << diagnostics.render());
    REQUIRE((root && !diagnostics.has_errors()));
    check_same(text);
  }
}

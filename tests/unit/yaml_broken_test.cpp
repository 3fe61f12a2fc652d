// E1: broken files, each with the code, line and column that must come out.
#include <catch2/catch.hpp>

#include "hub-protocol/yaml/document.h"

using namespace qianzhi::yaml;

namespace {

struct Broken {
  std::string what;
  std::string text;
  std::string findings;  // "line:column code" joined by ", "
};

std::string nested(std::size_t depth) {
  std::string text = "a: ";
  for (std::size_t i = 0; i < depth; ++i) text += "[";
  for (std::size_t i = 0; i < depth; ++i) text += "]";
  return text + "\n";
}

std::string stairs(std::size_t depth) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += std::string(i, ' ') + "k:\n";
  return text + std::string(depth, ' ') + "k: 1\n";
}

// P44: what yaml-cpp 0.7 accepts, swallows or misplaces.
const std::vector<Broken> of_pitfall_44 = {
    {"duplicate key", "a: 1\nb: 2\na: 3\n", "3:1 QZ-CFG-008"},
    {"duplicate key in braces", "m: {a: 1, b: 2, a: 3}\n", "1:17 QZ-CFG-008"},
    {"duplicate key, quoted once", "a: 1\n\"a\": 2\n", "2:1 QZ-CFG-008"},
    {"duplicate nested key", "s:\n  x: 1\n  x: 2\n", "3:3 QZ-CFG-008"},
    {"duplicate key in a list of maps", "- 1\n", "1:1 QZ-CFG-010"},
    {"GBK", "a: 1\nname: \xC7\xB0\xD6\xC3\xBB\xFA\n", "2:7 QZ-CFG-001"},
    {"other octets", "a: 1\nb: \xFF\n", "2:4 QZ-CFG-001"},
    {"overlong UTF-8", "a: \xC0\xAF\n", "1:4 QZ-CFG-001"},
    {"UTF-16",
     std::string("\xFF\xFE"
                 "a\0:\0",
                 6),
     "1:1 QZ-CFG-001"},
    {"unclosed double quote", "a: 1\nb: \"oops\nc: 3\nd: 4\n", "2:4 QZ-CFG-006"},
    {"unclosed single quote", "a: 'oops\nc: 3\n", "1:4 QZ-CFG-006"},
    {"unclosed quote in braces", "a: {x: \"y}\nb: 1\n", "1:8 QZ-CFG-006"},
    {"quote that ends on another line", "a: \"x\n  y\"\n", "1:4 QZ-CFG-006"},
    {"full-width space in a key's place", "a: 1\n\xE3\x80\x80type: x\n", "2:1 QZ-CFG-005"},
    {"full-width space behind the colon",
     "a:\xE3\x80\x80"
     "1\n",
     "1:3 QZ-CFG-005"},
    {"full-width space inside a value",
     "a: 工商局\xE3\x80\x80"
     "前置机\n",
     "1:7 QZ-CFG-005"},
    {"no-break space as indent",
     "a:\n\xC2\xA0\xC2\xA0"
     "b: 1\n",
     "2:1 QZ-CFG-005, 2:2 QZ-CFG-005"},
    {"no-break space behind the colon",
     "a:\xC2\xA0"
     "1\n",
     "1:3 QZ-CFG-005"},
    {"zero-width space",
     "a: b\xE2\x80\x8B"
     "c\n",
     "1:5 QZ-CFG-005"},
    {"value cut off by a comment sign", "password: Tax2024 #front\n", "1:19 QZ-CFG-007"},
    {"value swallowed by a comment sign", "a: #440103\n", "1:4 QZ-CFG-007"},
    {"value cut off in brackets", "a: [x #y\n  ]\n", "1:7 QZ-CFG-007"},
    {"full-width colon", "a: 1\ntype：x\nb: 2\n", "2:5 QZ-CFG-003"},
    {"only full-width colons", "a：1\nb：2\n", "1:2 QZ-CFG-003, 2:2 QZ-CFG-003"},
    {"full-width colon before a true one", "dsn：host=x: y\n", "1:4 QZ-CFG-003, 1:11 QZ-CFG-002"},
    {"full-width colon in a list entry", "a:\n  - topic：x\n", "2:10 QZ-CFG-003"},
    {"full-width colon in braces", "a: {type：x, b: 1}\n", "1:9 QZ-CFG-003"},
    {"full-width colon behind a quoted key", "\"a\"：1\n", "1:4 QZ-CFG-003"},
    {"full-width comma in a list", "a: [x，y]\n", "1:6 QZ-CFG-003"},
    {"full-width quotes", "a: “x”\n", "1:4 QZ-CFG-003"},
    {"full-width bracket", "a: ［x］\n", "1:4 QZ-CFG-003"},
    {"full-width closing brace", "a: {b: c｝\n", "1:4 QZ-CFG-002, 1:9 QZ-CFG-003"},
    {"tab as indent", "a:\n\tb: 1\n", "2:1 QZ-CFG-004"},
    {"tab behind the colon", "a:\tx\n", "1:3 QZ-CFG-004"},
    {"tab at the end", "a: x\t\n", "1:5 QZ-CFG-004"},
    {"second document", "a: 1\n---\nb: 2\n", "2:1 QZ-CFG-009"},
    {"text behind the end of the document", "a: 1\n...\nb: 2\n", "3:1 QZ-CFG-009"},
    {"directive", "%YAML 1.2\n---\na: 1\n", "1:1 QZ-CFG-009"},
};

const std::vector<Broken> of_syntax = {
    {"no space behind the colon", "a: 1\ntype:sqlite\n", "2:5 QZ-CFG-002"},
    {"no space in braces", "a: {type:sqlite}\n", "1:9 QZ-CFG-002"},
    {"equals sign", "a = 1\n", "1:1 QZ-CFG-002"},
    {"no colon at all", "a: 1\nhello\n", "2:1 QZ-CFG-002"},
    {"plain text over two lines", "a: one\n  two\n", "2:3 QZ-CFG-026, 2:3 QZ-CFG-002"},
    {"colon inside a value", "a: b: c\n", "1:5 QZ-CFG-002"},
    {"colon at the end of a value", "a: b:\n", "1:5 QZ-CFG-002"},
    {"indented too deep", "a: 1\n  b: 2\n", "2:3 QZ-CFG-026"},
    {"indentation between two levels", "a:\n    b: 1\n  c: 2\n", "3:3 QZ-CFG-026"},
    {"list entry off its column", "a:\n  - x\n   - y\n", "3:4 QZ-CFG-026"},
    {"bracket never closed", "a: [x, y\nb: 1\n", "1:4 QZ-CFG-002"},
    {"brace never closed at the end", "a: {x: 1\n", "1:4 QZ-CFG-002"},
    {"wrong closing bracket", "a: [x}\n", "1:6 QZ-CFG-002"},
    {"text behind a bracket", "a: [x] y\n", "1:8 QZ-CFG-002"},
    {"text behind a quote", "a: \"x\" y\n", "1:8 QZ-CFG-006"},
    {"missing comma", "a: [\"x\" \"y\"]\n", "1:9 QZ-CFG-002"},
    {"missing comma between entries", "a: {b: 1 c: 2}\n", "1:8 QZ-CFG-002"},
    {"entry without a value in braces", "a: {b}\n", "1:5 QZ-CFG-002"},
    {"list on the line of its key", "a: - x\n", "1:4 QZ-CFG-002"},
    {"anchor", "a: &x 1\n", "1:4 QZ-CFG-011"},
    {"alias", "a: *\n", "1:4 QZ-CFG-011"},
    {"alias in brackets", "a: [*x]\n", "1:5 QZ-CFG-011"},
    {"tag", "a: !!str 1\n", "1:4 QZ-CFG-011"},
    {"merge key", "a: 1\n<<: 2\n", "2:1 QZ-CFG-011"},
    {"complex key", "? a\n: b\n", "1:1 QZ-CFG-002"},
    {"reserved sign", "a: @x\n", "1:4 QZ-CFG-002"},
    {"percent sign", "a: %x\n", "1:4 QZ-CFG-002"},
    {"unknown escape", "a: \"C:\\data\"\n", "1:7 QZ-CFG-006"},
    {"control character", "a: x\x01y\n", "1:5 QZ-CFG-005"},
    {"control character by escape", "a: \"\\0\"\n", "1:4 QZ-CFG-005"},
    {"direction override", "a: \"x\xE2\x80\xAEy\"\n", "1:6 QZ-CFG-005"},
    {"NUL octet", std::string("a: 1\0\n", 6), "1:5 QZ-CFG-005"},
    {"empty file", "", "0:0 QZ-CFG-010"},
    {"only comments", "# nothing\n\n", "0:0 QZ-CFG-010"},
    {"a list as root", "- a\n- b\n", "1:1 QZ-CFG-010"},
    {"nested too deep in brackets", nested(200), "1:67 QZ-CFG-020"},
    {"nested too deep by indentation", stairs(70), "65:65 QZ-CFG-020"},
    {"a line that is too long", "a: 1\nb: " + std::string(8200, 'x') + "\nc：1\n", "2:1 QZ-CFG-020, 3:2 QZ-CFG-003"},
    {"too large", std::string((std::size_t{4} << 20U) + 1, '#'), "0:0 QZ-CFG-020"},
};

void check_all(const std::vector<Broken>& samples) {
  for (const Broken& sample : samples) {
    Diagnostics diagnostics;
    parse_document("broken.yaml", sample.text, diagnostics);
    std::string findings;
    for (const Diagnostic& d : diagnostics.all()) {
      findings += (findings.empty() ? "" : ", ") + std::to_string(d.place.line) + ":" + std::to_string(d.place.column) +
                  " " + d.code;
      CHECK_FALSE(d.zh.empty());
      CHECK_FALSE(d.en.empty());
    }
    INFO(sample.what << "\n" << diagnostics.render());
    CHECK(findings == sample.findings);
  }
}

}  // namespace

TEST_CASE("P44 what yaml-cpp accepts, swallows or misplaces is an error at the right line and column") {
  check_all(of_pitfall_44);
}

TEST_CASE("E1 every other broken file is refused at the right line and column") { check_all(of_syntax); }

TEST_CASE("E1 at least sixty broken files are tried") { CHECK(of_pitfall_44.size() + of_syntax.size() >= 60); }

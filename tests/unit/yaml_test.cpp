// The strict reader on good documents, its texts for people, and what it must never show.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>

#include "hub-protocol/base/codes.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/yaml/document.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;
using namespace qianzhi::yaml;

namespace {

Node good(const std::string& text) {
  Diagnostics diagnostics;
  const auto root = parse_document("good.yaml", text, diagnostics);
  INFO(diagnostics.render());
  REQUIRE(diagnostics.errors() == 0);
  REQUIRE(root.has_value());
  return *root;
}

std::string rendered(const std::string& text) {
  Diagnostics diagnostics;
  parse_document("agent.yaml", text, diagnostics);
  return diagnostics.render();
}

}  // namespace

TEST_CASE("P44 scalars are raw text: 010 stays 010, no stays no, 911E45 stays 911E45") {
  const Node root = good("a: 010\nb: no\nc: 911E45\nd: 440103\ne: '007'\nf: 0x10\ng: 1_000\n");
  CHECK(root.find("a")->text == "010");
  CHECK(root.find("b")->text == "no");
  CHECK(root.find("c")->text == "911E45");
  CHECK(root.find("d")->text == "440103");
  CHECK(root.find("e")->text == "007");
  CHECK(root.find("f")->text == "0x10");
  CHECK(root.find("g")->text == "1_000");
  CHECK_FALSE(root.find("a")->quoted);
  CHECK(root.find("e")->quoted);
}

TEST_CASE("E1 what people really write is accepted") {
  const Node root = good(
      "\xEF\xBB\xBF# 注释 comment: with colon\r\n"
      "---\r\n"
      "name: 前置机：一号，“试运行”   # 注释\r\n"
      "url: https://127.0.0.1:8443/a#b\r\n"
      "list: [a, 'b, c', \"d # e\"]\r\n"
      "nested:\r\n"
      "  - one: 1\r\n"
      "    two: {x: 1, y: [p, q]}\r\n"
      "  - - deep\r\n"
      "    - deeper\r\n"
      "same:\r\n"
      "- at the same indent\r\n"
      "- address: 127.0.0.1:80\r\n"
      "text: |\r\n"
      "  first: line\r\n"
      "  \tnot yaml # kept\r\n"
      "  last\r\n"
      "quoted key: ok\r\n"
      "'a: b': \"\\u4e2d\"\r\n"
      "wide: {\r\n"
      "  a: 1,   # first\r\n"
      "  b: 2\r\n"
      "}\r\n"
      "empty:\r\n");
  CHECK(root.find("name")->text == "前置机：一号，“试运行”");
  CHECK(root.find("url")->text == "https://127.0.0.1:8443/a#b");
  REQUIRE(root.find("list")->items.size() == 3);
  CHECK(root.find("list")->items[1].text == "b, c");
  CHECK(root.find("list")->items[2].text == "d # e");
  CHECK(root.find("nested")->items[0].find("two")->find("y")->items[1].text == "q");
  CHECK(root.find("nested")->items[1].items[1].text == "deeper");
  CHECK(root.find("same")->items.size() == 2);
  CHECK(root.find("a: b")->text == "中");
  CHECK(root.find("wide")->find("b")->text == "2");
  CHECK(root.find("empty")->is_empty());
}

TEST_CASE("E1 every value knows its file, line and column, counted in characters") {
  const Node root = good("a: 1\n中文: {键: 值, b: 2}\nlist:\n  - x\n  - \"y\"\n");
  const Node* map = root.find("中文");
  CHECK(to_text(root.entries[1].key_place) == "good.yaml:2:1");
  CHECK(to_text(map->place) == "good.yaml:2:5");
  CHECK(to_text(map->find("键")->place) == "good.yaml:2:9");
  CHECK(to_text(map->find("b")->place) == "good.yaml:2:15");
  CHECK(to_text(root.find("list")->items[1].place) == "good.yaml:5:5");
}

TEST_CASE("E1 a finding shows file, line, column, excerpt, caret, what to write, Chinese and English") {
  const std::string text =
      rendered("sources:\n  db:\n    type: postgresql\n    dsn：service=tax_front\n    capture: log\n");
  CHECK(text ==
        "agent.yaml:4:8: 错误 QZ-CFG-003: 这里是中文全角冒号 \"：\" (U+FF1A)，应为英文 \":\" 加一个空格\n"
        "    3 |     type: postgresql\n"
        "    4 |     dsn：service=tax_front\n"
        "      |        ^^\n"
        "   改为 (write): dsn: service=tax_front\n"
        "   en: error: full-width colon (U+FF1A); use \":\" and a space\n"
        "   详情 (details): qianzhi explain QZ-CFG-003\n"
        "\n"
        "共 1 个错误，0 个警告 (1 errors, 0 warnings)\n");
}

TEST_CASE("E1 the caret stands below its character, also behind wide ones") {
  const std::string text = rendered("名称: [一, 二\n");
  CHECK(text.find("    1 | 名称: [一, 二\n      |       ^\n") != std::string::npos);
}

TEST_CASE("E1 all mistakes are reported in one run, in the order of the file") {
  Diagnostics diagnostics;
  parse_document("x.yaml",
                 "a：1\n"
                 "b:2\n"
                 "c: x #y\n"
                 "d: 1\n"
                 "d: 2\n"
                 "e = 5\n"
                 "f:\tz\n",
                 diagnostics);
  std::vector<std::string> seen;
  for (const Diagnostic& d : diagnostics.all()) seen.push_back(to_text(d.place) + " " + d.code);
  CHECK(seen == std::vector<std::string>{"x.yaml:1:2 QZ-CFG-003", "x.yaml:2:2 QZ-CFG-002", "x.yaml:3:6 QZ-CFG-007",
                                         "x.yaml:5:1 QZ-CFG-008", "x.yaml:6:1 QZ-CFG-002", "x.yaml:7:3 QZ-CFG-004"});
}

TEST_CASE("E1 a mended mistake still yields the tree, so that the rest can be checked") {
  Diagnostics diagnostics;
  const auto root = parse_document("x.yaml", "a：1\nb:2\nm: {c：3, d:4, e: 5}\n", diagnostics);
  REQUIRE(root.has_value());
  CHECK(diagnostics.errors() == 4);
  CHECK(root->find("a")->text == "1");
  CHECK(root->find("b")->text == "2");
  CHECK(to_text(root->find("b")->place) == "x.yaml:2:3");
  CHECK(root->find("m")->find("c")->text == "3");
  CHECK(root->find("m")->find("d")->text == "4");
  CHECK(to_text(root->find("m")->find("e")->place) == "x.yaml:3:18");
}

TEST_CASE("E1 secrets are never shown, whatever else is wrong with their line or the next one") {
  const auto samples = {
      "password: hunter2 #front\n",
      "password：hunter2\n",
      "password:hunter2\n",
      "password = hunter2\n",
      "password hunter2：x\nb：1\n",
      "a: {type: x, password: hunter2, b：2}\n",
      "password: \"hunter2\nb: 1\n",
      "password:\thunter2\n",
      "password: #hunter2\nb：1\n",
      "password: *hunter2\n",
      "password: {value: hunter2}\nb：1\n",
      "password:\n  value: hunter2\n  x：1\n",
      "password:\n  hunter2\nb：1\n",
      "password: |\n  hunter2\nb：1\n",
      "db-passwd: hunter2\nb：1\n",
      "密码: hunter2\nb：1\n",
      "口令：hunter2\n",
      "api_token: hunter2\nb：1\n",
      "private_key: hunter2\nb：1\n",
      "key: hunter2\nb：1\n",
      "dsn: host=x password=hunter2 #x\n",
      "url: https://user:hunter2@host:1 #x\n",
      "\"password\": hunter2\nb：1\n",
      "Password: hunter2\nPassword: hunter2\n",
      "'password' : 'hunter2'x\n",
  };
  for (const char* sample : samples) {
    const std::string text = rendered(sample);
    INFO(sample << "\n" << text);
    CHECK_FALSE(text.empty());
    CHECK(text.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("E1 references to secrets stay readable in excerpts") {
  const std::string text = rendered("password: {file: /etc/qianzhi/db}\nb：1\n");
  CHECK(text.find("password: {file: /etc/qianzhi/db}") != std::string::npos);
}

TEST_CASE("E1 excerpts of hostile lines stay short and harmless to a terminal") {
  const std::string text =
      rendered("a: \"\x1b[31m" + std::string(100'000, 'x') + "\"\nb：1\n" + std::string(500, 'c') + "：1\n");
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.size() < 12'000);
}

TEST_CASE("E1 a file with a hundred thousand mistakes gives a bounded report") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "k" + std::to_string(i) + "：v\n";
  Diagnostics diagnostics;
  parse_document("x.yaml", text, diagnostics);
  CHECK(diagnostics.errors() == 100'000);
  CHECK(diagnostics.all().size() == 500);
  CHECK(diagnostics.render().find("只列出前 500 个") != std::string::npos);
}

TEST_CASE("E1 files of the longest lines, full of the same mistake, give a bounded report") {
  const auto filled = [](const std::string& line) {
    std::string text = "a: 1\n";
    while (text.size() + line.size() < max_document_octets / 16) text += line;
    return text;
  };
  const auto repeated = [](const std::string& piece) {
    std::string line = "k: [";
    while (line.size() + piece.size() + 2 < max_line_octets) line += piece;
    return line + "]\n";
  };
  for (const char* piece : {"{a: b}, ", "\"\u3000\", ", "x\t, ", "[], ", "a：b，", ": , ", "# ", "password: x, "}) {
    Diagnostics diagnostics;
    parse_document("x.yaml", filled(repeated(piece)), diagnostics);
    CHECK(diagnostics.has_errors());  // at least the key k again and again
    CHECK(diagnostics.render().size() < max_document_octets);
  }
}

TEST_CASE("E1 throw_if_errors carries the first code and the whole report, and nothing without errors") {
  Diagnostics diagnostics;
  diagnostics.warning("QZ-CFG-038", {}, "提示", "note");
  CHECK_NOTHROW(diagnostics.throw_if_errors());
  parse_document("x.yaml", "a：1\n", diagnostics);
  try {
    diagnostics.throw_if_errors();
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::misuse);
    CHECK(error.code() == "QZ-CFG-003");
    CHECK(error.detail() == diagnostics.render());
  }
}

TEST_CASE("E1 a file is read once, and one that cannot be read is a diagnostic") {
  const test::TempDir folder;
  std::ofstream(folder / "a.yaml") << "a: 1\n";
  Diagnostics diagnostics;
  CHECK(read_document(folder / "a.yaml", diagnostics).has_value());
  CHECK(diagnostics.errors() == 0);
  CHECK_FALSE(read_document(folder / "missing.yaml", diagnostics).has_value());
  CHECK_FALSE(read_document(folder.path(), diagnostics).has_value());
  CHECK(diagnostics.errors() == 2);
  CHECK(diagnostics.all().front().code == "QZ-CFG-023");
}

TEST_CASE("E1 every code of the reader is explained in both languages") {
  std::size_t count = 0;
  for (const Explanation& entry : all_explanations()) {
    if (entry.code.substr(0, 7) != "QZ-CFG-") continue;
    ++count;
    CHECK_FALSE(entry.title_zh.empty());
    CHECK_FALSE(entry.next_en.empty());
  }
  CHECK(count >= 33);
}

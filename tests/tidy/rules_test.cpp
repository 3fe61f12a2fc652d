// Each rule finds what it is there for, and leaves alone what only looks like it.
#include <catch2/catch.hpp>

#include "tests/tidy/code.h"
#include "tests/tidy/rules.h"

using namespace qianzhi::tidy;

namespace {

Tree file(const std::string& path, const std::string& text, bool executable = false) {
  return {{path, text, executable}};
}

std::string lines(std::size_t count, const std::string& line) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += line + "\n";
  return text;
}

qianzhi::Explanation explained(std::string_view code) {
  return {code, "中文", "English", "原因", "cause", "下一步", "next"};
}

}  // namespace

TEST_CASE("layers: an include against the layers is found") {
  CHECK(check_layers(file("hub-protocol/base/a.cpp", "#include \"hub-protocol/model/topic.h\"\n")).size() == 1);
  CHECK(check_layers(file("agent/flow/a.h", "#include \"adapters/sqlite/source.h\"\n")).size() == 1);
  CHECK(check_layers(file("adapters/postgresql/a.cpp", "#include \"hub-protocol/seal/key.h\"\n")).size() == 1);
  CHECK(check_layers(file("agent/new/a.cpp", "#include \"hub-protocol/base/log.h\"\n")).size() == 1);
  CHECK(check_layers(file("agent/flow/a.cpp", "#include \"pump.h\"\n")).size() == 1);
  CHECK(check_layers(file("agent/flow/a.cpp", "#include \"agent/store/store.h\"\n")).empty());
  CHECK(check_layers(file("tests/unit/a.cpp", "#include \"adapters/sqlite/source.h\"\n")).empty());
}

TEST_CASE("layers: a third-party header outside its owner, in a header, or without owner is found") {
  CHECK(check_third_party(file("agent/flow/a.cpp", "#include <sqlite3.h>\n")).size() == 1);
  CHECK(check_third_party(file("hub-protocol/seal/a.h", "#include <openssl/evp.h>\n")).size() == 1);
  CHECK(check_third_party(file("agent/app/a.cpp", "  #include <boost/asio.hpp>\n")).size() == 1);
  CHECK(check_third_party(file("agent/app/a.cpp", "#include <catch2/catch.hpp>\n")).size() == 1);
  CHECK(check_third_party(file("hub-protocol/seal/a.cpp", "#include <openssl/evp.h>\n#include <vector>\n")).empty());
  CHECK(check_third_party(file("agent/app/a.cpp", "#include <unistd.h>\n#include <sys/socket.h>\n")).empty());
}

TEST_CASE("layers: a database named in agent/flow is found, also in a literal") {
  CHECK(check_flow_names_no_database(file("agent/flow/a.cpp", "if (type == \"PostgreSQL\") {}\n")).size() == 1);
  CHECK(check_flow_names_no_database(file("agent/flow/a.cpp", "use_sqlite();\n")).size() == 1);
  CHECK(check_flow_names_no_database(file("agent/flow/a.cpp", "// not only PostgreSQL\n")).empty());
}

TEST_CASE("sizes: long files, functions and lines are found") {
  CHECK(check_file_length(file("agent/flow/a.cpp", lines(file_limit + 1, "int a;"))).size() == 1);
  CHECK(check_file_length(file("agent/flow/a.cpp", lines(file_limit, "int a;"))).empty());
  const std::string body = lines(function_limit - 1, "  a();");
  CHECK(check_function_length(file("agent/a.cpp", "namespace x {\nvoid f() {\n" + body + "}\n}\n")).size() == 1);
  CHECK(
      check_function_length(file("agent/a.cpp", "void f() {\n" + lines(function_limit - 2, "  a();") + "}\n")).empty());
  CHECK(check_line_length(file("agent/a.cpp", std::string(line_limit + 1, 'a') + "\n")).size() == 1);
  CHECK(check_line_length(file("agent/a.cpp",
                               lines(1, "// 前置前置前置前置前置前置前置前置前置前置前置前置前置前置前置前置前置前置")))
            .empty());
  CHECK(size_report(file("agent/a.cpp", "1\n2\n3\n")) ==
        "1 files: median 3 lines, 90 % up to 3, longest 3 (agent/a.cpp)");
}

TEST_CASE("sizes: functions are told from types, tables and initialisers") {
  const auto heads = [](std::string_view text) {
    std::string all;
    for (const Function& f : functions_of(take_apart(text)))
      all += f.head.substr(0, f.head.find('(')) + ":" + std::to_string(f.begin) + "-" + std::to_string(f.end) + " ";
    return all;
  };
  CHECK(heads("class A final : public B<int(int)> {\n public:\n  A() : b_{1}, c_(2) {\n  }\n  int b_{3};\n};\n") ==
        "A:3-4 ");
  CHECK(heads("const std::map<int, int> table = {\n  {1, f(2)},\n};\nint g(int a = h({1})) {\n}\n") == "int g:4-5 ");
  CHECK(heads("enum class K { a, b };\nstruct S {\n  void run() const {\n    if (a) {\n    }\n  }\n};\n") ==
        "void run:3-6 ");
  CHECK(heads("bool f() {\n  return c != U'{' && n < 1'000;\n}\nvoid g() {\n}\n") == "bool f:1-3 void g:4-5 ");
  CHECK(heads("#define M(x) \\\n  do { x } while (0)\nvoid f() {\n  auto l = [] { return \"}\"; };\n}\n") ==
        "void f:3-5 ");
  CHECK(heads("TEST_CASE(\"a {\") {\n  R\"(})\";\n  '}';\n  // }\n}\n") == "TEST_CASE:1-5 ");
  CHECK(heads("template <class T>\nT f(T t)\n{\n}\nextern \"C\" {\nint g() { return 1; }\n}\n") ==
        "template <class T> T f:1-4 int g:6-6 ");
}

TEST_CASE("calls: a banned call is found outside its home") {
  const auto banned = [](const std::string& line) {
    return !check_calls(file("agent/flow/a.cpp", line + "\n")).empty();
  };
  for (const char* line : {"auto t = std::chrono::system_clock::now();",
                           "time_t t = time(nullptr);",
                           "sleep(1);",
                           "::usleep(5);",
                           "std::this_thread::sleep_for(1s);",
                           "int r = std::rand();",
                           "std::random_device d;",
                           "strtod(a, b);",
                           "return std::stod(x);",
                           "atof(x);",
                           "std::cout << 1;",
                           "if (system(\"ls\") == 0)",
                           "popen(c, m);",
                           "std::sprintf(b, f);",
                           "strcpy(a, b);",
                           "gets(b);",
                           "localtime(&t);",
                           "worker.detach();",
                           "throw std::runtime_error(x);",
                           "std::printf(x);",
                           "assert(x);",
                           "std::stoi(x);"}) {
    INFO(line);
    CHECK(banned(line));
  }
  for (const char* line : {"// sleep(1)", "log(\"time(nullptr)\");", "pump.sleep(1);", "Micros time() const;",
                           "operating_system(x);", "std::snprintf(b, n, f);", "gmtime_r(&a, &b);", "void system(int);",
                           "Linux::system(1);", "static_assert(x);"}) {
    INFO(line);
    CHECK_FALSE(banned(line));
  }
  CHECK(check_calls(file("hub-protocol/base/clock.cpp", "clock_gettime(id, &value);\n")).empty());
  CHECK(check_calls(file("agent/app/main.cpp", "std::cout << 1;\n")).empty());
}

TEST_CASE("codes: unlisted, unused, doubled, malformed and untold codes are found") {
  const Tree thrown = file("agent/a.cpp", "throw Error(ErrorKind::full, \"QZ-AAA-001\", x);  // QZ-AAA-009\n");
  CHECK(check_codes_used(thrown, {explained("QZ-AAA-001")}).empty());
  CHECK(check_codes_used(thrown, {}).size() == 1);
  CHECK(check_codes_used(thrown, {explained("QZ-AAA-001"), explained("QZ-AAA-002")}).size() == 1);
  CHECK(check_explanations({explained("QZ-AAA-001"), explained("QZ-AAA-002")}).empty());
  CHECK(check_explanations({explained("QZ-AAA-001"), explained("QZ-AAA-001")}).size() == 1);
  CHECK(check_explanations({explained("QZ-aaa-1")}).size() == 1);
  CHECK(check_explanations({{"QZ-AAA-001", "title", "English", "原因", "cause", "下一步", ""}}).size() == 2);
  CHECK(check_explanations({{"QZ-AAA-001", "中文", "中文", "原因", "cause", "下一步", "next"}}).size() == 1);
  CHECK(
      check_definitions_included({{"hub-protocol/base/codes.cpp", "#include \"hub-protocol/base/codes/a.def\"", false},
                                  {"hub-protocol/base/codes/a.def", "", false},
                                  {"hub-protocol/base/codes/b.def", "", false}})
          .size() == 1);
}

TEST_CASE("words: leftovers, machine paths and missing documents are found") {
  CHECK(check_leftover_words(file("agent/a.cpp",
                                  "// TO"
                                  "DO: later\n"))
            .size() == 1);
  CHECK(check_leftover_words(file("agent/a.md",
                                  "This is not "
                                  "implemented.\n"))
            .size() == 1);
  CHECK(check_leftover_words(file("agent/a.md",
                                  "Good enough For "
                                  "now.\n"))
            .size() == 1);
  CHECK(check_leftover_words(file("agent/a.cpp", "mkdtemp(\"a-XXXXXX\"); for nowhere\n")).empty());
  CHECK(check_machine_paths(file("packaging/a",
                                 "cd /wo"
                                 "rk/here\n"))
            .size() == 1);
  CHECK(check_machine_paths(file("packaging/a",
                                 "cd /ho"
                                 "me/me\n"))
            .size() == 1);
  CHECK(check_machine_paths(file("packaging/a",
                                 "net"
                                 "/wo"
                                 "rk/here\n"))
            .empty());
  const Tree documents = {{"agent/A.md", "See B.md, agent/A.md. And hub/A.mdx\n", false}};
  CHECK(to_text(check_documents_exist(documents)) == "agent/A.md:1: B.md is not here\n");
}

TEST_CASE("A semicolon in the name of a test is found, one in its body is not") {
  CHECK(check_test_names(file("tests/a_test.cpp", "TEST_CASE(\"a\", \"[b]\") { f(); }\n")).empty());
  CHECK(check_test_names(file("tests/a_test.cpp", "TEST_CASE(\n    \"a\"\n    \"b; c\") { f(); }\n")).size() == 1);
}

TEST_CASE("shape: a wrong top level, README, header, script or test is found") {
  CHECK(check_top_level({"README.md", "notes.txt"}).size() > 1);
  CHECK(check_readme(file("README.md", "```sh\npackaging/quickstart\npackaging/test\n```\n")).empty());
  CHECK(check_readme(file("README.md", "```sh\napt install x\npackaging/quickstart\npackaging/test\n```\n")).size() ==
        1);
  CHECK(check_readme({}).size() == 1);
  CHECK(check_headers(file("agent/a.h", "// What.\n#pragma once\n")).empty());
  CHECK(check_headers(file("agent/a.h", "#include <a>\n")).size() == 2);
  CHECK(check_headers(file("agent/a.h", "// What.\n#pragma once\nusing namespace std;\n")).size() == 1);
  CHECK(check_scripts(file("packaging/a", "#!/bin/bash\nset -euo pipefail\n", true)).empty());
  CHECK(check_scripts(file("packaging/a", "#!/bin/bash\ntrue\n", false)).size() == 2);
  CHECK(check_scripts(file("packaging/a", "#!/bin/sh\nset -e\n", true)).empty());
  CHECK(check_scripts(file("packaging/a", "#!/bin/sh\ntrue\n", true)).size() == 1);
  CHECK(check_tests_assert(file("tests/a_test.cpp", "TEST_CASE(\"a\") {\n  f();\n  // CHECK(1)\n}\n")).size() == 1);
  CHECK(check_tests_assert(file("tests/a_test.cpp", "TEST_CASE(\"a\") { CHECK(f()); }\n")).empty());
  CHECK(check_tests_assert(file("tests/a_test.cpp",
                                "void b() {\n  CHECK(1);\n}\nvoid a(int) {\n  b();\n}\n"
                                "TEST_CASE(\"a\") { a(1); }\n"))
            .empty());
  CHECK(check_filters_match(file("tests/a/CMakeLists.txt", "add_test(NAME l COMMAND a_test \"[large]\")\n")).size() ==
        1);
  CHECK(check_filters_match(file("tests/a.cmake", "add_test(NAME l COMMAND a_test \"[large]\" -w NoTests)\n")).empty());
}

TEST_CASE("mutants: one whose text is gone, or there twice, is found") {
  const auto found = [](const std::string& code) {
    return check_mutants_apply(
               {{"agent/flow/a.cpp", code, false},
                {"tests/mutants/mutants.txt", "== a rule\nagent/flow/a.cpp\n<<<if (a)\n  go();\n>>>go();\n", false}})
        .size();
  };
  CHECK(found("{\nif (a)\n  go();\n}\n") == 0);
  CHECK(found("{\nif (b)\n  go();\n}\n") == 1);
  CHECK(found("{\nif (a)\n  go();\nif (a)\n  go();\n}\n") == 1);
  CHECK(check_mutants_apply({}).size() == 1);
}

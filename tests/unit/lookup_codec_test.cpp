// Questions and answers over the process boundary: everything comes back as it was, and an adapter cannot lie about
// which question a row answers.
#include <catch2/catch.hpp>
#include <functional>

#include "adapters/api/adapter.pb.h"
#include "adapters/api/codec.h"
#include "tests/support/errors.h"

namespace qianzhi::adapter {

namespace {

Found some_found() {
  Found found;
  found.answered = 4;
  found.question = {0, 2, 2};
  found.columns.resize(2);
  for (Column& column : found.columns) {
    column.append("甲");
    column.append_null();
    column.append_invalid("0000-00-00");
  }
  found.cut = {2};
  found.unfit = {1, 3};
  return found;
}

}  // namespace

TEST_CASE("S2.8 a lookup's specification, questions and answers survive the boundary") {
  const LookupSpec spec{
      {{{"file", "f"}}, {{"password", "p"}}},
      "s",
      {{"one", "t", {"a", "b"}, "", {}, {"c"}, {}}, {"two", "", {}, "SELECT :x", {"x"}, {"c", "d"}, {ItemType::date}}},
      123};
  wire::LookupSpec message;
  encode(spec, message);
  const LookupSpec back = decode(message);
  CHECK(back.timeout == 123);
  CHECK(back.connection.secrets.at("password") == "p");
  REQUIRE(back.statements.size() == 2);
  CHECK(back.statements[0].match == spec.statements[0].match);
  CHECK(back.statements[1].text == "SELECT :x");
  CHECK(back.statements[1].types == spec.statements[1].types);
  CHECK(back.statements[1].columns == spec.statements[1].columns);
  message.mutable_statements(1)->set_types(0, 10);
  CHECK(test::thrown_by([&] { decode(message); }) == "corrupt QZ-ADP-004");

  wire::Found found;
  encode(some_found(), found);
  const Found same = decode(found, 5, 2);
  CHECK(same.answered == 4);
  CHECK(same.question == some_found().question);
  CHECK(same.columns == some_found().columns);
  CHECK(same.cut == some_found().cut);
  CHECK(same.unfit == some_found().unfit);
}

TEST_CASE("S2.8 questions go as far as a frame goes, and what is too long goes without its text") {
  std::vector<Column> questions(1);
  for (int i = 0; i < 1000; ++i) questions[0].append(std::string(longest_question, 'x'));
  wire::Find find;
  const std::size_t sent = encode_questions(questions, find);
  CHECK(sent == 256);
  CHECK(decode_questions(find).front().size() == sent);
  questions[0].clear();
  questions[0].append(std::string(longest_question + 1, 'x'));
  questions[0].append_null();
  find.Clear();
  CHECK(encode_questions(questions, find) == 2);
  const std::vector<Column> back = decode_questions(find);
  CHECK(back.front().presence(0) == Presence::invalid);
  CHECK(back.front().presence(1) == Presence::null);
}

TEST_CASE("an adapter's answer that does not fit the questions is refused") {
  const auto check = [](const std::function<void(wire::Found&)>& spoil) {
    wire::Found bad;
    encode(some_found(), bad);
    spoil(bad);
    CHECK(test::thrown_by([&] { decode(bad, 5, 2); }) == "corrupt QZ-ADP-004");
  };
  check([](wire::Found& f) { f.set_answered(6); });
  check([](wire::Found& f) { f.set_answered(0); });
  check([](wire::Found& f) { f.set_answered(2); });
  check([](wire::Found& f) { f.set_question(0, 3); });
  check([](wire::Found& f) { f.set_question(2, 4); });
  check([](wire::Found& f) { f.add_question(3); });
  check([](wire::Found& f) { f.mutable_columns()->RemoveLast(); });
  check([](wire::Found& f) { f.mutable_columns(0)->add_lengths(9); });
  check([](wire::Found& f) { f.add_cut(2); });
  check([](wire::Found& f) { f.add_cut(4); });
  check([](wire::Found& f) { f.set_unfit(1, 1); });
}

}  // namespace qianzhi::adapter

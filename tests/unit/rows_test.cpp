#include <catch2/catch.hpp>
#include <random>

#include "hub-protocol/model/rows.h"
#include "hub-protocol/model/source.h"

using namespace qianzhi;

namespace {

struct Value {
  Presence presence;
  std::string text;
};

// Values of every presence and many lengths, empty ones and zero octets among them.
std::vector<Value> some_values(unsigned seed, std::size_t count) {
  std::mt19937 random(seed);
  std::vector<Value> values;
  for (std::size_t i = 0; i < count; ++i) {
    const auto presence = static_cast<Presence>(random() % 4U);
    std::string text;
    if (presence == Presence::value || presence == Presence::invalid) {
      text.resize(random() % 40U);
      for (char& c : text) c = static_cast<char>(random() % 256U);
    }
    values.push_back({presence, std::move(text)});
  }
  return values;
}

Column column_of(const std::vector<Value>& values) {
  Column column;
  for (const Value& value : values) column.add(value.presence, value.text);
  return column;
}

}  // namespace

TEST_CASE("A column gives back every value as it was appended") {
  for (unsigned seed = 0; seed < 50; ++seed) {
    const auto values = some_values(seed, 200);
    const Column column = column_of(values);
    REQUIRE(column.size() == values.size());
    std::size_t octets = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      REQUIRE(column.presence(i) == values[i].presence);
      REQUIRE(column.text(i) == values[i].text);
      REQUIRE(column.has_value(i) == (values[i].presence == Presence::value));
      octets += values[i].text.size();
    }
    CHECK(column.octets() == octets);
    CHECK(column.ends().back() == octets);
    CHECK(column.data().size() == octets);
    CHECK(column.presences().size() == values.size());
  }
}

TEST_CASE("A column copied value by value, in any order, is the same column") {
  const auto values = some_values(7, 100);
  const Column column = column_of(values);
  Column copy;
  copy.reserve(column.size(), column.octets());
  for (std::size_t i = 0; i < column.size(); ++i) copy.append_from(column, i);
  CHECK(copy == column);

  Column backwards;
  for (std::size_t i = column.size(); i > 0; --i) backwards.append_from(column, i - 1);
  for (std::size_t i = 0; i < column.size(); ++i) {
    CHECK(backwards.text(i) == column.text(column.size() - 1 - i));
    CHECK(backwards.presence(i) == column.presence(column.size() - 1 - i));
  }
}

TEST_CASE("Empty text, null, unchanged and invalid are four different things") {
  Column column;
  column.append("");
  column.append_null();
  column.append_unchanged();
  column.append_invalid("0000-00-00");
  CHECK(column.presence(0) == Presence::value);
  CHECK(column.presence(1) == Presence::null);
  CHECK(column.presence(2) == Presence::unchanged);
  CHECK(column.presence(3) == Presence::invalid);
  CHECK(column.has_value(0));
  CHECK_FALSE(column.has_value(1));
  CHECK_FALSE(column.has_value(2));
  CHECK_FALSE(column.has_value(3));
  CHECK(column.text(0).empty());
  CHECK(column.text(1).empty());
  CHECK(column.text(2).empty());
  CHECK(column.text(3) == "0000-00-00");
}

TEST_CASE("Columns with the same text but other boundaries or presences are different") {
  CHECK(column_of({{Presence::value, "ab"}, {Presence::value, "c"}}) !=
        column_of({{Presence::value, "a"}, {Presence::value, "bc"}}));
  CHECK(column_of({{Presence::value, ""}}) != column_of({{Presence::null, ""}}));
}

TEST_CASE("A cleared column is empty and can be filled again") {
  Column column = column_of(some_values(3, 20));
  column.clear();
  CHECK(column == Column{});
  CHECK(column.octets() == 0);
  column.append("again");
  CHECK(column.text(0) == "again");
}

TEST_CASE("Numbers on the wire and on disk stay what they are") {
  CHECK(static_cast<int>(Presence::value) == 0);
  CHECK(static_cast<int>(Presence::null) == 1);
  CHECK(static_cast<int>(Presence::unchanged) == 2);
  CHECK(static_cast<int>(Presence::invalid) == 3);
  CHECK(static_cast<int>(Operation::upsert) == 0);
  CHECK(static_cast<int>(Operation::remove) == 1);
  CHECK(static_cast<int>(Operation::withheld) == 2);
}

TEST_CASE("A source position is none until it has an order") {
  SourcePosition position;
  CHECK(position.is_none());
  position.identity = "id";
  CHECK(position.is_none());
  position.order = Bytes(1, '\0');
  CHECK_FALSE(position.is_none());
}

TEST_CASE("A range of a column is copied as its values one by one would be") {
  const std::vector<Value> values = some_values(7, 60);
  Column source;
  for (const Value& value : values) source.add(value.presence, value.text);
  for (std::size_t begin = 0; begin <= values.size(); ++begin) {
    for (std::size_t end = begin; end <= values.size(); end += 7) {
      Column ranged;
      Column single;
      for (Column* column : {&ranged, &single}) column->append("before");
      ranged.append_range(source, begin, end);
      for (std::size_t row = begin; row < end; ++row) single.append_from(source, row);
      REQUIRE(ranged == single);
    }
  }
}

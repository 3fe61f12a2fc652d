#include <catch2/catch.hpp>

#include "hub-protocol/model/stream.h"

using namespace qianzhi;

namespace {

// Every set over three groups, of which one is the unknown one, and `*`.
std::vector<GroupSet> every_set() {
  const std::vector<Group> names = {"", "440103", "440104"};
  std::vector<GroupSet> sets = {GroupSet::every()};
  for (unsigned bits = 0; bits < 8; ++bits) {
    std::set<Group> groups;
    for (unsigned i = 0; i < 3; ++i)
      if ((bits >> i & 1U) != 0) groups.insert(names[i]);
    sets.push_back(GroupSet::of(groups));
  }
  return sets;
}

// The last is in no listed set: it stands for future groups.
const std::vector<Group> asked = {"", "440103", "440104", "999999"};

}  // namespace

TEST_CASE("R0: unite and intersect of groups obey the laws of sets, with * as the greatest") {
  for (const GroupSet& a : every_set()) {
    CHECK(a.unite(a) == a);
    CHECK(a.intersect(a) == a);
    CHECK(a.unite(GroupSet::none()) == a);
    CHECK(a.unite(GroupSet::every()) == GroupSet::every());
    CHECK(a.intersect(GroupSet::every()) == a);
    CHECK(a.intersect(GroupSet::none()) == GroupSet::none());
    for (const GroupSet& b : every_set()) {
      CHECK(a.unite(b) == b.unite(a));
      CHECK(a.intersect(b) == b.intersect(a));
      CHECK(a.unite(a.intersect(b)) == a);
      CHECK(a.intersect(a.unite(b)) == a);
      for (const GroupSet& c : every_set()) {
        CHECK(a.unite(b).unite(c) == a.unite(b.unite(c)));
        CHECK(a.intersect(b).intersect(c) == a.intersect(b.intersect(c)));
        CHECK(a.intersect(b.unite(c)) == a.intersect(b).unite(a.intersect(c)));
        CHECK(a.unite(b.intersect(c)) == a.unite(b).intersect(a.unite(c)));
      }
    }
  }
}

TEST_CASE("R0: a group is in a union, an intersection or a difference exactly when it should be") {
  for (const GroupSet& a : every_set())
    for (const GroupSet& b : every_set())
      for (const Group& group : asked) {
        CHECK(a.unite(b).contains(group) == (a.contains(group) || b.contains(group)));
        CHECK(a.intersect(b).contains(group) == (a.contains(group) && b.contains(group)));
        const bool not_expanded = a.is_every() && !b.is_every();
        if (not_expanded)
          CHECK(a.without(b).contains(group));
        else
          CHECK(a.without(b).contains(group) == (a.contains(group) && !b.contains(group)));
      }
}

TEST_CASE("R0: one set covers another exactly when nothing of it lies outside") {
  for (const GroupSet& a : every_set()) {
    CHECK(a.covers(a));
    CHECK(a.covers(GroupSet::none()));
    CHECK(GroupSet::every().covers(a));
    CHECK(GroupSet::none().covers(a) == a.is_empty());
    for (const GroupSet& b : every_set()) {
      CHECK(a.covers(b) == (a.intersect(b) == b));
      CHECK(a.covers(b) == (a.unite(b) == a));
      if (a.covers(b) && b.covers(a)) CHECK(a == b);
      for (const GroupSet& c : every_set())
        if (a.covers(b) && b.covers(c)) CHECK(a.covers(c));
    }
  }
}

TEST_CASE("R0: * is never expanded: no list covers it, and it holds groups that nobody has named") {
  const GroupSet every = GroupSet::every();
  CHECK(every.is_every());
  CHECK_FALSE(every.is_empty());
  CHECK(every.groups().empty());
  CHECK(every.contains(""));
  CHECK(every.contains("999999"));
  CHECK_FALSE(GroupSet::of({"", "440103", "440104"}).covers(every));
  CHECK(every.without(GroupSet::of({"440103"})) == every);
  CHECK(every.without(every) == GroupSet::none());
  CHECK(GroupSet() == GroupSet::none());
  CHECK(GroupSet::of({}).is_empty());
  CHECK_FALSE(every == GroupSet::none());
}

TEST_CASE("The unknown group is a group of its own") {
  const GroupSet unknown = GroupSet::of({""});
  CHECK_FALSE(unknown.is_empty());
  CHECK(unknown.contains(""));
  CHECK_FALSE(unknown.contains("440103"));
  CHECK_FALSE(GroupSet::of({"440103"}).contains(""));
}

TEST_CASE("Groups, streams, positions and kinds are named for people") {
  CHECK(to_text(GroupSet::every()) == "*");
  CHECK(to_text(GroupSet::none()) == "(none)");
  CHECK(to_text(GroupSet::of({"440104", "440103"})) == "440103,440104");
  CHECK(to_text(GroupSet::of({"", "440103"})) == "(unknown),440103");
  CHECK(to_text(StreamId{"commerce-01", "commerce.opening"}) == "commerce-01/commerce.opening");
  CHECK(to_text(Position{2, 17}) == "2.17");
  CHECK(name_of(BatchKind::change) == "change");
  CHECK(name_of(BatchKind::begin) == "begin");
  CHECK(name_of(BatchKind::rows) == "rows");
  CHECK(name_of(BatchKind::end) == "end");
}

TEST_CASE("Positions are ordered by epoch, then by sequence") {
  CHECK(Position{} < Position{0, 1});
  CHECK(Position{1, 9} < Position{2, 1});
  CHECK(Position{2, 1} < Position{2, 2});
  CHECK(Incarnation{1, 9} < Incarnation{2, 0});
  CHECK(StreamId{"a", "z"} < StreamId{"b", "a"});
}

TEST_CASE("A head is none exactly when no digest proves it") {
  Head head;
  CHECK(head.is_none());
  head.position = {1, 1};
  CHECK(head.is_none());
  head.digest = Digest::from_bytes(Bytes(32, 'd'));
  CHECK_FALSE(head.is_none());
}

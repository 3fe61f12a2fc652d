#include <catch2/catch.hpp>

#include "hub-protocol/audit/trail.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/audit_keeper.h"
#include "hub_support.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using test::HubWorld;

namespace {

// A hub whose exchange tells a keeper.
struct Audited : HubWorld {
  Audited() : registry(dir / "registry", DigestSuite::sha256, clock), keeper(registry, hub_key, clock) {
    options.audit = [this](const audit::Entry& entry) { keeper.tally(entry); };
    start();
  }
  std::vector<audit::Line> lines(audit::Filter filter = {}) {
    std::vector<audit::Line> all;
    registry.work([&](sqlite::Database& database) {
      for (bool more = true; more;) {
        audit::Page page = audit::read_page(database, filter);
        for (audit::Line& line : page.lines) all.push_back(std::move(line));
        filter.after = page.last;
        more = !page.is_end;
      }
    });
    return all;
  }
  std::vector<std::string> actions(const std::string& action) {
    keeper.flush();
    audit::Filter filter;
    filter.action = action;
    std::vector<std::string> texts;
    for (const audit::Line& line : lines(filter)) {
      const audit::Entry& entry = line.stored.entry;
      texts.push_back(text_of(entry.actor) + " " + entry.action + " " + entry.subject + " " + entry.outcome);
    }
    return texts;
  }
  Bytes newest_checkpoint() {
    Bytes octets;
    registry.work([&](sqlite::Database& database) {
      auto row = database.prepare("SELECT octets FROM checkpoint ORDER BY sequence DESC LIMIT 1");
      if (row.step()) octets = row.text(0);
    });
    return octets;
  }

  registry::Registry registry;
  hub::AuditKeeper keeper;
};

audit::Entry refusal(const std::string& address, const std::string& code) {
  return {{audit::ActorKind::unknown, address}, "call.refuse", "", code};
}

}  // namespace

TEST_CASE("A15 refusals that are alike are one entry with a count, and nobody fills the disk with others") {
  audit::Tally tally({3, 8, 60'000'000, 240'000'000});
  for (int i = 0; i < 1'000; ++i) tally.add(refusal("10.0.0.1", "QZ-LINK-105"), i, 0);
  CHECK(tally.take(59'999'999, false).empty());
  auto entries = tally.take(60'000'000, false);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].details[0] == std::pair<std::string, std::string>{"count", "1000"});
  CHECK(entries[0].details[2].second == to_text(999));

  // One address with many codes cannot push out another one; many addresses stay within the limit.
  for (int i = 0; i < 50; ++i) tally.add(refusal("10.0.0.1", "QZ-X-" + std::to_string(i)), 0, 100);
  tally.add(refusal("10.0.0.2", "QZ-LINK-105"), 0, 100);
  for (int i = 0; i < 500; ++i) tally.add(refusal("10.1.0." + std::to_string(i), "QZ-LINK-105"), 0, 100);
  tally.add({{audit::ActorKind::agent, "tax-01"}, "session.open", "", ""}, 0, 100);
  entries = tally.take(100 + 60'000'000, false);
  CHECK(entries.size() <= 8 + 4);
  std::uint64_t counted = 0;
  bool has_second = false;
  for (const audit::Entry& entry : entries) {
    has_second = has_second || (entry.actor.name == "10.0.0.2" && entry.outcome == "QZ-LINK-105");
    counted += entry.details[0].first == "count" ? std::stoull(entry.details[0].second) : 1;
  }
  CHECK(has_second);
  CHECK(counted == 552);
  // It overflowed: the next window is twice as long.
  tally.add(refusal("10.0.0.1", "QZ-LINK-105"), 0, 0);
  CHECK(tally.take(119'999'999, false).empty());
  CHECK(tally.take(120'000'000, false).size() == 1);
}

TEST_CASE("S3.5 sessions, epochs, contradictions, halts and refused batches are entered, accepted batches are not") {
  Audited world;
  auto chain = world.filled();
  auto twin = chain;
  world.post(chain.change());
  world.post(chain.change());
  CHECK(world.actions("session") == std::vector<std::string>{"agent:commerce-01 session.open  "});
  CHECK(world.actions("stream") == std::vector<std::string>{"agent:commerce-01 stream.new_epoch commerce.firms 1 "});
  auto next = chain;
  next.open_epoch(chain.head, 2);
  CHECK(world.post(next.begin()).outcome() == wire::ACCEPTED);
  CHECK(world.actions("stream").back() == "agent:commerce-01 stream.new_epoch commerce.firms 2 ");
  auto fork = next;
  world.post(next.change());
  REQUIRE(world.post(fork.change({"440104"})).outcome() == wire::EQUIVOCATION);
  const auto entered = world.actions("stream.contradiction_and_halt");
  CHECK(entered == std::vector<std::string>{
                       "agent:commerce-01 stream.contradiction_and_halt commerce-01/commerce.firms 2.2 QZ-HUB-016"});
  world.post(next.change());
  CHECK(world.actions("stream.refuse") ==
        std::vector<std::string>{"agent:commerce-01 stream.refuse commerce.firms QZ-HUB-017"});
}

TEST_CASE("S3.5 a checkpoint is the hub's signature over the chain, after an hour, and of nothing else") {
  Audited world;
  world.keeper.flush();
  world.keeper.tend();
  CHECK(world.newest_checkpoint().empty());
  world.clock.advance(3'600'000'000);
  world.keeper.tend();
  const Bytes octets = world.newest_checkpoint();
  const audit::Checkpoint first = audit::open_checkpoint(octets, world.hub_key.record());
  CHECK(first.sequence == 1);
  CHECK(first.previous.is_zero());
  CHECK(first.digest == world.lines()[0].digest);
  test::check_throws("QZ-SEAL-087", [&] { audit::open_checkpoint(octets, world.key.record()); });
  Bytes altered = octets;
  altered[5] = static_cast<char>(altered[5] ^ 1);
  CHECK_THROWS_AS(audit::open_checkpoint(altered, world.hub_key.record()), Error);

  for (int i = 0; i < 1'000; ++i) world.registry.note({{}, "test.note", std::to_string(i), ""});
  world.keeper.tend();
  const audit::Checkpoint second = audit::open_checkpoint(world.newest_checkpoint(), world.hub_key.record());
  CHECK(second.sequence == 1'001);
  CHECK(second.previous == first.body);
  // Each names the one before.
  const auto lines = world.lines();
  for (std::size_t i = 1; i < lines.size(); ++i) REQUIRE(lines[i].stored.previous == lines[i - 1].digest);
}

TEST_CASE("S3.5 text that others sent is kept as text, whatever octets it has") {
  Audited world;
  world.registry.note(
      {{}, "test.note", std::string("a\xFF\xC0\x80", 4) + "中\xE4\xB8", "", "", "", {{"x", "\xED\xA0\x80"}}});
  world.registry.note({{}, "test.note", std::string(5'000, 'x') + "中", ""});
  const auto lines = world.lines();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].stored.entry.subject == "a???中??");
  CHECK(lines[1].stored.entry.subject.size() < 4'010);
  CHECK(audit::to_csv(lines).substr(0, 3) == "\xEF\xBB\xBF");
  CHECK(audit::to_syslog(lines[0], "centre").substr(0, 7) == "<109>1 ");
}

TEST_CASE("S3.5 a trail that cannot be written is told, counted, and stops no delivery") {
  Audited world;
  world.keeper.flush();
  const auto registry_goes_bad = [&](const char* sql) {
    sqlite::Database other(world.dir / "registry", {});
    other.execute(sql);
  };
  registry_goes_bad("CREATE TRIGGER no BEFORE INSERT ON audit BEGIN SELECT RAISE(FAIL, 'no room'); END");
  auto chain = world.filled();
  world.clock.advance(60'000'000);
  world.keeper.tend();
  CHECK(world.keeper.status_text().find("CANNOT BE WRITTEN") != std::string::npos);
  CHECK(world.fetch({}).batches_size() == 4);
  CHECK(world.post(chain.change()).outcome() == wire::ACCEPTED);
  CHECK_THROWS_AS(world.registry.note({{}, "test.note", "", ""}), Error);
  registry_goes_bad("DROP TRIGGER no");
  world.keeper.tend();
  CHECK(world.actions("audit.loss") == std::vector<std::string>{"hub audit.loss  "});
  CHECK(world.keeper.status_text().find("CANNOT BE WRITTEN") == std::string::npos);
}

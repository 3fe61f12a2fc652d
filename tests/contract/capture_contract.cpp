// The shipped capture on the real database while its table is altered (pitfall 28): what does not fit stops before a
// row of the new shape is sealed, with old and new shape; what fits goes on; after the cure everything is there.
#include <catch2/catch.hpp>
#include <set>

#include "agent/flow/capture.h"
#include "hub-protocol/client/hub_link.h"
#include "hub-protocol/seal/directory.h"
#include "hub-protocol/wire/exchange.pb.h"
#include "tests/contract/follower.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::test::contract {

namespace {

constexpr const char* altered_topic = "test.firm";
constexpr const char* altered_agent = "shape-01";

// Only its directory is asked for.
class DirectoryLink final : public HubLink {
 public:
  explicit DirectoryLink(seal::SealedDirectory sealed) : sealed_(std::move(sealed)) {}
  wire::SessionReply session(const wire::SessionRequest&) override { return {}; }
  wire::PostReply post(const wire::PostRequest&) override { return {}; }
  wire::FetchReply fetch(const wire::FetchRequest&) override { return {}; }
  wire::AppliedReply applied(const wire::AppliedRequest&) override { return {}; }
  wire::MattersReply matters(const wire::MattersRequest&) override { return {}; }
  wire::DirectoryReply directory(const wire::DirectoryRequest& request) override {
    wire::DirectoryReply reply;
    reply.set_signed_root(sealed_.signed_root);
    for (const std::string& part : request.parts()) reply.add_parts(sealed_.parts.at(Digest::from_bytes(part)));
    return reply;
  }

 private:
  seal::SealedDirectory sealed_;
};

class LeapingClock final : public Clock {
 public:
  Micros now() const override { return real_.now() + leapt_; }
  Micros steady() const override { return real_.steady() + leapt_; }
  void leap(Micros by) { leapt_ += by; }

 private:
  SystemClock real_;
  Micros leapt_ = 0;
};

class AlteredFirm {
 public:
  explicit AlteredFirm(Fixture& fixture) : fixture_(fixture) {
    for (const char* id : {"number", "area", "name"}) {
      topic_.items.emplace_back();
      topic_.items.back().id = id;
    }
    topic_.id = altered_topic;
    topic_.key = {"number"};
    topic_.partition = "area";
    publication_.topic = altered_topic;
    publication_.source = "registry";
    publication_.table = "firm";
    publication_.watermark = fixture.watermark();
    publication_.items["number"].column = "id";
    publication_.items["area"].column = "district";
    publication_.items["name"].column = "name";
    source_.database.id = "registry";
    source_.poll_interval = 20'000;
    if (fixture.mode() == adapter::CaptureMode::log) source_.capture = config::Capture::log;
    if (fixture.mode() == adapter::CaptureMode::watermark) source_.capture = config::Capture::watermark;
    fetch_directory();
    fixture.run(firm_ddl);
    fixture.run(
        fixture.adapter()
            .plan_source(flow::Capture::spec_of(source_, {flow::Publication(publication_, topic_, GroupSet::every())},
                                                altered_agent, fixture.connection()))
            .install);
    for (int i = 0; i < 30; ++i) insert(std::to_string(i), "name");
    start();
    until([&] { return is_full(30); });
    REQUIRE(is_full(30));
  }

  void insert(const std::string& id, const std::string& column, const std::string& value = "'n'") {
    fixture_.run("INSERT INTO firm(id, district, " + column + ") VALUES('" + id + "', 'd1', " + value + ")");
  }
  void start(const std::string& name_from = "name") {
    publication_.items["name"].column = name_from;
    capture_.reset();
    capture_ = std::make_unique<flow::Capture>(source_, std::vector{publication_},
                                               flow::CaptureParts{fixture_.adapter(), store_, keeper_, sealer_, {}, {}},
                                               fixture_.connection());
  }
  void stop() { capture_.reset(); }
  void leap(Micros by) { clock_.leap(by); }
  template <typename Condition>
  void until(const Condition& holds, int turns = 120) {
    for (int i = 0; i < turns && !holds(); ++i) {
      capture_->run_once();
      clock_.leap(100'000);
    }
  }
  store::StreamState stream() const { return *store_.stream(altered_topic); }
  bool is_full(std::uint64_t rows) const {
    const auto state = store_.stream(altered_topic);
    return state && state->rows_refilled + state->rows_sealed >= rows && !state->refill && state->wanted.is_empty();
  }
  bool is_stopped() const { return stream().stopped_code == "QZ-AGT-032"; }
  std::uint64_t rows() const { return stream().rows_sealed + stream().rows_refilled; }
  std::string note() const {
    for (const flow::Notice& notice : capture_->notices())
      if (notice.code == "QZ-AGT-105") return notice.detail;
    return {};
  }

 private:
  void fetch_directory() {
    Directory directory;
    directory.version = 1;
    directory.issued = clock_.now();
    directory.expires = clock_.now() + 86'400'000'000;
    directory.hub_key = key_.record();
    directory.departments["shape"] = {"shape", "shape", "shape"};
    directory.agents[altered_agent] = {altered_agent, "shape", {}, {key_.record()}, true};
    directory.catalogue.version = 1;
    directory.catalogue.topics[altered_topic] = topic_;
    directory.provisions.push_back({altered_topic, altered_agent, GroupSet::every()});
    DirectoryLink link(seal::seal_directory(directory, key_));
    keeper_.refresh(link);
  }

  Fixture& fixture_;
  Topic topic_;
  config::PublicationConfig publication_;
  config::SourceConfig source_;
  LeapingClock clock_;
  SystemRandom random_;
  TempDir folder_;
  seal::SigningKey key_ = seal::SigningKey::generate();
  store::Store store_{{folder_ / "queue.db", {}, 0}, Bytes(32, 'k'), random_};
  flow::DirectoryKeeper keeper_{store_, clock_, key_.record()};
  flow::Sealer sealer_{altered_agent, key_, clock_, random_, {}};
  std::unique_ptr<flow::Capture> capture_;
};

bool mentions(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE(
    "P28 capture: insert, rename a column, insert: no row of the new shape, old and new shape are told, then all") {
  const auto fixture = make_fixture(Way::process);
  if (fixture->is_text_only()) return;  // the table is our own
  const bool down = GENERATE(false, true);
  CAPTURE(down);
  AlteredFirm firm(*fixture);
  if (down) firm.stop();
  fixture->run("ALTER TABLE firm RENAME COLUMN name TO title");
  firm.insert("new", "title");
  if (down) firm.start();
  firm.until([&] { return firm.is_stopped(); });
  REQUIRE(firm.is_stopped());
  const std::string text = firm.stream().stopped_detail;
  INFO(text);
  CHECK(mentions(text, "items.name <- name：原 was "));
  CHECK(mentions(text, "不存在 missing"));
  CHECK(mentions(text, "renamed to title"));
  firm.until([] { return false; }, 3);
  CHECK(firm.rows() == 30);
  firm.start("title");
  firm.until([&] { return firm.is_full(61); });
  CHECK(firm.is_full(61));
  CHECK_FALSE(firm.is_stopped());
}

TEST_CASE("P28 capture: a column of another type stops, also when nobody looked, and put back, it goes on by itself") {
  const auto fixture = make_fixture(Way::process);
  if (fixture->is_text_only()) return;
  const bool down = GENERATE(false, true);
  CAPTURE(down);
  AlteredFirm firm(*fixture);
  if (down) firm.stop();
  fixture->run("ALTER TABLE firm RENAME COLUMN name TO title");
  fixture->run("ALTER TABLE firm ADD COLUMN name INTEGER");
  firm.insert("new", "name", "7");
  if (down) firm.start();
  firm.until([&] { return firm.is_stopped(); });
  INFO(firm.stream().stopped_code << " " << firm.stream().stopped_detail << " rows " << firm.rows());
  REQUIRE(firm.is_stopped());
  firm.until([] { return false; }, 3);
  CHECK(mentions(firm.stream().stopped_detail, "items.name <- name：原 was "));
  CHECK(firm.rows() == 30);
  fixture->run("ALTER TABLE firm DROP COLUMN name");
  fixture->run("ALTER TABLE firm RENAME COLUMN title TO name");
  firm.leap(5'000'000);
  firm.until([&] { return firm.is_full(61); });
  CHECK(firm.is_full(61));
  CHECK_FALSE(firm.is_stopped());
}

TEST_CASE("P28 capture: a new column stops and refills nothing, and is noted") {
  const auto fixture = make_fixture(Way::process);
  if (fixture->is_text_only()) return;
  const bool down = GENERATE(false, true);
  CAPTURE(down);
  AlteredFirm firm(*fixture);
  if (down) firm.stop();
  fixture->run("ALTER TABLE firm ADD COLUMN fax VARCHAR(20)");
  firm.insert("new", "name");
  if (down) firm.start();
  firm.leap(61'000'000);
  firm.until([&] { return firm.rows() > 30 && !firm.note().empty(); });
  CHECK(firm.rows() == 31);
  CHECK(firm.stream().rows_refilled == 30);
  CHECK(mentions(firm.note(), "fax"));
  CHECK(firm.stream().stopped_code.empty());
}

}  // namespace qianzhi::test::contract

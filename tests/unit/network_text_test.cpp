// A25: texts that mean something to SQL, LDAP, shells, paths or formats, in every place of every call where a text may
// stand. They are names of nothing, or data; nothing else comes of them.
#include <catch2/catch.hpp>

#include "hub-protocol/seal/letter.h"
#include "hub-protocol/sqlite/database.h"
#include "hub-protocol/wire/comparison.pb.h"
#include "reduction_world.h"
#include "tests/support/errors.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

const std::vector<std::string> hostile_texts = {
    "' OR '1'='1",
    "x'; DROP TABLE batch; --",
    "\"; DELETE FROM stream; --",
    "*)(uid=*))(|(uid=*",
    "../../../../etc/passwd",
    "..\\..\\x",
    "%2e%2e%2f%00",
    "$(id)`id`;|&",
    "%s%n%x%999999d",
    "{{7*7}}${jndi:ldap://169.254.169.254/x}",
    std::string("a\0b", 3),
    "\r\nX-Injected: 1\r\n\r\n",
    "http://169.254.169.254/latest/meta-data/",
    "file:///etc/passwd",
    "\u3400\u4dae\U00020bb7",  // 㐀䶮𠮷
    "\u202egnp.exe",
    std::string(4000, 'A'),
};

// What the hub's store holds of streams and evidence, for comparison.
std::string store_of(const ReductionWorld& world) {
  std::string text;
  for (const auto& stream : world.hub.hub->status())
    text += to_text(stream.stream) + " " + to_text(stream.head.position) + " " + std::to_string(stream.batches) + " " +
            std::to_string(stream.evidence) + "\n";
  return text;
}

void ask_with(Recorder& link, const ReductionWorld& world, const std::string& text) {
  const auto may_fail = [](const auto& call) { thrown_by(call); };
  wire::SessionRequest session;
  session.add_topics(text);
  may_fail([&] { link.session(session); });
  for (const StreamId& stream : {StreamId{text, firms}, StreamId{"commerce-01", text}, StreamId{text, text}}) {
    wire::FetchRequest fetch;
    wire::MarkMessage& mark = *fetch.add_marks();
    write_value(stream, *mark.mutable_stream());
    mark.mutable_mark()->set_digest(text);
    wire::Wish& wish = *fetch.add_wishes();
    write_value(stream, *wish.mutable_stream());
    wish.set_asker(text);
    wish.mutable_groups()->add_groups(text);
    may_fail([&] { link.fetch(fetch); });
    mark.mutable_mark()->clear_digest();
    wire::FetchReply reply;
    may_fail([&] { reply = link.fetch(fetch); });
    for (const wire::Page& page : reply.pages()) {
      CHECK((page.state() == wire::DENIED || stream.topic == firms));
      CHECK(page.batches_size() == 0);
    }
    wire::AppliedBody body;
    write_value(stream, *body.mutable_stream());
    body.set_subscriber(text);
    wire::AppliedRequest applied;
    applied.add_applied()->set_body(body.SerializeAsString());
    applied.mutable_applied(0)->mutable_signature()->set_key_id(text);
    applied.mutable_applied(0)->mutable_signature()->set_value(
        world.hub.tax_key.sign(seal::Purpose::applied, body.SerializeAsString()));
    may_fail([&] { link.applied(applied); });
    wire::Comparison letter;
    write_value(stream, *letter.mutable_stream());
    letter.set_from("tax-01");
    letter.set_to(text);
    letter.set_conversation(std::string(16, 'c'));
    letter.set_step(wire::ASK);
    wire::FetchRequest writes;
    seal::sign_letter(letter, world.hub.tax_key, *writes.add_letters());
    may_fail([&] { link.fetch(writes); });
  }
  wire::DirectoryRequest parts;
  parts.add_parts(text);
  may_fail([&] { link.directory(parts); });
  wire::PostRequest post;
  post.set_session(text);
  post.add_batches(text);
  may_fail([&] { link.post(post); });
  // What would end the request line is not ours to send.
  if (text.find_first_of(std::string_view("\r\n \0", 4)) != std::string::npos) return;
  for (const char* path : {"/v1/", "/v1/fetch?", "/v1/../"}) {
    link.call(path + text.substr(0, 1000), "");
    CHECK(link.status() != 200);
  }
}

}  // namespace

TEST_CASE("A25 texts that mean something elsewhere are names of nothing in every place of every call") {
  ReductionWorld world;
  world.grant({grant_of({"name"}, GroupSet::of({"440103"}))});
  const auto tax = world.recorder("tax-01");
  const std::string before = store_of(world);
  for (const std::string& text : hostile_texts) {
    INFO(text);
    ask_with(*tax, world, text);
    CHECK(store_of(world) == before);
  }
  CHECK(tax->record().find("root:") == std::string::npos);
  CHECK(tax->heads().find("X-Injected") == std::string::npos);
  CHECK(unpacked(tax->record()).find("<commerce") == std::string::npos);
  // What it may have it still gets.
  tax->forget();
  CHECK(tax->fetch(request_after(firms, {})).pages(0).batches_size() == 5);
  CHECK(unpacked(tax->record()).find(marker(firms, "name", "440103", 1)) != std::string::npos);
}

TEST_CASE(
    "A25 P32 names of groups and values that mean something elsewhere pass as they are, to who may have them alone") {
  ReductionWorld world;
  std::vector<Grant> grants;
  for (const std::string& text : hostile_texts)
    if (text.size() < 100) grants.push_back(grant_of({}, GroupSet::of({text})));
  world.grant({grants[1]});
  std::vector<Group> groups = {"440103"};
  for (const std::string& text : hostile_texts)
    if (text.size() < 100) groups.push_back(text);
  std::sort(groups.begin(), groups.end());
  world.seal_one(firms, BatchKind::change, groups);
  const auto tax = world.recorder("tax-01");
  const wire::Page page = tax->fetch(request_after(firms, {})).pages(0);
  const seal::Parsed last = seal::Parsed::from(page.batches(page.batches_size() - 1));
  last.check_contents();
  const seal::BatchContent content = last.open();
  REQUIRE(content.groups.size() == 1);
  CHECK(content.groups[0].group == hostile_texts[1]);
  const auto quality = world.recorder("quality-01");
  const wire::Page all = quality->fetch(request_after(firms, {})).pages(0);
  const seal::Parsed whole = seal::Parsed::from(all.batches(all.batches_size() - 1));
  whole.check_contents();
  const seal::BatchContent opened = whole.open();
  REQUIRE(opened.groups.size() == groups.size());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    CHECK(opened.groups[i].group == groups[i]);
    CHECK(opened.groups[i].items[1].text(0).substr(0, 200).find(marker(firms, "name", groups[i], world.edition)) == 0);
  }
}

TEST_CASE(
    "A25 a thousand questions without a right a minute are each refused, and a genuine request is answered beside "
    "them") {
  ReductionWorld world;
  world.grant({});
  const auto tax = world.recorder("tax-01");
  const auto quality = world.recorder("quality-01");
  const std::string before = store_of(world);
  for (int question = 0; question < 1000; ++question) {
    const wire::Page page = tax->fetch(request_after(firms, {})).pages(0);
    REQUIRE(page.state() == wire::DENIED);
    if (question % 100 == 0) CHECK(quality->fetch(request_after(firms, {})).pages(0).batches_size() == 5);
  }
  CHECK(store_of(world) == before);
  CHECK(unpacked(tax->record()).find("<commerce") == std::string::npos);
}

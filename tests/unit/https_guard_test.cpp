// What a hostile or broken client can do to the hub: nothing to others, and not for long.
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <list>
#include <thread>

#include "https_world.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/client/http_head.h"
#include "tests/support/memory.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

const std::string attackers = "127.0.0.2";

void shorten(hub::ServerLimits& limits) {
  limits.handshake_ms = 600;
  limits.head_ms = 600;
  limits.body_ms = 600;
  limits.reply_ms = 600;
  limits.farewell_ms = 100;
}

// One octet at a time, paced by waiting for the server to cut us.
bool trickle_until_cut(RawClient& client, char octet) {
  for (int sent = 0; sent < 500; ++sent) {
    if (client.cut_within(20) || !client.send(std::string(1, octet))) return true;
  }
  return false;
}

// What the server answers to these octets on a fresh good connection, up to its end.
std::string answer_to(World& world, const std::string& octets) {
  RawClient client(world);
  REQUIRE(client.tls(world, "a") == TlsResult::ok);
  REQUIRE(client.send(octets));
  return client.receive();
}

bool has_status(const std::string& answer, const std::string& status) {
  return answer.compare(0, 12, "HTTP/1.1 " + status) == 0;
}

}  // namespace

TEST_CASE("A17 P40 200 clients that never shake hands do not keep a genuine request waiting, and are cut") {
  World world;
  world.options.limits.handshake_ms = 1'500;
  world.start();
  std::list<RawClient> slow;
  for (int i = 0; i < 200; ++i) slow.emplace_back(world, attackers);
  CHECK(code_of([&] { world.link("a")->post({}); }).empty());
  CHECK(world.server->connections() <= 33);
  for (const RawClient& client : slow) CHECK(client.await_cut());
  world.await_report("QZ-LINK-106");
  CHECK(world.exchange.posts() == 1);
}

TEST_CASE("A17 a handshake that drips is cut at its deadline") {
  World world;
  shorten(world.options.limits);
  world.start();
  const RawClient client(world, attackers);
  REQUIRE(client.send_plain("\x16\x03\x01\x02"));
  bool cut = false;
  for (int sent = 0; sent < 500 && !cut; ++sent) cut = client.cut_within(20) || !client.send_plain("\x01");
  CHECK(cut);
}

TEST_CASE("A17 P40 a head or a body that comes one octet at a time is cut at its deadline, others are answered") {
  World world;
  shorten(world.options.limits);
  world.start();
  const std::string begun = GENERATE(std::string(), std::string("POST /v1/batches HTTP/1.1\r\nX-A: "),
                                     post_head("/v1/batches", "Content-Length: 100000\r\n"));
  RawClient client(world);
  REQUIRE(client.tls(world, "a") == TlsResult::ok);
  REQUIRE(client.send(begun));
  CHECK(code_of([&] { world.link("b")->post({}); }).empty());
  CHECK(trickle_until_cut(client, 'x'));
  CHECK(world.exchange.callers() == std::vector<std::string>{"b"});
}

TEST_CASE("A17 P40 a flood of lines without a colon is refused by size, not by patience") {
  World world;
  world.start();
  std::string flood = "POST /v1/batches HTTP/1.1\r\n";
  while (flood.size() < http_head_limit) flood += "junk\n";
  CHECK(has_status(answer_to(world, flood), "431"));
}

TEST_CASE("A17 a client that never reads its reply is cut at the deadline") {
  World world;
  shorten(world.options.limits);
  world.options.limits.octets_a_second = 1U << 30U;
  world.exchange.give_batch(std::string(24U << 20U, 'x'));
  world.start();
  RawClient client(world);
  const int small = 4096;
  setsockopt(client.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  REQUIRE(client.tls(world, "a") == TlsResult::ok);
  REQUIRE(client.send(post_head("/v1/fetch", "Content-Length: 0\r\n")));
  CHECK(code_of([&] { world.link("b")->post({}); }).empty());
  CHECK_FALSE(client.cut_within(0));
  while (world.server->connections() > 0) std::this_thread::yield();
  CHECK(world.exchange.posts() == 1);
}

TEST_CASE("A18 sizes and shapes that are not ours get a 4xx and the connection's end, without memory") {
  World world;
  world.start();
  const long before = resident_kilobytes();
  const std::string path = "/v1/batches";
  CHECK(has_status(answer_to(world, post_head(path, "Content-Length: 10737418240\r\n") + "abc"), "413"));
  CHECK(has_status(answer_to(world, post_head(path, "Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n"), "411"));
  CHECK(has_status(answer_to(world, post_head(path, "")), "411"));
  CHECK(has_status(answer_to(world, post_head(path, "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n")), "400"));
  CHECK(has_status(answer_to(world, post_head(path, "Content-Length: 3\r\nContent-Length: 3\r\n")), "400"));
  CHECK(has_status(answer_to(world, post_head(path, "Content-Length: -3\r\n")), "400"));
  CHECK(has_status(answer_to(world, post_head(path, "Content-Length: 99999999999999999999\r\n")), "400"));
  CHECK(has_status(answer_to(world, std::string(100, '\xff') + "\r\n\r\n"), "400"));
  CHECK(has_status(answer_to(world, "GET /v1/batches HTTP/1.1\r\n\r\n"), "405"));
  CHECK(has_status(answer_to(world, post_head("/v1/../admin", "Content-Length: 0\r\n")), "404"));
  CHECK(has_status(answer_to(world, "POST /v1/batches HTTP/1.0\r\nContent-Length: 0\r\n\r\n"), "400"));
  CHECK(resident_kilobytes() < before + 65'536);
  CHECK(world.exchange.posts() == 0);
  CHECK(world.fatal == 0);
}

TEST_CASE("A18 P42 an encoded word in a header is refused undecoded") {
  World world;
  world.start();
  CHECK(has_status(answer_to(world, post_head("/v1/batches", "X-A: =?UTF-32?B?////////?=\r\n")), "400"));
  CHECK(has_status(answer_to(world, post_head("/v1/batches", "Content-Length: =?UTF-8?B?MA==?=\r\n")), "400"));
}

TEST_CASE("A18 a body that is not the expected message is a 400, and the next request is read from its true start") {
  World world;
  world.start();
  RawClient client(world);
  REQUIRE(client.tls(world, "a") == TlsResult::ok);
  const std::string junk(5000, '\xff');
  REQUIRE(client.send(post_head("/v1/batches", "Content-Length: 5000\r\n") + junk +
                      post_head("/v1/batches", "Content-Length: 0\r\nConnection: close\r\n")));
  const std::string answers = client.receive();
  CHECK(has_status(answers, "400"));
  CHECK(answers.find("HTTP/1.1 200 OK", 1) != std::string::npos);
  CHECK(world.exchange.posts() == 1);
}

TEST_CASE("P42 heads are read strictly") {
  CHECK(parse_head("POST /x HTTP/1.1\r\nContent-Length: 7\r\nConnection: close\r\n")->content_length == 7U);
  CHECK(parse_head("POST /x HTTP/1.1\r\nConnection: Close\r\n")->close);
  for (const char* bad : {"", "\r\n", "POST /x\r\n", "POST /x HTTP/1.1\r\nno colon\r\n", "POST /x HTTP/1.1\n",
                          "POST /x HTTP/1.1\r\n folded: 1\r\n", "POST /x HTTP/1.1\r\nA b: 1\r\n",
                          "POST /x HTTP/1.1\r\nA: \x01\r\n", "POST /x HTTP/1.1\r\n: 1\r\n",
                          "POST /x HTTP/1.1\r\nContent-Length:\r\n", "POST /x HTTP/1.1\r\nContent-Length: 1 1\r\n"}) {
    INFO(bad);
    CHECK_FALSE(parse_head(bad));
  }
}

TEST_CASE("an agent's fifth connection ends the one that was quiet for longest, never another agent's") {
  World world;
  world.start();
  std::list<RawClient> held;
  RawClient other(world);
  REQUIRE(other.tls(world, "b") == TlsResult::ok);
  for (int i = 0; i < 5; ++i) {
    held.emplace_back(world);
    REQUIRE(held.back().tls(world, "a") == TlsResult::ok);
    REQUIRE(held.back().send(post_head("/v1/batches", "Content-Length: 0\r\n")));
    REQUIRE(has_status(held.back().receive("\r\n\r\n"), "200"));
  }
  CHECK(held.front().await_cut());
  CHECK_FALSE(held.back().cut_within(0));
  CHECK_FALSE(other.cut_within(0));
}

namespace {

// Parks so many polls of one agent, sends a request of another meanwhile, and releases them all: whether all of that
// was answered, far within the time the polls had asked for.
bool park(int count) {
  World world;
  world.options.limits.guard.per_agent = 2'000;
  world.start();
  std::list<RawClient> parked;
  wire::FetchRequest request;
  request.set_wait_ms(30'000);
  request.mutable_directory()->set_version(world.exchange.directory().version);
  const std::string body = request.SerializeAsString();
  const std::string poll = post_head("/v1/fetch", "Content-Length: " + std::to_string(body.size()) + "\r\n") + body;
  const long before = resident_kilobytes();
  for (int i = 0; i < count; ++i) {
    parked.emplace_back(world);
    REQUIRE(parked.back().tls(world, "a") == TlsResult::ok);
    REQUIRE(parked.back().send(poll));
  }
  world.exchange.await_parked(count);
  const Micros asked = world.clock.steady();
  const bool meanwhile = code_of([&] { world.link("b")->post({}); }).empty();
  const Micros begun = world.clock.steady();
  world.exchange.give_batch("batch");
  int answered = 0;
  for (RawClient& client : parked) answered += client.receive("batch").find("200 OK") != std::string::npos ? 1 : 0;
  const Micros ended = world.clock.steady();
  WARN(count << " parked: " << (resident_kilobytes() - before) / count << " KB a connection, both ends; a request "
             << (begun - asked) / 1000 << " ms with its handshake; all answered in " << (ended - begun) / 1000
             << " ms");
  return meanwhile && answered == count && ended - begun < 20'000'000;
}

}  // namespace

TEST_CASE("200 parked long polls do not stop a request, and all are answered at once on a post") { CHECK(park(200)); }

TEST_CASE("1,000 parked long polls do not stop a request", "[.][large]") { CHECK(park(1000)); }

TEST_CASE("a long poll with nothing to say ends empty when its time is over, and one whose client left ends early") {
  World world;
  world.options.limits.parked_check_ms = 20;
  world.start();
  wire::FetchRequest request;
  request.set_wait_ms(50);
  request.mutable_directory()->set_version(world.exchange.directory().version);
  CHECK(world.link("a")->fetch(request).pages_size() == 0);
  {
    RawClient client(world);
    request.set_wait_ms(30'000);
    const std::string body = request.SerializeAsString();
    REQUIRE(client.tls(world, "a") == TlsResult::ok);
    REQUIRE(client.send(post_head("/v1/fetch", "Content-Length: " + std::to_string(body.size()) + "\r\n") + body));
    world.exchange.await_parked(1);
  }
  world.await_report("QZ-LINK-113");
}

TEST_CASE("R7.8 the wishes of a long poll are taken once, however often it wakes") {
  World world;
  world.start();
  std::thread waiting([&] {
    wire::FetchRequest request;
    request.set_wait_ms(30'000);
    request.add_wishes()->set_asker("a");
    request.mutable_directory()->set_version(world.exchange.directory().version);
    world.link("a")->fetch(request);
  });
  for (int round = 0; round < 3; ++round) {
    world.exchange.await_parked(1);
    world.exchange.set_directory(world.exchange.directory());
  }
  world.exchange.give_batch("batch");
  waiting.join();
  CHECK(world.exchange.wishes() == 1);
}

TEST_CASE("the kind of a handler's error decides the status, and corrupt stops the process") {
  World world;
  world.start();
  const auto [kind, code, fatal] = GENERATE(table<ErrorKind, std::string, int>({{ErrorKind::rejected, "400", 0},
                                                                                {ErrorKind::unavailable, "503", 0},
                                                                                {ErrorKind::full, "503", 0},
                                                                                {ErrorKind::misuse, "500", 0},
                                                                                {ErrorKind::corrupt, "500", 1}}));
  world.exchange.fail_posts_with(Error(kind, "QZ-SQL-003", "detail", "hint"));
  const std::string answer = answer_to(world, post_head("/v1/batches", "Content-Length: 0\r\nConnection: close\r\n"));
  CHECK(has_status(answer, code));
  CHECK(answer.find("QZ-SQL-003") != std::string::npos);
  CHECK(world.fatal == fatal);
}

TEST_CASE("stopping ends idle, slow and parked connections at once") {
  World world;
  world.start();
  RawClient plain(world);
  RawClient idle(world);
  REQUIRE(idle.tls(world, "a") == TlsResult::ok);
  std::thread waiting([&] {
    wire::FetchRequest request;
    request.set_wait_ms(30'000);
    request.mutable_directory()->set_version(world.exchange.directory().version);
    code_of([&] { world.link("b")->fetch(request); });
  });
  world.exchange.await_parked(1);
  world.server->stop();
  waiting.join();
  CHECK(plain.await_cut());
  CHECK(idle.await_cut());
}

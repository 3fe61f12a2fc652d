// The listener of the administration interface: hostile octets, slow ones, and many at once.
#include <catch2/catch.hpp>
#include <list>

#include "https_world.h"
#include "hub-protocol/admin/call.h"
#include "hub-protocol/admin/verb_fields.h"
#include "hub-protocol/web/http.h"
#include "hub-protocol/web/listener.h"

using namespace qianzhi;
using test::RawClient;

namespace {

struct AdminWorld {
  test::World world;
  web::ListenerOptions options;
  std::unique_ptr<web::Listener> listener;
  std::atomic<int> answered{0};

  AdminWorld() {
    options.certificate = world.dir / "hub.crt";
    options.private_key = world.dir / "hub.key";
    options.limits.handshake_ms = options.limits.head_ms = options.limits.body_ms = 400;
    options.limits.body_limit = 1000;
    options.limits.per_address = 4;
  }
  void start() {
    listener = std::make_unique<web::Listener>(
        options,
        [this](const web::Request& request) {
          ++answered;
          return web::Reply{200, "text/plain", request.method + " " + request.path + " " + request.body};
        },
        world.clock);
  }
  // What is answered to these octets.
  std::string answer_to(const std::string& octets) {
    RawClient raw(world, "127.0.0.1", listener->port());
    REQUIRE(raw.tls(world, "a") == TlsResult::ok);
    REQUIRE(raw.send(octets));
    return raw.receive();
  }
};

std::string status_in(const std::string& answer) { return answer.substr(0, answer.find("\r\n")); }

}  // namespace

TEST_CASE("A25 the administration interface answers one whole request and says what browsers may do with it") {
  AdminWorld world;
  world.start();
  const std::string answer =
      world.answer_to("POST /a%20b?x=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nhello");
  CHECK(status_in(answer) == "HTTP/1.1 200 OK");
  CHECK(answer.find("POST /a b hello") != std::string::npos);
  for (const char* header : {"default-src 'none'", "frame-ancestors 'none'", "Cache-Control: no-store", "nosniff",
                             "Cross-Origin-Opener-Policy: same-origin", "Connection: close"})
    CHECK(answer.find(header) != std::string::npos);
  const std::string head = world.answer_to("HEAD /x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  CHECK(head.substr(head.size() - 4) == "\r\n\r\n");
}

TEST_CASE(
    "A25 P40 P42 malformed, oversized and ambiguous requests of administration are refused before they are read") {
  AdminWorld world;
  world.start();
  const std::string start = "POST / HTTP/1.1\r\nHost: h\r\n";
  CHECK(status_in(world.answer_to("GET / HTTP/1.0\r\nHost: h\r\n\r\n")) == "HTTP/1.1 400 Bad Request");
  CHECK(status_in(world.answer_to("GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n")) == "HTTP/1.1 400 Bad Request");
  CHECK(status_in(world.answer_to("GET / HTTP/1.1\r\nHost: h\r\nHost: g\r\n\r\n")) == "HTTP/1.1 400 Bad Request");
  CHECK(status_in(world.answer_to("GET / HTTP/1.1\r\nnocolon\r\n\r\n")) == "HTTP/1.1 400 Bad Request");
  CHECK(status_in(world.answer_to(start + "X: =?utf-8?q?a?=\r\n\r\n")) == "HTTP/1.1 400 Bad Request");
  CHECK(status_in(world.answer_to(start + "\r\n")) == "HTTP/1.1 411 Length Required");
  CHECK(status_in(world.answer_to(start + "Transfer-Encoding: chunked\r\n\r\n")) == "HTTP/1.1 411 Length Required");
  CHECK(status_in(world.answer_to(start + "Content-Length: 1001\r\n\r\n")) == "HTTP/1.1 413 Content Too Large");
  CHECK(status_in(world.answer_to(start + "X: " + std::string(40'000, 'x'))).find(" 431 ") != std::string::npos);
  CHECK(world.answered == 0);
}

TEST_CASE("A17 A25 P40 slow callers of administration are cut at each deadline") {
  AdminWorld world;
  world.start();
  const RawClient silent(world.world, "127.0.0.2", world.listener->port());
  CHECK(silent.await_cut());
  CHECK(world.answer_to("GET / HTTP/1.1\r\nHo").find(" 408 ") != std::string::npos);
  CHECK(world.answer_to("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc").find(" 408 ") != std::string::npos);
}

TEST_CASE("A17 A25 one address holds few places at administration: a new caller ends the one that waits longest") {
  AdminWorld world;
  world.options.limits.handshake_ms = 60'000;
  world.start();
  std::list<RawClient> slow;
  for (int i = 0; i < 5; ++i) slow.emplace_back(world.world, "127.0.0.2", world.listener->port());
  CHECK(slow.front().await_cut());
  CHECK_FALSE(slow.back().cut_within(0));
  CHECK(status_in(world.answer_to("GET / HTTP/1.1\r\nHost: h\r\n\r\n")) == "HTTP/1.1 200 OK");
}

TEST_CASE("A25 forms and words are taken apart as people and browsers write them") {
  const auto form = web::form_from("a=1&b=%E4%B8%AD+x&&c");
  REQUIRE(form.has_value());
  CHECK(*form == web::Fields{{"a", "1"}, {"b", "中 x"}, {"c", ""}});
  for (const char* bad : {"a=%4", "a=%00", "a=1&a=2"}) CHECK_FALSE(web::form_from(bad).has_value());
  std::string many;
  for (int i = 0; i < 101; ++i) many += "x" + std::to_string(i) + "=&";
  CHECK_FALSE(web::form_from(many).has_value());
  CHECK(admin::split_words("add  customs --title '海 关' \"\" a\"b c\"d") ==
        std::vector<std::string>{"add", "customs", "--title", "海 关", "", "ab cd"});
  CHECK(web::url_encoded("a b/中") == "a%20b%2F%E4%B8%AD");
  CHECK_FALSE(admin::same_secret("", ""));
  CHECK_FALSE(admin::same_secret("a", "b"));
  CHECK(admin::same_secret("ab", "ab"));
}

TEST_CASE("a verb's usage becomes a form, and the form its words again") {
  using Kind = admin::VerbField::Kind;
  const auto fields = admin::fields_of("NAME --role system|security [--title TITLE] [--force] [DIRECTORY]");
  REQUIRE(fields.has_value());
  REQUIRE(fields->size() == 5);
  CHECK((*fields)[1].kind == Kind::option);
  CHECK((*fields)[1].choices == std::vector<std::string>{"system", "security"});
  CHECK((*fields)[2].choices.empty());
  CHECK_FALSE((*fields)[2].is_required);
  CHECK((*fields)[3].kind == Kind::flag);
  CHECK((*fields)[4].kind == Kind::positional);
  const std::vector<std::string> words =
      admin::words_in(*fields, {{"f0", "li"}, {"f1", "system"}, {"f2", "a \"b' c"}, {"f3", "1"}, {"f4", ""}});
  CHECK(words == std::vector<std::string>{"li", "--role", "system", "--title", "a \"b' c", "--force"});
  CHECK(admin::split_words(admin::joined_words(words)) == words);
  CHECK(admin::joined_words({"刘 \"工\"", "", "a'b"}) == "'刘 \"工\"' \"\" \"a'b\"");
  CHECK(admin::joined_words({"刘'\"工"}) == "\"刘'\"'\"'\"工\"");
  CHECK(admin::values_of(*fields, words) == std::vector<std::string>{"li", "system", "a \"b' c", "1", ""});
  CHECK(admin::fields_of("").value().empty());
  CHECK(admin::fields_of("--from FILE [--replace]").value().size() == 1);
  for (const char* odd : {"A | B", "TOPIC...", "[--a [--b B]]", "(A)", "[A"})
    CHECK_FALSE(admin::fields_of(odd).has_value());
}

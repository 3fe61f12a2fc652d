// Programs of a department ask through the running agent's listener, over real sockets.
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>

#include <array>
#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <thread>

#include "tests/crash/bureaus.h"

using namespace qianzhi;

namespace {

namespace net = Poco::Net;
using crash::asking_agent;
using crash::Bureaus;
using crash::NewExchange;

const std::string hall_token(64, 'a');
const std::string other_token(64, 'b');
constexpr char api_path[] = "/api/requests";

struct Call {
  std::string method = net::HTTPRequest::HTTP_POST;
  std::string path = api_path;
  std::string token = hall_token;
  std::string body = {};
  std::string key = {};
  std::string host = {};
  bool expects = false;  // to be told that its body is wanted
  bool chunked = false;
};

struct Told {
  int status = 0;
  std::string type;
  std::string body;
  bool was_expected = false;
  Poco::JSON::Object::Ptr json() const {
    INFO(body);
    return Poco::JSON::Parser().parse(body).extract<Poco::JSON::Object::Ptr>();
  }
  std::string text(const std::string& name) const { return json()->optValue<std::string>(name, ""); }
};

std::string body_with(const std::string& more, const std::string& purpose = crash::stated_purpose,
                      const std::string& service = crash::person_service) {
  return "{\"service\": \"" + service + "\", \"purpose\": \"" + purpose + "\", \"basis\": \"" + crash::stated_basis +
         "\", \"person\": \"王五\"" + more +
         ", \"questions\": [{\"citizen_number\": \"11010519491231002X\", \"person_name\": \"张三\"}, "
         "{\"citizen_number\": \"110105194912310011\", \"person_name\": \"李四\"}]}";
}

struct Counter {
  Counter() : city(2, configuration(), write_tokens), port(city.exchange.port(asking_agent)) {}

  static std::string configuration() {
    return std::string("api:\n  callers:\n    - name: hall\n      token: {file: hall.token}\n      services: [") +
           crash::person_service + "]\n      purposes: [" + crash::stated_purpose +
           "]\n    - {name: away, token: {file: away.token}, services: [" + crash::person_service +
           "]}\n    - {name: other, token: {file: other.token}, services: [" + crash::person_service + "]}\n";
  }
  static void write_tokens(NewExchange& exchange) {
    for (const auto& [name, token] : {std::pair("hall", hall_token), std::pair("other", other_token)})
      write_token(exchange.file(std::string(name) + ".token"), token);
    const crash::Output checked = exchange.on(asking_agent, {"check"});
    CHECK(checked.exit != 0);
    CHECK(checked.text.find("api.callers away") != std::string::npos);
    write_token(exchange.file("away.token"), "too-short");
    CHECK(exchange.on(asking_agent, {"check"}).text.find("fewer than 32") != std::string::npos);
    std::filesystem::remove(exchange.file("away.token"));
  }
  static void write_token(const std::filesystem::path& file, const std::string& token) {
    std::ofstream(file) << token << "\n";
    std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  Told call(const Call& call) const {
    net::HTTPClientSession session("127.0.0.1", port);
    session.setTimeout(Poco::Timespan(20, 0));
    net::HTTPRequest request(call.method, call.path, net::HTTPMessage::HTTP_1_1);
    if (!call.token.empty()) request.set("Authorization", "Bearer " + call.token);
    if (!call.key.empty()) request.set("Idempotency-Key", call.key);
    if (!call.host.empty()) request.setHost(call.host);
    request.setContentType("application/json");
    request.setExpectContinue(call.expects);
    if (call.chunked)
      request.setChunkedTransferEncoding(true);
    else if (call.method == net::HTTPRequest::HTTP_POST)
      request.setContentLength(static_cast<std::streamsize>(call.body.size()));
    Told told;
    net::HTTPResponse response;
    std::ostream& out = session.sendRequest(request);
    if (call.expects) told.was_expected = session.peekResponse(response);
    out << call.body << std::flush;
    Poco::StreamCopier::copyToString(session.receiveResponse(response), told.body);
    told.status = response.getStatus();
    told.type = response.getContentType();
    return told;
  }
  Told ask(const std::string& body, const std::string& key = {}, const std::string& token = hall_token) const {
    return call({.token = token, .body = body, .key = key});
  }
  Told get(const std::string& path, const std::string& token = hall_token) const {
    return call({.method = net::HTTPRequest::HTTP_GET, .path = path, .token = token});
  }
  std::size_t count(const std::string& token) const {
    return get(api_path, token).json()->getArray("requests")->size();
  }
  Poco::JSON::Object::Ptr await_over(const std::string& id) const {
    Poco::JSON::Object::Ptr told;
    city.exchange.await("the answers", [&] {
      told = get(std::string(api_path) + "/" + id).json();
      return told->getValue<bool>("over");
    });
    return told;
  }

  Bureaus city;
  std::uint16_t port;
};

void ask_and_poll(const Counter& counter) {
  const Told asked = counter.ask(body_with(", \"case\": \"粤A-2006-1\", \"within\": \"1h\""), "k-1");
  INFO(asked.body);
  REQUIRE(asked.status == 201);
  const std::string id = asked.text("id");
  const auto told = counter.await_over(id);
  CHECK(told->getValue<std::string>("asker") == "hall/王五");
  CHECK(told->getValue<std::string>("case") == "粤A-2006-1");
  REQUIRE(told->getArray("providers")->size() == 2);
  for (unsigned i = 0; i < 2; ++i) {
    const auto answers = told->getArray("providers")->getObject(i)->getArray("answers");
    const auto row = answers->getObject(0)->getArray("rows")->getObject(0);
    CHECK(row->getValue<std::string>("record_number") == counter.city.names[i] + "-1");
    CHECK(answers->getObject(1)->getValue<std::string>("verdict") == "not_found");
  }
  // The same call once more asks nobody.
  const Told again = counter.ask(body_with(""), "k-1");
  CHECK(again.status == 200);
  CHECK(again.text("id") == id);
  // What one caller asked is nothing to another one.
  CHECK(counter.get(std::string(api_path) + "/" + id, other_token).status == 404);
  CHECK(counter.count(other_token) == 0);
  CHECK(counter.count(hall_token) == 1);
}

// Who answered sees on its page what it was asked and what became of it.
void look_at_provider(const Counter& counter) {
  const std::string status = counter.city.exchange.says("bureau-01", {"status", "--json"});
  const auto requests = Poco::JSON::Parser().parse(status).extract<Poco::JSON::Object::Ptr>()->getArray("requests");
  REQUIRE(requests->size() == 1);
  CHECK(requests->getObject(0)->getValue<std::string>("peer") == asking_agent);
  CHECK(requests->getObject(0)->getValue<std::string>("state") == "over");
}

void ask_without_right(const Counter& counter) {
  const Told stranger = counter.ask(body_with(""), {}, std::string(64, 'c'));
  CHECK(stranger.status == 401);
  CHECK(stranger.text("code") == "QZ-AGT-168");
  CHECK(counter.ask(body_with(""), {}, "").status == 401);
  CHECK(counter.ask(body_with("", "招揽客户")).status == 403);
  // Of a caller who may state any purpose the service's own list still holds.
  CHECK(counter.ask(body_with("", "招揽客户"), {}, other_token).text("code") == "QZ-AGT-152");
  CHECK(counter.ask(body_with("", crash::stated_purpose, "check.yearly_tax")).text("code") == "QZ-AGT-169");
  CHECK(counter.call({.body = body_with(""), .host = "evil.example"}).status == 403);
  CHECK(counter.call({.method = "DELETE"}).status == 405);
  CHECK(counter.ask("{").status == 400);
  CHECK(counter.count(hall_token) == 1);
}

// A body that nobody reads must not cost its caller the reply.
void ask_at_length(const Counter& counter) {
  const std::string padding = ", \"case\": \"" + std::string(1U << 20U, 'x') + "\"";
  for (const bool expects : {false, true}) {
    const Told refused = counter.call({.body = body_with(padding), .expects = expects});
    CHECK(refused.status == 413);
    CHECK(refused.text("code") == "QZ-PAGE-003");
  }
  const Told chunked = counter.call({.body = body_with(padding), .chunked = true});
  CHECK(chunked.status == 411);
  const Told patient = counter.call({.body = body_with(", \"within\": \"1h\""), .key = "k-1", .expects = true});
  CHECK(patient.was_expected);
  CHECK(patient.status == 200);
}

void ask_many_at_once(const Counter& counter) {
  constexpr std::size_t keys = 12;
  std::array<Told, 3 * keys> told;
  std::vector<std::thread> callers;
  for (std::size_t i = 0; i < told.size(); ++i)
    callers.emplace_back(
        [&, i] { told[i] = counter.ask(body_with(", \"within\": \"1h\""), "m-" + std::to_string(i % keys)); });
  for (std::thread& caller : callers) caller.join();
  std::set<std::string> ids;
  int made = 0;
  for (const Told& each : told) {
    INFO(each.body);
    CHECK((each.status == 201 || each.status == 200));
    made += each.status == 201 ? 1 : 0;
    ids.insert(each.text("id"));
  }
  CHECK(made == keys);
  CHECK(ids.size() == keys);
  for (const std::string& id : ids) counter.await_over(id);
  CHECK(counter.count(hall_token) == keys + 1);
}

}  // namespace

TEST_CASE("S4.3 S2.8 A25 programs ask through the agent's own listener, each with its token, many at once") {
  const Counter counter;
  ask_and_poll(counter);
  look_at_provider(counter);
  ask_without_right(counter);
  ask_at_length(counter);
  ask_many_at_once(counter);
  // A token that is exchanged counts from then on, without a word to the agent.
  Counter::write_token(counter.city.exchange.file("hall.token"), std::string(64, 'd'));
  CHECK(counter.get(api_path).status == 401);
  CHECK(counter.get(api_path, std::string(64, 'd')).status == 200);
}

// Programs of a department ask over HTTP: what the interface takes, from whom, and what it tells.
#include <catch2/catch.hpp>

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <fstream>

#include "agent/app/request_api.h"
#include "request_world.h"

using namespace qianzhi;

namespace {

using test::RequestWorld;
using test::Side;

constexpr char hall_token[] = "0123456789abcdef0123456789abcdef";
constexpr char other_token[] = "fedcba9876543210fedcba9876543210";
constexpr char good_body[] =
    R"({"service": "tax.yearly_total", "purpose": "case", "basis": "law", "case": "K-1", "person": "王五",
       "to": ["tax-01"], "questions": [{"number": "A", "year": "2006"}, {"year": "2007", "number": "A"}]})";

struct ApiWorld {
  ApiWorld() {
    add("hall", hall_token, {test::tax_of_year}, {"case"});
    add("other", other_token, {test::tax_of_year}, {});
    add("short", "too-short", {test::tax_of_year}, {});
    tax.sql("INSERT INTO tax VALUES('A', '2006', 100, '440103', 9)");
  }
  void add(const std::string& name, const std::string& secret, std::vector<std::string> services,
           std::set<std::string> purposes) {
    const std::filesystem::path file = world.dir / (name + ".token");
    std::ofstream(file) << secret << "\n";
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
    tokens.push_back({name, {file, {}}, std::move(services), std::move(purposes)});
  }
  web::Reply call(const std::string& method, const std::string& path, const std::string& body = {},
                  const std::string& token = hall_token, const std::string& key = {}) {
    web::Request request;
    request.method = method;
    request.path = path;
    request.body = body;
    request.headers = {{"authorization", "Bearer " + token}, {"content-type", "application/json; charset=utf-8"}};
    if (!key.empty()) request.headers.emplace("idempotency-key", key);
    CHECK(app::RequestApi::is_meant(request));
    return app::RequestApi(tokens, *asker.requests, *asker.store).answer(request);
  }
  web::Reply ask(const std::string& from = "K-1", const std::string& to = "K-1") {
    std::string body = good_body;
    body.replace(body.find(from), from.size(), to);
    return call("POST", "/api/requests", body);
  }
  static Poco::JSON::Object::Ptr json(const web::Reply& reply) {
    INFO(reply.body);
    return Poco::JSON::Parser().parse(reply.body).extract<Poco::JSON::Object::Ptr>();
  }
  static std::string text(const web::Reply& reply, const std::string& name) {
    return json(reply)->getValue<std::string>(name);
  }

  RequestWorld world;
  Side tax{world, "tax-01"};
  Side asker{world, test::asking};
  std::vector<config::ApiToken> tokens;
};

}  // namespace

TEST_CASE("S4.3 S2.8 a program asks over HTTP, is told who it was, and reads the collected answer") {
  ApiWorld api;
  const web::Reply asked = api.call("POST", "/api/requests", good_body, hall_token, "key-1");
  INFO(asked.body);
  REQUIRE(asked.status == 201);
  const std::string id = ApiWorld::text(asked, "id");
  CHECK(asked.headers.back() == std::pair<std::string, std::string>("Location", "/api/requests/" + id));
  // The same once more is the same.
  const web::Reply again = api.call("POST", "/api/requests", good_body, hall_token, "key-1");
  CHECK(again.status == 200);
  CHECK(ApiWorld::text(again, "id") == id);
  CHECK(api.asker.store->inquiries(10).size() == 1);
  for (Side* side : {&api.asker, &api.tax, &api.asker}) side->turn();
  const auto told = ApiWorld::json(api.call("GET", "/api/requests/" + id));
  CHECK(told->getValue<bool>("over"));
  CHECK(told->getValue<std::string>("asker") == "hall/王五");
  const auto provider = told->getArray("providers")->getObject(0);
  const auto answers = provider->getArray("answers");
  CHECK(answers->getObject(0)->getArray("rows")->getObject(0)->getValue<std::string>("total") == "100");
  CHECK(answers->getObject(1)->getValue<std::string>("verdict") == "not_found");
  const auto list = ApiWorld::json(api.call("GET", "/api/requests"))->getArray("requests");
  REQUIRE(list->size() == 1);
  CHECK(list->getObject(0)->getValue<int>("questions") == 2);
  // An appeal is linked to it.
  const web::Reply appeal = api.ask("\"case\": \"K-1\"", "\"appeal\": \"" + id + "\"");
  CHECK(appeal.status == 201);
  CHECK(ApiWorld::text(api.call("GET", "/api/requests/" + ApiWorld::text(appeal, "id")), "appeal") == id);
}

TEST_CASE("A25 S2.6 S3.5 without its token, service or purpose a program gets nothing, and not what another asked") {
  ApiWorld api;
  const std::string id = ApiWorld::text(api.ask(), "id");
  CHECK(api.call("POST", "/api/requests", good_body, "wrong").status == 401);
  CHECK(api.call("POST", "/api/requests", good_body, "too-short").status == 401);
  CHECK(api.call("GET", "/api/requests", "", "").status == 401);
  const web::Reply refused = api.call("GET", "/api/requests/" + id, "", "");
  CHECK(refused.headers.front().first == "WWW-Authenticate");
  CHECK(ApiWorld::text(refused, "zh") == "没有有效的令牌");
  CHECK(api.call("GET", "/api/requests/" + id, "", other_token).status == 404);
  CHECK(api.call("POST", "/api/requests", good_body, other_token, "key").status == 201);
  CHECK(ApiWorld::json(api.call("GET", "/api/requests", "", other_token))->getArray("requests")->size() == 1);
  const web::Reply purpose = api.ask("\"purpose\": \"case\"", "\"purpose\": \"else\"");
  CHECK(purpose.status == 403);
  CHECK(ApiWorld::text(purpose, "code") == "QZ-AGT-169");
  CHECK(api.ask("tax.yearly_total", "other.service").status == 403);
  CHECK(api.ask("\"tax-01\"", "\"nobody\"").status == 403);
  const web::Reply appeal =
      api.call("POST", "/api/requests", std::string(good_body).insert(1, "\"appeal\": \"" + id + "\", "), other_token);
  CHECK(appeal.status == 404);
  api.tokens.clear();
  CHECK(api.call("GET", "/api/requests").status == 404);
}

TEST_CASE("A25 what is no request of the interface is refused before anything is asked") {
  ApiWorld api;
  const auto status = [&](const std::string& from, const std::string& to) { return api.ask(from, to).status; };
  CHECK(api.call("POST", "/api/requests", "{").status == 400);
  CHECK(api.call("POST", "/api/requests", "[]").status == 400);
  CHECK(api.call("POST", "/api/requests", std::string(100'000, '[')).status == 400);
  CHECK(api.call("POST", "/api/requests", std::string(app::longest_api_body + 1, ' ')).status == 413);
  CHECK(api.call("DELETE", "/api/requests").status == 405);
  CHECK(api.call("GET", "/api/requests/00").status == 404);
  CHECK(api.call("GET", "/api/requests/" + std::string(32, '0')).status == 404);
  CHECK(status("\"case\": ", "\"caes\": ") == 400);
  CHECK(status("\"K-1\"", "7") == 400);
  CHECK(status("\"K-1\"", R"("a\nb")") == 400);
  CHECK(status("[\"tax-01\"]", "\"tax-01\"") == 400);
  CHECK(status("\"year\": \"2007\", ", "") == 400);
  CHECK(status("\"basis\": \"law\"", "\"basis\": \"\"") == 400);
  CHECK(status("\"case\": \"K-1\"", "\"within\": \"100y\"") == 400);
  CHECK(status("\"case\": \"K-1\"", "\"appeal\": \"xyz\"") == 400);
  CHECK(api.asker.store->inquiries(10).empty());
}

#include "tests/crash/page.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>

#include <charconv>

namespace qianzhi::crash {

namespace {

namespace net = Poco::Net;
using Poco::JSON::Object;

std::string text(const Object& object, const char* name) { return object.optValue<std::string>(name, ""); }

std::uint64_t number(const Object& object, const char* name) {
  const std::string digits = text(object, name);
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

template <typename Take>
void each(const Object& object, const char* name, Take take) {
  const auto list = object.getArray(name);
  for (unsigned i = 0; !list.isNull() && i < list->size(); ++i) take(*list->getObject(i));
}

Page read(const std::string& body) {
  const auto root = Poco::JSON::Parser().parse(body).extract<Object::Ptr>();
  Page page;
  page.is_reached = true;
  page.body = body;
  page.verdict = text(*root, "verdict");
  page.headline = text(*root, "headline");
  page.directory_version = number(*root, "directory_version");
  page.has_expired =
      number(*root, "directory_expires") != 0 && number(*root, "directory_expires") < number(*root, "time");
  each(*root, "findings", [&](const Object& finding) { page.findings.push_back(text(finding, "code")); });
  each(*root, "publications", [&](const Object& line) {
    page.publications[text(line, "topic")] = {
        text(line, "last"),           text(line, "receipted"),
        number(line, "waiting_rows"), !text(line, "refill").empty() || !text(line, "wanted").empty(),
        number(line, "alive"),        text(line, "alive_by")};
  });
  each(*root, "lanes", [&](const Object& line) {
    page.lanes[text(line, "topic")] = {text(line, "mark"), line.optValue("at_head", false),
                                       line.optValue("is_complete", false), number(line, "alive")};
  });
  each(*root, "stages", [&](const Object& stage) {
    if (!text(stage, "error_code").empty())
      page.errors.push_back(text(stage, "name") + ": " + text(stage, "error_code") + " " + text(stage, "error_detail"));
  });
  return page;
}

}  // namespace

Page page_at(std::uint16_t port, const std::string& token) {
  try {
    net::HTTPClientSession session("127.0.0.1", port);
    session.setTimeout(Poco::Timespan(10, 0));
    net::HTTPRequest request(net::HTTPRequest::HTTP_GET, "/api/status", net::HTTPMessage::HTTP_1_1);
    request.set("Authorization", "Bearer " + token);
    session.sendRequest(request);
    net::HTTPResponse response;
    std::string body;
    Poco::StreamCopier::copyToString(session.receiveResponse(response), body);
    return response.getStatus() == net::HTTPResponse::HTTP_OK ? read(body) : Page{};
  } catch (const Poco::Exception&) {
    return {};
  }
}

}  // namespace qianzhi::crash

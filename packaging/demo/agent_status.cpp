#include "packaging/demo/agent_status.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>

#include <charconv>
#include <fstream>

namespace qianzhi::demo {

namespace {

namespace net = Poco::Net;
using Poco::JSON::Array;
using Poco::JSON::Object;

std::uint64_t number(const std::string& text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string text(const Object& object, const char* name) { return object.optValue<std::string>(name, ""); }
std::uint64_t count(const Object& object, const char* name) { return number(text(object, name)); }

std::string trouble(const Object& object, const char* code, const char* detail) {
  return text(object, code).empty() ? "" : text(object, code) + " " + text(object, detail);
}

template <typename Take>
void each(const Object& object, const char* name, Take take) {
  const Array::Ptr list = object.getArray(name);
  for (std::size_t i = 0; !list.isNull() && i < list->size(); ++i) take(*list->getObject(static_cast<unsigned>(i)));
}

AgentStatus read(const Object& root) {
  AgentStatus status;
  status.is_reached = true;
  status.verdict = text(root, "verdict");
  status.directory_version = count(root, "directory_version");
  each(root, "publications", [&](const Object& line) {
    status.publications.push_back(
        {text(line, "topic"), count(line, "sealed_rows") + count(line, "refilled_rows"), count(line, "receipted_rows"),
         count(line, "waiting_rows"), text(line, "last"), text(line, "receipted"),
         !text(line, "refill").empty() || !text(line, "wanted").empty(), trouble(line, "code", "detail")});
  });
  each(root, "lanes", [&](const Object& line) {
    status.lanes.push_back({text(line, "topic"), text(line, "origin"), text(line, "mark"), text(line, "head"),
                            line.optValue("is_complete", false), count(line, "upserted") + count(line, "removed"),
                            trouble(line, "code", "detail")});
  });
  each(root, "quarantine", [&](const Object& line) {
    status.quarantine.push_back({text(line, "topic"), text(line, "code"), text(line, "detail")});
  });
  each(root, "stages", [&](const Object& stage) {
    if (const std::string found = trouble(stage, "error_code", "error_detail"); !found.empty())
      status.troubles.push_back(text(stage, "name") + ": " + found);
  });
  each(root, "notices", [&](const Object& notice) {
    status.troubles.push_back(text(notice, "subject") + ": " + trouble(notice, "code", "detail"));
  });
  return status;
}

}  // namespace

PageAddress page_in(const std::filesystem::path& port_file, const std::filesystem::path& config) {
  std::ifstream in(port_file);
  PageAddress page;
  page.config = config;
  in >> page.port >> page.token;
  return page;
}

AgentStatus status_of(const PageAddress& page) {
  try {
    net::HTTPClientSession session("127.0.0.1", page.port);
    session.setTimeout(Poco::Timespan(10, 0));
    net::HTTPRequest request(net::HTTPRequest::HTTP_GET, "/api/status", net::HTTPMessage::HTTP_1_1);
    request.set("Authorization", "Bearer " + page.token);
    session.sendRequest(request);
    net::HTTPResponse response;
    std::string body;
    Poco::StreamCopier::copyToString(session.receiveResponse(response), body);
    if (response.getStatus() != net::HTTPResponse::HTTP_OK) return {};
    return read(*Poco::JSON::Parser().parse(body).extract<Object::Ptr>());
  } catch (const Poco::Exception&) {
    return {};
  }
}

std::uint64_t batches_behind(const std::string& mark, const std::string& last) {
  const std::size_t dot = last.find('.');
  if (dot == std::string::npos || mark == last) return 0;
  const std::uint64_t end = number(last.substr(dot + 1));
  const bool same_epoch = mark.substr(0, dot + 1) == last.substr(0, dot + 1);
  const std::uint64_t from = same_epoch ? number(mark.substr(dot + 1)) : 0;
  return end > from ? end - from : 0;
}

}  // namespace qianzhi::demo

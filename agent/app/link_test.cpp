#include "agent/app/link_test.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <array>
#include <sstream>
#include <string_view>

#include "agent/app/links.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::app {

namespace {

constexpr std::array<std::string_view, 5> link_steps = {"resolve", "connect", "tls", "certificate", "identity"};

// Which step a call that failed had come to.
std::size_t step_of(const std::string& code) {
  if (code == "QZ-LINK-001" || code == "QZ-LINK-012" || code == "QZ-LINK-015") return 0;
  if (code == "QZ-LINK-002" || code == "QZ-LINK-013" || code == "QZ-LINK-014") return 1;
  if (code == "QZ-LINK-003") return 2;
  if (code == "QZ-LINK-004" || code == "QZ-LINK-009") return 3;
  return 4;
}

void add_step(Poco::JSON::Array& steps, std::string_view name, const std::string& detail, const std::string& code) {
  Poco::JSON::Object step;
  step.set("step", std::string(name));
  step.set("ok", code.empty());
  step.set("detail", detail);
  if (!code.empty()) step.set("code", code);
  steps.add(step);
}

void add_call(Poco::JSON::Array& steps, const config::Config& config) {
  std::string detail;
  std::string code;
  std::size_t reached = link_steps.size();
  try {
    new_link(config)->directory({});
  } catch (const Error& error) {
    code = error.code();
    detail = error.detail();
    reached = step_of(code);
  }
  for (std::size_t at = 0; at < reached; ++at) add_step(steps, link_steps[at], at == 0 ? config.exchange.url : "", "");
  if (reached < link_steps.size()) add_step(steps, link_steps[reached], detail, code);
}

}  // namespace

std::string test_link(const config::Config& config, const Clock& clock) {
  Poco::JSON::Array steps;
  if (config.exchange.directory) {
    add_step(steps, "connect", way_to_hub(config.exchange), "QZ-LINK-151");
  } else {
    add_call(steps, config);
    if (steps.size() == link_steps.size()) add_step(steps, "clock", qianzhi::to_text(clock.now()), "");
  }
  std::ostringstream text;
  steps.stringify(text);
  return text.str();
}

}  // namespace qianzhi::app

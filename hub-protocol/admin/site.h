// The administration interface as a function from request to reply: sessions, checks against foreign pages, the API
// below /api/, and the operator's page. It sees one whole request at a time and keeps nothing but the sessions.
#pragma once

#include <string>
#include <vector>

#include "hub-protocol/accounts/entry.h"
#include "hub-protocol/admin/desk.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/html/text.h"
#include "hub-protocol/web/http.h"

namespace qianzhi::admin {

using web::Fields;
using web::Reply;
using web::Request;

struct SiteOptions {
  std::string title = "前置交换中心";
  std::string title_en = "Qianzhi hub";
  std::vector<std::string> hosts;  // names it is opened by, beside IP addresses and localhost
};

// What answering one request needs.
struct Visit {
  const SiteOptions& options;
  const Desk& desk;
  accounts::Entry& entry;
  registry::Registry& registry;
  const Clock& clock;
  const Request& request;
  html::Language language = html::Language::zh;
  std::optional<accounts::Visitor> visitor;  // nothing: nobody signed in

  std::string_view pick(std::string_view zh, std::string_view en) const { return html::pick(language, zh, en); }
  std::string text(std::string_view zh, std::string_view en) const { return html::text_of(language, zh, en); }
  // As the signed-in account.
  std::string run(const std::vector<std::string>& words, std::string_view attachment = {}) const {
    return desk.run(visitor->account.name, words, attachment);
  }
};

// Thread-safe.
class Site {
 public:
  Site(SiteOptions options, Desk desk, accounts::Entry& entry, registry::Registry& registry, const Clock& clock)
      : options_(std::move(options)), desk_(std::move(desk)), entry_(entry), registry_(registry), clock_(clock) {}

  // Never throws.
  Reply answer(const Request& request);

 private:
  Reply answer_checked(const Request& request);

  const SiteOptions options_;
  const Desk desk_;
  accounts::Entry& entry_;
  registry::Registry& registry_;
  const Clock& clock_;
};

inline constexpr std::string_view session_cookie = "__Host-qianzhi";
std::string session_cookie_header(std::string_view token);  // empty token: it ends

// As in HTTP.
int status_of(const Error& error);

// Below /api/ (api.cpp).
Reply api_reply(Visit& visit);

}  // namespace qianzhi::admin

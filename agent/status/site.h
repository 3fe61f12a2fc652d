// What the page's address answers, whatever listener carries it:
//   GET  /livez                  ok; open to all on this machine
//   GET  /in?k=TOKEN             one-time link: a session, then /
//   POST /sign-in                name and password as a form, from other machines: likewise
//   GET  /readyz, /metrics       with a session or the reading token as bearer, likewise /api/status
//   GET  /, /app.js, /app.css, /words.js, /page.css, /icon.svg    the application, from memory, with ETag
//   GET  /plain?lang=zh|en       the page without JavaScript
//   GET  /api/status, /api/history?span=day|month, /api/events, /api/codes, /api/config, /api/documents,
//        /api/document?name=, /api/me
//   POST /api/do                 verb and arguments as a form; a session that may act, Origin and CSRF token
// Everything else of this needs a session. No row values, no secrets.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/status/door.h"
#include "agent/status/entrance.h"
#include "agent/status/history.h"
#include "agent/status/page_text.h"
#include "agent/status/sign_in.h"
#include "agent/status/snapshot.h"
#include "hub-protocol/web/http.h"

namespace qianzhi::status {

struct SiteParts {
  std::function<Snapshot()> snapshot;  // an Error it throws becomes a reply 503 with its code
  const Clock* clock = nullptr;
  // Null: nobody signs in, and what there is to see is open to all on this machine. Only for a page that tells nothing
  // (not configured yet), and for tests of what is shown.
  Door* door = nullptr;
  // Where people of other machines sign in: then nobody comes by a link, and all is behind TLS. With a door.
  Entrance* entrance = nullptr;
  std::vector<std::string> hosts = {};         // with an entrance: names it is opened by, beside IP addresses
  const History* history = nullptr;            // null: there is none
  std::function<void(const Deed&)> tell = {};  // keeps what was done on the page; must not throw. Null: nobody keeps it
  // Carries out one of: retry ID, reload, test-link, acknowledge EVENT, renew. Its text is shown. Null: nothing.
  std::function<std::string(const std::vector<std::string>& words, const Visitor& visitor)> act;
  std::function<std::string()> configuration;  // JSON of what is in force; null: not known
  std::string reading_token;                   // of programs; empty: there is none
  // What else is answered at this address, with rights of its own; asked first. Nothing: it is not meant. Does not
  // throw.
  std::function<std::optional<web::Reply>(const web::Request&)> also = {};
  std::size_t body_limit = 8192;  // octets
};

class Site {
 public:
  explicit Site(SiteParts parts) : parts_(std::move(parts)) {}

  // Thread-safe; does not throw.
  web::Reply answer(const web::Request& request);

 private:
  web::Reply route(const web::Request& request);
  web::Reply get(const web::Request& request, const Visitor& visitor);
  web::Reply of_program(const web::Request& request);
  web::Reply enter(const web::Request& request);
  web::Reply sign_in(const web::Request& request);
  web::Reply door_page(const web::Request& request, SignInTrouble trouble) const;
  web::Reply let_in(const web::Request& request, const std::string& session) const;
  bool is_own_origin(const web::Request& request) const;
  std::string cookie_name(const web::Request& request) const;
  web::Reply act(const web::Request& request, const std::optional<Visitor>& visitor);
  web::Reply me(const Visitor& visitor);
  web::Reply readiness();
  web::Reply history(const web::Request& request);
  bool has_token(const web::Request& request) const;
  Snapshot recent();

  const SiteParts parts_;
  std::mutex lock_;
  std::optional<Snapshot> kept_;  // what many windows ask for is worked out once a second
  Micros kept_at_ = 0;
};

// The application's policy, also of every other reply.
extern const char* const page_policy;

// The page without JavaScript, complete in itself but for /page.css. Refreshes itself every 5 s.
std::string to_plain_html(const Snapshot& snapshot, Language language);
// A document that the program holds, or with an empty name the list of them; nothing if there is none of this name.
std::optional<std::string> to_plain_document(std::string_view name, Language language);

}  // namespace qianzhi::status

// What the desk's listener answers: pages for people who signed in, the interface below /api/ (api.h), and
//   GET /livez   the process answers        GET /readyz   503 with the codes of what fails
// Nobody else is told anything. Each POST of a form must come from a page of this session: Origin, then the token.
#pragma once

#include "agent/desk/serve/visit.h"

namespace qianzhi::desk::serve {

class Site {
 public:
  // All must outlive it.
  Site(const ServeConfig& config, const Rooms& rooms, Sessions& sessions, Random& random, const Clock& clock)
      : config_(config), rooms_(rooms), sessions_(sessions), random_(random), clock_(clock) {}

  // From any thread. Never throws.
  web::Reply answer(const web::Request& request);

 private:
  web::Reply routed(const web::Request& request);
  web::Reply ready();
  web::Reply api(Visit& visit);
  web::Reply sign_in(Visit& visit);
  web::Reply sign_out(const web::Request& request);
  web::Reply form(Visit& visit);
  std::string cookie(const std::string& name, const std::string& value, const char* more) const;
  bool is_own_host(std::string_view host) const;
  bool is_own_origin(const web::Request& request) const;

  const ServeConfig& config_;
  const Rooms& rooms_;
  Sessions& sessions_;
  Random& random_;
  const Clock& clock_;
};

}  // namespace qianzhi::desk::serve

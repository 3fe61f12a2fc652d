// What the lookup's listener answers.
//   GET  /            sign in, or the form; ?lang=zh or en      POST /login (token)   POST /logout   GET /page.css
//   POST /search      the form and its answer (subject, by, text, purpose)
//   POST /api/search  the same fields as a form or a JSON object of texts, "Authorization: Bearer TOKEN"; JSON:
//                     {"hits":[{"item":"value"}],"more":false} or {"code":"QZ-DSK-212"}
//   GET  /livez
// Searches are POSTs, so that what was asked for stands in no address, history or log.
#pragma once

#include <mutex>

#include "agent/desk/lookup/form.h"
#include "agent/desk/lookup/page.h"
#include "agent/desk/lookup/search.h"
#include "agent/desk/lookup/sessions.h"

namespace qianzhi::desk::lookup {

class Site {
 public:
  // One thread at a time is let in to search and sessions: they belong to this site while it lives. All must outlive
  // it.
  Site(const LookupConfig& config, Search& search, Sessions& sessions);

  // From any thread. Never throws what a request brought about. 503 if it had to wait for 3 s.
  Reply answer(const Request& request);

  // Runs while no request is answered.
  template <typename Work>
  void between_requests(const Work& work) {
    const std::lock_guard lock(mutex_);
    work();
  }

 private:
  Reply routed(const Request& request);
  Reply page_reply(const Request& request, PageState& state);
  Reply login(const Request& request);
  Reply logout(const Request& request);
  Reply page_search(const Request& request);
  Reply api_search(const Request& request);

  const LookupConfig& config_;
  Search& search_;
  Sessions& sessions_;
  std::timed_mutex mutex_;
};

}  // namespace qianzhi::desk::lookup

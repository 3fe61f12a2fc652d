// One request with who sent it, and what answering it needs. Internal to this folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/desk/serve/config.h"
#include "agent/desk/serve/rooms.h"
#include "agent/desk/serve/sessions.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/html/text.h"
#include "hub-protocol/web/http.h"

namespace qianzhi::desk::serve {

struct Visit {
  const Rooms& rooms;
  const Clock& clock;
  Random& random;
  const web::Request& request;
  html::Language language = html::Language::zh;
  const Account* account = nullptr;  // null: nobody signed in
  std::string csrf;                  // empty: the interface with a token
  const Staff* staff = nullptr;      // null: does nothing with cases

  std::string_view pick(std::string_view zh, std::string_view en) const { return html::pick(language, zh, en); }
  std::string text(std::string_view zh, std::string_view en) const { return html::text_of(language, zh, en); }
  bool is_english() const { return language == html::Language::en; }
  std::string parameter(std::string_view name) const { return std::string(request.parameter(name)); }

  // What of the navigation there is for this account. The rooms ask again themselves.
  bool has_cases() const { return staff != nullptr; }
  bool is_everywhere() const { return staff != nullptr && staff->is_everywhere(); }
  bool is_head() const { return staff != nullptr && staff->role == CaseRole::head; }
  bool may_review() const { return staff != nullptr && staff->review; }
  bool may_look_up() const { return rooms.lookup != nullptr && account != nullptr && !account->lookup.empty(); }
};

// Of a form or a query; empty: it is not there.
inline std::string field_of(const web::Fields& fields, std::string_view name) {
  const auto found = fields.find(name);
  return found == fields.end() ? std::string() : found->second;
}

// A whole number from 0; nothing for anything else.
std::optional<std::int64_t> number_in(std::string_view text);

// As in HTTP.
int status_of(const Error& error);

}  // namespace qianzhi::desk::serve

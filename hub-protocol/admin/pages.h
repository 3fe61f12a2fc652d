// The operator's page: HTML without JavaScript, everything escaped, Chinese first. Internal to this folder.
#pragma once

#include <string>
#include <string_view>

#include "hub-protocol/admin/json_in.h"
#include "hub-protocol/admin/site.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::admin {

std::string page_style();

// GET, by path; signed in or not.
Reply page_reply(Visit& visit);
// POST of a form; its token is checked here.
Reply form_reply(Visit& visit);

// error: why the last try failed; may be null.
Reply sign_in_page(const Visit& visit, const Error* error);
Reply account_page(const Visit& visit, const Error* error);
Reply not_found_page(const Visit& visit);

// GET /verb/NAME: the form; its POST: asks to confirm what changes something, then does it.
Reply verb_page(const Visit& visit);
Reply verb_form_reply(Visit& visit, const Fields& form);
Reply verbs_page(const Visit& visit);
// Link to the form of a verb with its words filled in, if there is such a verb and the account may; else empty.
std::string verb_link(const Visit& visit, std::string_view verb, const std::string& words, std::string_view label);

// The views: what verbs with --json answer.
struct View {
  std::string_view path;
  std::string_view zh;
  std::string_view en;
  // Words of the verbs whose answers it shows; those that this hub does not have are passed over.
  std::vector<std::string_view> sources;
  accounts::Role role = accounts::Role::anyone;  // who may open it
  std::vector<std::string_view> verbs = {};      // first words of the verbs that belong to it
};
const std::vector<View>& all_views();
bool is_shown(const Visit& visit, const View& view);
Reply view_page(Visit& visit, const View& view);
Reply overview_page(Visit& visit);

// The whole page around its content. `at`: path of the view that is open.
Reply framed(const Visit& visit, std::string_view title, std::string_view at, const std::string& content,
             int status = 200);
std::string error_html(const Visit& visit, const Error& error);
// Hidden field with the session's token.
std::string token_field(const Visit& visit);

// A verb's answer: a table for a list of objects, pairs for an object, else as it stands.
std::string answer_html(const Visit& visit, const std::string& answer);
std::string table_html(const Visit& visit, const JsonNode& rows);
// One value: states with icon, word and colour, times with their age.
std::string value_html(const Visit& visit, std::string_view key, const std::string& value);
std::string key_html(const Visit& visit, std::string_view key);

}  // namespace qianzhi::admin

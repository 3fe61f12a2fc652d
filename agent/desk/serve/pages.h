// The pages: HTML without JavaScript, everything escaped, Chinese first. Internal to this folder.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/desk/rules/grid.h"
#include "agent/desk/serve/visit.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::desk::serve {

std::string page_style();

// GET of a page, POST of a form whose origin and token were checked. Nothing: there is no such page. They throw what
// the rooms throw.
std::optional<web::Reply> page_reply(Visit& visit);
std::optional<web::Reply> form_reply(Visit& visit, const web::Fields& form);

// error: why the last try failed; may be null.
web::Reply sign_in_page(const Visit& visit, const Error* error);
web::Reply error_page(const Visit& visit, const Error& error);
web::Reply not_found_page(const Visit& visit);

web::Reply overview_page(Visit& visit);
web::Reply case_list_page(Visit& visit, const web::Fields& fields);
web::Reply case_page(Visit& visit, std::int64_t id, const web::Fields& tried, const Error* error);
web::Reply case_form_reply(Visit& visit, std::int64_t id, std::string_view action, const web::Fields& form);
web::Reply new_case_page(Visit& visit, const web::Fields& tried, const Error* error);
web::Reply new_case_reply(Visit& visit, const web::Fields& form);
web::Reply reports_page(Visit& visit);
web::Reply report_page(Visit& visit, const std::string& id, bool is_csv);
web::Reply figures_page(Visit& visit, bool is_csv);
web::Reply notices_page(Visit& visit, const Error* error);
web::Reply notice_form_reply(Visit& visit, std::int64_t id, std::string_view action);
web::Reply feeds_page(Visit& visit);
web::Reply health_page(Visit& visit);
web::Reply review_page(Visit& visit, const Error* error);
web::Reply review_form_reply(Visit& visit, std::string_view action, const web::Fields& form);
web::Reply lookup_page(Visit& visit, const web::Fields* asked);

// The forms below a case for what this person may do with it now.
std::string case_forms(const Visit& visit, const CaseView& view, const CaseRule* rule, const web::Fields& tried);

// What a form or the interface asks for. The number of the case to be looked at then; nothing: there is no such action.
std::optional<std::int64_t> case_action(Visit& visit, std::int64_t id, std::string_view action,
                                        const web::Fields& form);
std::int64_t open_case(Visit& visit, const web::Fields& form);
// action: again or drop.
void notice_action(Visit& visit, std::int64_t id, std::string_view action);
CaseFilter filter_in(const Visit& visit, const web::Fields& fields);
std::optional<CasePlace> place_in(const web::Fields& fields);
// action: decide or undo.
void review_action(Visit& visit, std::string_view action, const web::Fields& form);
lookup::Question question_in(const web::Fields& fields);
lookup::Answer lookup_answer(Visit& visit, const lookup::Question& question);

// The verdict on the desk, as every page of it shows it.
std::string verdict_html(Visit& visit);

// The whole page around its content. `at`: path of the part that is open.
web::Reply framed(const Visit& visit, std::string_view title, std::string_view at, const std::string& content,
                  int status = 200);
std::string error_html(const Visit& visit, const Error& error);
std::string done_html(const Visit& visit, std::string_view text);
// Hidden field with the session's token.
std::string token_field(const Visit& visit);
// That, and a name for the request, so that a form that is sent twice counts once.
std::string request_fields(const Visit& visit);
// A link's address: path?a=b&c=d, ready to stand in an attribute. Empty values are left out.
std::string address(std::string_view path, const std::vector<std::pair<std::string_view, std::string>>& query);

// A labelled field of a form. attributes: as in HTML.
std::string input(std::string_view id, std::string_view label, std::string_view attributes, std::string_view value = {},
                  std::string_view hint = {});
struct Choice {
  std::string value;
  std::string label;
};
std::string select(std::string_view id, std::string_view label, const std::vector<Choice>& choices,
                   std::string_view chosen);

// A table with a caption and scopes; cells are HTML.
class Sheet {
 public:
  Sheet(std::string caption, std::vector<std::string> heads);
  // Columns from 0 whose cells are numbers.
  Sheet& numbers(const std::vector<std::size_t>& columns);
  void row(const std::vector<std::string>& cells);
  bool empty() const { return rows_.empty(); }
  std::string html() const;

 private:
  std::string caption_;
  std::vector<std::string> heads_;
  std::vector<bool> is_number_;
  std::string rows_;
};
std::string grid_html(const Grid& grid);
web::Reply csv_reply(const std::string& name, const std::string& csv);

// Words for people.
std::string state_html(const Visit& visit, std::string_view state);
std::string state_words(const Visit& visit, std::string_view state);
std::string step_words(const Visit& visit, const CaseRule* rule, std::string_view what);
std::string outcome_words(const Visit& visit, const CaseRule* rule, std::string_view id);
std::string rule_words(const Visit& visit, std::string_view rule);
std::string item_words(const Visit& visit, std::string_view item);
std::string notice_state_html(const Visit& visit, std::string_view state);
// A due day with how far it is: "2008-02-29（逾期 3 天）".
std::string due_html(const Visit& visit, const CaseFile& file);

}  // namespace qianzhi::desk::serve

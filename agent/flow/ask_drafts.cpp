#include "agent/flow/ask_drafts.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "agent/config/names.h"
#include "agent/flow/ask_table.h"

namespace qianzhi::flow {

namespace {

constexpr std::size_t most_rows_of_draft = 1'000;
constexpr std::size_t most_octets_of_draft = 256U << 10U;

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r' || text.back() == '\n'))
    text.remove_suffix(1);
  return text;
}

std::vector<std::string> providers_in(const std::string& text) {
  std::vector<std::string> providers;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');)
    if (const std::string_view name = without_blanks(part); !name.empty()) providers.emplace_back(name);
  return providers;
}

class RequestSorter {
 public:
  using AskedAs = std::function<std::optional<Bytes>(const std::string&)>;
  RequestSorter(const config::AskConfig& ask, const Catalogue& catalogue, const adapter::Found& found,
                const AskedAs& asked_as)
      : ask_(ask), catalogue_(catalogue), found_(found), asked_as_(asked_as), columns_(request_columns(ask)) {}

  void sort(std::size_t row);
  AskDrafts take();

 private:
  struct Open {
    std::size_t draft = 0;  // in result_.drafts
    std::size_t octets = 0;
  };

  std::string text_of(const std::string& column, std::size_t row) const;
  std::string value_of(const config::AskValue& value, std::size_t row) const {
    return value.column.empty() ? value.constant : text_of(value.column, row);
  }
  void refuse(const std::string& key, const std::string& code, const std::string& detail) {
    result_.refused.push_back({key, code, detail});
  }
  // What is wrong with it; empty: nothing is.
  std::string questions_of(const Topic& topic, std::size_t row, std::vector<std::string>& values) const;
  void add(const Topic& topic, std::size_t row, const std::string& key, const std::vector<std::string>& values);
  InquiryDraft draft_of(const Topic& topic, std::size_t row) const;

  const config::AskConfig& ask_;
  const Catalogue& catalogue_;
  const adapter::Found& found_;
  const AskedAs& asked_as_;
  std::vector<std::string> columns_;
  std::set<std::string> seen_;
  std::set<Bytes> known_;
  std::map<std::vector<std::string>, Open> open_;  // by what its rows have in common
  AskDrafts result_;
};

std::string RequestSorter::text_of(const std::string& column, std::size_t row) const {
  const auto place = static_cast<std::size_t>(std::find(columns_.begin(), columns_.end(), column) - columns_.begin());
  if (place >= found_.columns.size() || !found_.columns[place].has_value(row)) return {};
  return std::string(without_blanks(found_.columns[place].text(row)));
}

std::string RequestSorter::questions_of(const Topic& topic, std::size_t row, std::vector<std::string>& values) const {
  for (const std::string& id : topic.key) {
    const Item* item = topic.find(id);
    const auto column = ask_.items.find(id);
    if (item == nullptr || column == ask_.items.end()) return "items lacks " + id;
    values.push_back(text_of(column->second, row));
    if (values.back().empty()) return id + " is missing";
    if (!config::fits(*item, values.back())) return id + " does not fit its type";
  }
  return {};
}

InquiryDraft RequestSorter::draft_of(const Topic& topic, std::size_t row) const {
  InquiryDraft draft;
  draft.service = topic.id;
  draft.providers = providers_in(value_of(ask_.to, row));
  draft.purpose = value_of(ask_.purpose, row);
  draft.basis = value_of(ask_.basis, row);
  draft.questions.items = topic.key;
  draft.questions.columns.resize(topic.key.size());
  draft.questions.case_number = value_of(ask_.case_number, row);
  draft.questions.asker = value_of(ask_.person, row);
  if (draft.questions.asker.empty()) draft.questions.asker = "asks " + ask_.name;
  draft.table = ask_.name;
  return draft;
}

void RequestSorter::add(const Topic& topic, std::size_t row, const std::string& key,
                        const std::vector<std::string>& values) {
  const std::string within = value_of(ask_.within, row);
  const auto time = config::time_to_answer(within);
  if (!time) return refuse(key, "QZ-AGT-166", "within is no time from 1s to 90d");
  Bytes appeal;
  if (const std::string earlier = value_of(ask_.appeal, row); !earlier.empty()) {
    const auto inquiry = asked_as_(earlier);
    if (!inquiry) return refuse(key, "QZ-AGT-155", "appeal names no earlier request");
    appeal = *inquiry;
  }
  std::size_t octets = key.size();
  for (const std::string& value : values) octets += value.size();
  std::vector<std::string> common = {topic.id, within, appeal};
  for (const config::AskValue* value : {&ask_.to, &ask_.purpose, &ask_.basis, &ask_.case_number, &ask_.person})
    common.push_back(value_of(*value, row));
  auto open = open_.find(common);
  if (open == open_.end() || result_.drafts[open->second.draft].rows.size() == most_rows_of_draft ||
      open->second.octets + octets > most_octets_of_draft) {
    InquiryDraft draft = draft_of(topic, row);
    draft.within = *time;
    draft.appeal = appeal;
    result_.drafts.push_back(std::move(draft));
    open = open_.insert_or_assign(common, Open{result_.drafts.size() - 1, 0}).first;
  }
  open->second.octets += octets;
  InquiryDraft& draft = result_.drafts[open->second.draft];
  draft.rows.push_back(key);
  for (std::size_t i = 0; i < values.size(); ++i) draft.questions.columns[i].append(values[i]);
}

void RequestSorter::sort(std::size_t row) {
  if (!found_.columns.front().has_value(row)) {
    ++result_.nameless;
    return;
  }
  const std::string key(found_.columns.front().text(row));
  if (!seen_.insert(key).second) return;
  if (const auto inquiry = asked_as_(key)) {
    if (known_.insert(*inquiry).second) result_.known.push_back(*inquiry);
    return;
  }
  const std::string service = value_of(ask_.service, row);
  if (std::find(ask_.services.begin(), ask_.services.end(), service) == ask_.services.end())
    return refuse(key, "QZ-AGT-166", "the service is not one of this table's");
  const Topic* topic = catalogue_.find(service);
  if (topic == nullptr) return refuse(key, "QZ-AGT-151", "the catalogue has no " + service);
  std::vector<std::string> values;
  const std::string wrong = questions_of(*topic, row, values);
  if (!wrong.empty()) return refuse(key, "QZ-AGT-166", wrong);
  add(*topic, row, key, values);
}

AskDrafts RequestSorter::take() { return std::move(result_); }

}  // namespace

AskDrafts drafts_of(const config::AskConfig& ask, const Catalogue& catalogue, const adapter::Found& found,
                    const std::function<std::optional<Bytes>(const std::string&)>& asked_as) {
  RequestSorter sorter(ask, catalogue, found, asked_as);
  for (std::size_t row = 0; row < found.question.size(); ++row) sorter.sort(row);
  return sorter.take();
}

}  // namespace qianzhi::flow

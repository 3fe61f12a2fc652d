#include "agent/flow/ask_table.h"

#include <algorithm>

#include "agent/config/names.h"
#include "agent/config/quoting.h"
#include "hub-protocol/seal/parcel.h"

namespace qianzhi::flow {

namespace {

constexpr Micros requests_timeout = 30'000'000;
constexpr std::uint32_t most_message = 500;

// Texts of a lookup go to the database as they are: names are quoted here.
class RequestsText {
 public:
  explicit RequestsText(const config::DatabaseConfig& database) : quoting_(config::quoting_of(database)) {}
  std::string name(const std::string& text) const {
    std::string quoted(1, quoting_.quote);
    for (const char c : text) quoted.append(c == quoting_.quote ? 2 : 1, c);
    return quoted + quoting_.quote;
  }
  std::string table(const std::string& text) const {
    const std::size_t dot = text.find('.');
    return dot == std::string::npos ? name(text) : name(text.substr(0, dot)) + "." + name(text.substr(dot + 1));
  }
  std::string write(const config::AskConfig& ask, std::size_t statement) const;

 private:
  config::Quoting quoting_;
};

std::string RequestsText::write(const config::AskConfig& ask, std::size_t statement) const {
  std::string text;
  for (const std::string& column : request_columns(ask))
    text += (text.empty() ? "SELECT r." : ", r.") + name(column) + " AS " + name(column);
  text += " FROM " + table(ask.table) + " r WHERE " + (statement == new_requests ? "NOT " : "") +
          "EXISTS (SELECT 1 FROM " + table(ask.answers) + " a WHERE a." + name(answer_column::request) + " = r." +
          name(ask.key) + (ask.key_type == ItemType::text ? quoting_.collation : std::string()) + " AND a." +
          name(answer_column::provider) + " = :whole AND a." + name(answer_column::line) + " = 0";
  if (statement == asked_requests) return text + " AND a." + name(answer_column::state) + " = :state)";
  text += ")";
  std::size_t place = 0;
  for (const auto& [column, values] : ask.where) {
    std::string list;
    for (std::size_t i = 0; i < values.size(); ++i)
      list += (list.empty() ? ":where" : ", :where") + std::to_string(place++);
    text += " AND r." + name(column) + " IN (" + list + ")";
  }
  return text;
}

Item plain_item(const char* id, const char* title, ItemType type, std::uint32_t length) {
  return {id, title, "", type, length};
}

}  // namespace

std::vector<std::string> request_columns(const config::AskConfig& ask) {
  std::vector<std::string> columns = {ask.key};
  const auto add = [&](const std::string& column) {
    if (!column.empty() && std::find(columns.begin(), columns.end(), column) == columns.end())
      columns.push_back(column);
  };
  for (const auto& [item, column] : ask.items) add(column);
  for (const config::AskValue* value :
       {&ask.service, &ask.to, &ask.purpose, &ask.basis, &ask.case_number, &ask.person, &ask.within, &ask.appeal})
    add(value->column);
  return columns;
}

adapter::LookupSpec requests_spec(const std::string& agent, const config::AskConfig& ask,
                                  const config::SourceConfig& source, adapter::Connection connection) {
  adapter::LookupSpec spec;
  spec.connection = std::move(connection);
  spec.name = config::source_name(agent, source.database.id);
  spec.timeout = requests_timeout;
  adapter::LookupStatement fresh;
  fresh.id = "requests of " + ask.name;
  fresh.text = RequestsText(source.database).write(ask, new_requests);
  fresh.parameters = {"whole"};
  for (const auto& [column, values] : ask.where)
    for (std::size_t i = 0; i < values.size(); ++i)
      fresh.parameters.push_back("where" + std::to_string(fresh.parameters.size() - 1));
  fresh.columns = request_columns(ask);
  adapter::LookupStatement asked = fresh;
  asked.id = "asked of " + ask.name;
  asked.text = RequestsText(source.database).write(ask, asked_requests);
  asked.parameters = {"whole", "state"};
  spec.statements = {std::move(fresh), std::move(asked)};
  return spec;
}

std::vector<Column> requests_question(const config::AskConfig& ask, std::size_t statement) {
  std::vector<Column> question(1);
  question.front().append(whole_answer);
  if (statement == asked_requests) {
    question.emplace_back().append(asked_word);
    return question;
  }
  for (const auto& [column, values] : ask.where)
    for (const std::string& value : values) question.emplace_back().append(value);
  return question;
}

adapter::TargetTable answer_table(const config::AskConfig& ask, const Catalogue& catalogue) {
  namespace column = answer_column;
  constexpr std::uint32_t id_length = 100;
  constexpr std::uint32_t word_length = 20;
  adapter::TargetTable table;
  table.table = ask.answers;
  table.key = {column::request, column::provider, column::line};
  table.columns = {
      plain_item(column::request, "请求表中的键", ask.key_type, ask.key_type == ItemType::text ? ask.key_length : 0),
      plain_item(column::provider, "答复方，* 为汇总", ItemType::text, id_length),
      plain_item(column::line, "行号，汇总为 0", ItemType::integer, 0),
      plain_item(column::state, "状态", ItemType::text, word_length),
      plain_item(column::verdict, "结论", ItemType::text, word_length),
      plain_item(column::code, "拒绝的代码", ItemType::text, word_length),
      plain_item(column::message, "说明", ItemType::text, most_message),
      plain_item(column::inquiry, "请求编号", ItemType::text, 2 * seal::parcel_id_octets),
      plain_item(column::asked, "提出时间", ItemType::timestamp, 0),
      plain_item(column::deadline, "截止时间", ItemType::timestamp, 0),
      plain_item(column::settled, "答复时间", ItemType::timestamp, 0),
      plain_item(column::providers, "问了几家", ItemType::integer, 0),
      plain_item(column::answered, "几家已答复", ItemType::integer, 0)};
  const std::size_t ours = table.columns.size();
  for (const std::string& service : ask.services) {
    const Topic* topic = catalogue.find(service);
    if (topic == nullptr) continue;
    for (Item item : topic->items) {
      if (topic->is_key(item.id)) continue;
      const auto renamed = ask.rename.find(item.id);
      if (renamed != ask.rename.end()) item.id = renamed->second;
      const auto same = std::find_if(table.columns.begin() + static_cast<std::ptrdiff_t>(ours), table.columns.end(),
                                     [&](const Item& other) { return other.id == item.id; });
      if (same == table.columns.end())
        table.columns.push_back(std::move(item));
      else if (same->type != item.type || same->length != item.length || same->scale != item.scale)
        *same = {same->id, same->title, same->title_en};  // text of any length holds both
    }
  }
  return table;
}

std::vector<adapter::SourceTable> tables_read(const config::AskConfig& ask) {
  namespace column = answer_column;
  adapter::SourceTable requests;
  requests.table = ask.table;
  requests.columns = request_columns(ask);
  for (const auto& [name, values] : ask.where)
    if (std::find(requests.columns.begin(), requests.columns.end(), name) == requests.columns.end())
      requests.columns.push_back(name);
  requests.key = {ask.key};
  adapter::SourceTable answers;
  answers.table = ask.answers;
  answers.columns = {column::request, column::provider, column::line};
  answers.key = answers.columns;
  answers.columns.emplace_back(column::state);
  return {requests, answers};
}

}  // namespace qianzhi::flow

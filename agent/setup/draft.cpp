#include "agent/setup/draft.h"

#include <algorithm>

namespace qianzhi::setup {

namespace {

// Plain where nobody could read it otherwise; else in single quotes, in which only the quote itself is special.
std::string scalar(const std::string& value) {
  const bool is_plain = !value.empty() &&
                        std::all_of(value.begin(), value.end(),
                                    [](char c) {
                                      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                             (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '/' ||
                                             (static_cast<unsigned char>(c) & 0x80U) != 0;
                                    }) &&
                        !(value[0] >= '0' && value[0] <= '9') && value != "null" && value != "true" && value != "false";
  if (is_plain) return value;
  std::string quoted = "'";
  for (const char c : value) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

void add_database(std::string& text, const DraftDatabase& database) {
  text += "  " + database.id + ":\n    type: " + database.type + "\n";
  for (const auto& [key, value] : database.settings) text += "    " + key + ": " + scalar(value) + "\n";
  if (!database.password_file.empty()) text += "    password: {file: " + scalar(database.password_file) + "}\n";
  if (!database.capture.empty())
    text += "    capture: " + database.capture +
            "  # 其他方式见 README “Ways to capture changes” / other ways: README, \"Ways to capture changes\"\n";
}

void add_item(std::string& text, const DraftPublication& publication, const Item& item) {
  const auto found = publication.match.columns.find(item.id);
  const std::string about = item.title + " " + type_text(item);
  if (found == publication.match.columns.end()) {
    const bool is_needed = item.required || publication.topic->is_key(item.id);
    text += "      # " + item.id + ": COLUMN  # " + about +
            (is_needed ? "，必填，请写列名 / needed: write the column's name\n" : "\n");
    return;
  }
  const bool is_area = publication.topic->partition == item.id;
  text += "      " + item.id + ": " +
          (is_area ? "{area: {column: " + scalar(found->second) + "}}" : scalar(found->second)) + "  # " + about + "\n";
}

void add_publications(std::string& text, const Draft& draft) {
  if (draft.publications.empty()) return;
  text +=
      "\n# 左边是目录中的数据项，右边是本部门的列；没有写的列不会发出\n"
      "# The catalogue's item on the left, this department's column on the right; a column that is not named is never "
      "sent\n"
      "publications:\n";
  for (const DraftPublication& publication : draft.publications) {
    text += "  - topic: " + publication.topic->id + "  # " + publication.topic->title +
            "\n    source: " + draft.source.value().id + "\n    table: " + scalar(publication.match.table) +
            "\n    items:\n";
    if (publication.match.columns.empty()) text += "      {}\n";
    for (const Item& item : publication.topic->items) add_item(text, publication, item);
  }
}

}  // namespace

std::string to_yaml(const Draft& draft) {
  std::string text =
      "# 由 qianzhi init 写成。检查：qianzhi check；每一项的说明：conf/examples/commerce.yaml\n"
      "# Written by qianzhi init. Check it: qianzhi check. Every setting is explained in conf/examples/commerce.yaml\n"
      "version: 1\n";
  text += draft.identity;
  text += "  path: " + scalar(draft.queue) + "\n";
  if (draft.source) text += "\nsources:\n", add_database(text, *draft.source);
  if (draft.target) text += "\ntargets:\n", add_database(text, *draft.target);
  add_publications(text, draft);
  if (!draft.subscriptions.empty()) text += "\nsubscriptions:\n";
  for (const DraftSubscription& subscription : draft.subscriptions)
    text += "  - {topic: " + subscription.topic + ", target: " + draft.target.value().id + "}  # " +
            subscription.title + "\n";
  text += "\nstatus:\n  listen: 127.0.0.1:" + std::to_string(draft.page) +
          "  # 状态页，只在本机 / the status page, on this machine only\n";
  return text;
}

}  // namespace qianzhi::setup

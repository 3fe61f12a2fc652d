#include "hub-protocol/catalogue/compare.h"

#include <algorithm>
#include <map>

namespace qianzhi::catalogue {

namespace {

constexpr std::size_t most_named_codes = 5;

std::string list_of(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// "12: 330103, 330104, ..."
std::string counted(const std::vector<std::string>& codes) {
  std::vector<std::string> named(codes.begin(),
                                 codes.begin() + static_cast<std::ptrdiff_t>(std::min(codes.size(), most_named_codes)));
  return std::to_string(codes.size()) + ": " + list_of(named) + (codes.size() > most_named_codes ? ", ..." : "");
}

// 0 is no limit.
bool is_shorter(std::uint32_t before, std::uint32_t after) { return after != 0 && (before == 0 || after < before); }

class Comparer {
 public:
  std::vector<Difference> take() { return std::move(found_); }

  void topics(const Catalogue& before, const Catalogue& after) {
    for (const auto& [id, topic] : before.topics)
      if (after.find(id) == nullptr) note(ChangeKind::topic_removed, id, topic.title, "");
    for (const auto& [id, topic] : after.topics) {
      const Topic* old = before.find(id);
      if (old == nullptr)
        note(ChangeKind::topic_added, id, "", topic.title);
      else
        one_topic(*old, topic);
    }
  }

  void code_tables(const CodeTables& before, const CodeTables& after) {
    for (const auto& [id, table] : before)
      if (after.count(id) == 0) note(ChangeKind::code_table_removed, place_of(id), table.title, "");
    for (const auto& [id, table] : after) {
      const auto old = before.find(id);
      if (old == before.end())
        note(ChangeKind::code_table_added, place_of(id), "", table.title);
      else
        one_table(old->second, table);
    }
  }

 private:
  static std::string place_of(const std::string& table) { return "code_tables." + table; }

  void note(ChangeKind kind, const std::string& place, const std::string& before, const std::string& after) {
    found_.push_back({kind, place, before, after});
  }
  void note_if(bool differs, ChangeKind kind, const std::string& place, const std::string& before,
               const std::string& after) {
    if (differs) note(kind, place, before, after);
  }

  void sharing(const Topic& before, const Topic& after) {
    const std::string old_name(name_of(before.sharing));
    const std::string new_name(name_of(after.sharing));
    if (after.sharing < before.sharing) note(ChangeKind::sharing_relaxed, after.id, old_name, new_name);
    if (after.sharing > before.sharing)
      note(after.basis == before.basis ? ChangeKind::sharing_tightened : ChangeKind::sharing_tightened_on_basis,
           after.id, old_name, new_name);
    if (after.publishable != before.publishable)
      note(after.publishable ? ChangeKind::publishing_began : ChangeKind::publishing_ended, after.id, "", "");
  }

  void one_topic(const Topic& before, const Topic& after) {
    sharing(before, after);
    TopicTerms old_terms = before;
    old_terms.sharing = after.sharing;
    old_terms.publishable = after.publishable;
    note_if(old_terms != after || before.title != after.title || before.title_en != after.title_en, ChangeKind::texts,
            after.id, before.title, after.title);
    note_if(before.mode != after.mode, ChangeKind::mode, after.id, std::string(name_of(before.mode)),
            std::string(name_of(after.mode)));
    note_if(before.key != after.key, ChangeKind::key, after.id, list_of(before.key), list_of(after.key));
    note_if(before.partition != after.partition, ChangeKind::partition, after.id, before.partition, after.partition);
    items(before, after);
  }

  void items(const Topic& before, const Topic& after) {
    std::vector<std::string> old_order;
    std::vector<std::string> new_order;
    for (const Item& item : before.items) {
      if (after.find(item.id) == nullptr)
        note(ChangeKind::item_removed, after.id + "." + item.id, item.title, "");
      else
        old_order.push_back(item.id);
    }
    for (const Item& item : after.items) {
      const std::string place = after.id + "." + item.id;
      const Item* old = before.find(item.id);
      if (old == nullptr) {
        note(item.required ? ChangeKind::required_item_added : ChangeKind::item_added, place, "", item.title);
      } else {
        new_order.push_back(item.id);
        one_item(place, *old, item);
      }
    }
    note_if(old_order != new_order, ChangeKind::item_order, after.id, list_of(old_order), list_of(new_order));
  }

  void one_item(const std::string& place, const Item& before, const Item& after) {
    note_if(before.title != after.title || before.title_en != after.title_en, ChangeKind::item_texts, place,
            before.title, after.title);
    if (before.type != after.type || before.scale != after.scale)
      note(ChangeKind::item_type, place, type_text(before), type_text(after));
    else if (before.length != after.length)
      note(is_shorter(before.length, after.length) ? ChangeKind::item_shorter : ChangeKind::item_longer, place,
           type_text(before), type_text(after));
    if (before.required != after.required)
      note(after.required ? ChangeKind::item_now_required : ChangeKind::item_no_longer_required, place, "", "");
    note_if(before.personal != after.personal, ChangeKind::item_personal, place, before.personal ? "true" : "false",
            after.personal ? "true" : "false");
    const auto check = [](const Item& item) {
      return std::string(name_of(item.check)) + (item.code_table.empty() ? "" : ", " + item.code_table);
    };
    const bool checks = after.check != CheckRule::none || !after.code_table.empty();
    const bool differs = before.check != after.check || before.code_table != after.code_table;
    if (differs || before.check_quarantines != after.check_quarantines)
      note(after.check_quarantines && checks ? ChangeKind::item_check_quarantines : ChangeKind::item_check, place,
           check(before), check(after));
  }

  void one_table(const CodeTable& before, const CodeTable& after) {
    const std::string place = place_of(after.id);
    note_if(before.title != after.title || before.title_en != after.title_en || before.edition != after.edition ||
                before.partial != after.partial,
            ChangeKind::code_table_texts, place, before.title + " " + before.edition,
            after.title + " " + after.edition);
    std::vector<std::string> added;
    std::vector<std::string> changed;
    std::vector<std::string> removed;
    const auto codes = [](const CodeTable& table) {
      std::map<std::string, std::vector<CodeEntry>> by_code;
      for (const CodeEntry& entry : table.entries) by_code[entry.code].push_back(entry);
      return by_code;
    };
    const auto old_codes = codes(before);
    const auto new_codes = codes(after);
    for (const auto& [code, entries] : old_codes)
      if (new_codes.count(code) == 0) removed.push_back(code);
    for (const auto& [code, entries] : new_codes) {
      const auto old = old_codes.find(code);
      if (old == old_codes.end())
        added.push_back(code);
      else if (old->second != entries)
        changed.push_back(code);
    }
    note_if(!added.empty(), ChangeKind::codes_added, place, "", counted(added));
    note_if(!changed.empty(), ChangeKind::codes_changed, place, "", counted(changed));
    note_if(!removed.empty(), ChangeKind::codes_removed, place, counted(removed), "");
  }

  std::vector<Difference> found_;
};

}  // namespace

bool is_compatible(ChangeKind kind) { return kind < ChangeKind::topic_removed; }

std::vector<Difference> compare(const Catalogue& before, const Catalogue& after) {
  Comparer comparer;
  comparer.topics(before, after);
  comparer.code_tables(before.code_tables, after.code_tables);
  std::vector<Difference> found = comparer.take();
  std::stable_sort(found.begin(), found.end(),
                   [](const Difference& a, const Difference& b) { return a.place < b.place; });
  return found;
}

bool has_incompatible(const std::vector<Difference>& differences) {
  return std::any_of(differences.begin(), differences.end(),
                     [](const Difference& difference) { return !is_compatible(difference.kind); });
}

}  // namespace qianzhi::catalogue

#include "agent/flow/shape.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "hub-protocol/seal/digest.h"

namespace qianzhi::flow {

namespace {

constexpr std::size_t most_said = 8;  // columns in one text
constexpr std::size_t most_notes = 20;

std::string folded_name(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

// A database may write names otherwise than the configuration does.
const adapter::ColumnInfo* find_column(const adapter::TableInfo& table, const std::string& name) {
  for (const adapter::ColumnInfo& column : table.columns)
    if (column.name == name) return &column;
  for (const adapter::ColumnInfo& column : table.columns)
    if (folded_name(column.name) == folded_name(name)) return &column;
  return nullptr;
}

bool is_listed(const std::vector<std::string>& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& n) { return folded_name(n) == folded_name(name); });
}

std::set<std::string> set_of(const std::vector<std::string>& names) {
  std::set<std::string> set;
  for (const std::string& name : names) set.insert(folded_name(name));
  return set;
}

bool reads(const config::ItemRule& rule, const std::string& column) {
  return rule.kind != config::ItemRule::Kind::constant &&
         (rule.column == column || rule.authority_column == column || rule.registration_number_column == column);
}

Bytes text_of(const std::string& item, const config::ItemRule& rule) {
  Bytes text = item + '\x1f' + std::to_string(static_cast<int>(rule.kind)) + '\x1f' + rule.column + '\x1f' +
               rule.constant + '\x1f' + rule.authority_column + '\x1f' + rule.registration_number_column + '\x1f' +
               (rule.code_table_strict ? "strict" : "");
  for (const config::Normalise step : rule.normalise) text += '\x1f' + std::to_string(static_cast<int>(step));
  for (const auto* table : {&rule.code_table, &rule.authority_table}) {
    text += '\x1e';
    for (const auto& [from, to] : *table) text.append(from).append(1, '\x1f').append(to).append(1, '\x1f');
  }
  return text + '\x1d';
}

Bytes short_digest(const Bytes& text) { return seal::digest_of(text, DigestSuite::sha256).bytes().substr(0, 16); }

Bytes use_of(const config::PublicationConfig& config, const std::string& column) {
  Bytes text;
  for (const auto& [item, rule] : config.items)
    if (reads(rule, column)) text += text_of(item, rule);
  return short_digest(text);
}

Bytes mapping_of(const config::PublicationConfig& config) {
  Bytes text = config.table + '\x1d';
  for (const auto& [item, rule] : config.items) text += text_of(item, rule);
  for (const auto& [column, values] : config.where) {
    text += column + '\x1e';
    for (const std::string& value : values) text += value + '\x1f';
  }
  return short_digest(text);
}

// "agent.yaml:41:7 items.contact_phone": where a person has to look.
std::string line_of(const Publication& publication, const std::string& column) {
  std::string lines;
  const auto add = [&](const yaml::Place& place, const std::string& what) {
    if (!lines.empty()) lines += ", ";
    if (place.source) lines += to_text(place) + " ";
    lines += what;
  };
  for (const auto& [item, rule] : publication.config().items)
    if (reads(rule, column)) add(rule.place, "items." + item);
  if (publication.config().where.count(column) != 0) add(publication.config().place, "where." + column);
  if (lines.empty()) add(publication.config().place, publication.topic().id);
  return lines;
}

// Long ones list values.
std::string short_type(std::string_view native) {
  std::size_t end = std::min<std::size_t>(native.size(), 80);
  while (end < native.size() && end > 0 && (static_cast<unsigned char>(native[end]) & 0xC0U) == 0x80U) --end;
  return std::string(native.substr(0, end)) + (end < native.size() ? "…" : "");
}

template <typename Col>
std::string type_of(const Col& column) {
  return short_type(column.native_type) + (column.nullable ? "" : " NOT NULL");
}

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return "(" + list + ")";
}

// "numeric(10,2)" -> "numeric", "timestamp(3) without time zone" -> "timestamp without time zone".
std::string base_of(const std::string& native) {
  std::string base;
  int depth = 0;
  for (const char c : folded_name(native)) {
    if (c == '(') ++depth;
    if (depth == 0) base += c;
    if (c == ')') --depth;
  }
  return base;
}

bool is_exact(const std::string& native) {
  const std::string base = base_of(native);
  return base.find("dec") != std::string::npos || base.find("num") != std::string::npos;
}

// Whether values of the one type are written as those of the other: lengths and digits may differ, for each row is
// checked against its items anyway.
bool reads_alike(const ShapeColumn& was, const adapter::ColumnInfo& is, const Publication& publication) {
  if (was.type != is.type) {
    if (was.type != ItemType::integer || is.type != ItemType::decimal || !is_exact(is.native_type)) return false;
    const auto& items = publication.config().items;
    return std::all_of(items.begin(), items.end(), [&](const auto& entry) {
      const Item* item = publication.topic().find(entry.first);
      return !reads(entry.second, was.name) || item == nullptr || item->type == ItemType::decimal;
    });
  }
  switch (is.type) {
    case ItemType::decimal: return is_exact(was.native_type) == is_exact(is.native_type);
    case ItemType::date:
    case ItemType::year:
    case ItemType::timestamp:
    case ItemType::boolean: return base_of(was.native_type) == base_of(is.native_type);
    default: return true;
  }
}

class Judge {
 public:
  Judge(const std::optional<Shape>& known, const adapter::TableInfo& now, const Publication& publication, bool accepted)
      : known_(known), now_(now), publication_(publication), accepted_(accepted) {}

  void column(const std::string& name);
  void key();
  void new_columns(const std::set<std::string>& carried);
  std::string stop() const;

  Shape next;
  std::vector<std::string> notes;

 private:
  void misfit(const std::string& where, const std::string& was, const std::string& is, const std::string& more = {});
  std::string renamed(const ShapeColumn* was) const;
  const ShapeColumn* known_column(const std::string& name) const;
  void nullable(const ShapeColumn& was, const adapter::ColumnInfo& is);
  bool is_known(const std::string& column) const { return known_column(column) || is_listed(known_->others, column); }

  const std::optional<Shape>& known_;
  const adapter::TableInfo& now_;
  const Publication& publication_;
  bool accepted_;
  std::vector<std::string> misfits_;
};

const ShapeColumn* Judge::known_column(const std::string& name) const {
  if (!known_) return nullptr;
  for (const ShapeColumn& column : known_->columns)
    if (folded_name(column.name) == folded_name(name)) return &column;
  return nullptr;
}

void Judge::misfit(const std::string& where, const std::string& was, const std::string& is, const std::string& more) {
  misfits_.push_back(where + "：原 was " + (was.empty() ? "未知 unknown" : was) + "，现 is " + is + more);
}

// A column that is new and of the type of the one that is gone.
std::string Judge::renamed(const ShapeColumn* was) const {
  std::string names;
  for (const adapter::ColumnInfo& column : now_.columns) {
    if (was == nullptr || is_known(column.name) || folded_name(column.native_type) != folded_name(was->native_type))
      continue;
    names += (names.empty() ? "" : ", ") + column.name + " " + short_type(column.native_type);
  }
  return names.empty() ? std::string() : "，可能改名为 perhaps renamed to " + names;
}

void Judge::column(const std::string& name) {
  const adapter::ColumnInfo* is = find_column(now_, name);
  const ShapeColumn* was = known_column(name);
  const std::string where = line_of(publication_, name) + " <- " + name;
  if (is == nullptr) return misfit(where, was == nullptr ? "" : type_of(*was), "不存在 missing", renamed(was));
  const ShapeColumn seen{name, is->native_type, is->type, is->nullable, use_of(publication_.config(), name)};
  next.columns.push_back(seen);
  if (was == nullptr || accepted_) return;
  const bool answered = was->use != seen.use;
  if (!answered && !reads_alike(*was, *is, publication_)) return misfit(where, type_of(*was), type_of(*is));
  if (folded_name(was->native_type) != folded_name(is->native_type))
    notes.push_back("列 column " + name + "：" + short_type(was->native_type) + " → " + short_type(is->native_type));
  nullable(*was, *is);
}

void Judge::nullable(const ShapeColumn& was, const adapter::ColumnInfo& is) {
  if (was.nullable || !is.nullable) return;
  bool required = false;
  for (const auto& [id, rule] : publication_.config().items) {
    const Item* item = publication_.topic().find(id);
    required = required || (reads(rule, was.name) && item != nullptr && item->required);
  }
  notes.push_back("列 column " + was.name +
                  (required ? "：现在可以为空，空值的行将被隔离 may be NULL now, such rows are set aside"
                            : "：现在可以为空 may be NULL now"));
}

// Only the key that rows are told apart by is the publication's business.
void Judge::key() {
  if (!known_ || accepted_ || known_->key_columns != next.key_columns) return;
  const auto was = set_of(known_->key);
  if (was.empty() || was == set_of(next.key) || was != set_of(next.key_columns)) return;
  misfit(line_of(publication_, next.key_columns.front()), "主键 primary key " + list_of(known_->key),
         next.key.empty() ? "无主键 no primary key" : "主键 primary key " + list_of(next.key));
}

void Judge::new_columns(const std::set<std::string>& carried) {
  for (const adapter::ColumnInfo& column : now_.columns) {
    if (std::any_of(next.columns.begin(), next.columns.end(),
                    [&](const ShapeColumn& c) { return folded_name(c.name) == folded_name(column.name); }))
      continue;
    next.others.push_back(column.name);
    if (known_ && !is_known(column.name) && carried.count(folded_name(column.name)) == 0)
      notes.push_back("新列 new column " + column.name + " " + short_type(column.native_type) +
                      "，没有主题包含它 which no topic carries");
  }
}

std::string Judge::stop() const {
  std::string text;
  for (std::size_t i = 0; i < std::min(misfits_.size(), most_said); ++i)
    text += (text.empty() ? "" : "；") + misfits_[i];
  if (misfits_.size() > most_said) text += "；另有 and " + std::to_string(misfits_.size() - most_said) + " 处 more";
  return text;
}

}  // namespace

std::string shape_name(std::string_view topic) { return "shape/" + std::string(topic); }
std::string accepted_name(std::string_view topic) { return "shape-accepted/" + std::string(topic); }

std::string fingerprint(const adapter::TableInfo& table) {
  std::string text = table.instance;
  for (const adapter::ColumnInfo& column : table.columns)
    text.append(1, '\x1e')
        .append(column.name)
        .append(1, '\x1f')
        .append(column.native_type)
        .append(1, '\x1f')
        .append(std::to_string(static_cast<int>(column.type)) + (column.nullable ? "n" : ""));
  for (const std::string& name : table.key) text.append(1, '\x1d').append(name);
  return text + '\x1c';
}

ShapeVerdict judge_shape(const std::optional<Shape>& known, const adapter::TableInfo& now,
                         const Publication& publication, const std::set<std::string>& carried, bool accepted,
                         Micros time) {
  ShapeVerdict verdict;
  if (now.columns.empty()) {
    verdict.stop = line_of(publication, {}) + "：表 table " + publication.config().table + " 不存在 is gone";
    return verdict;
  }
  Judge judge(known, now, publication, accepted);
  judge.next.key = now.key;
  judge.next.key_columns = publication.mapper().key_columns();
  judge.next.instance = now.instance;
  judge.next.mapping = mapping_of(publication.config());
  for (const std::string& name : publication.mapper().columns()) judge.column(name);
  judge.key();
  judge.new_columns(carried);
  verdict.stop = judge.stop();
  verdict.next = std::move(judge.next);
  if (!verdict.stop.empty() || !known) return verdict;
  const bool replaced = !known->instance.empty() && !now.instance.empty() && known->instance != now.instance;
  if (replaced) judge.notes.emplace_back("同名的另一张表取代了它 another table took its name");
  verdict.resend = accepted || replaced || known->mapping != verdict.next.mapping;
  verdict.notes = judge.notes;
  verdict.next.notes = known->notes;
  for (const std::string& note : judge.notes) verdict.next.notes.push_back({time, note});
  std::vector<ShapeNote>& kept = verdict.next.notes;
  if (kept.size() > most_notes) kept.erase(kept.begin(), kept.end() - most_notes);
  return verdict;
}

}  // namespace qianzhi::flow

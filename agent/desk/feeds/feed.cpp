#include "agent/desk/feeds/feed.h"

#include <algorithm>
#include <utility>

#include "agent/config/loader.h"
#include "agent/desk/feeds/feed_file.h"
#include "hub-protocol/base/cells.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::desk {

namespace {

constexpr const char* feed_schema = R"(
CREATE TABLE IF NOT EXISTS main.feed_state(
  feed TEXT PRIMARY KEY, generation INTEGER NOT NULL, time INTEGER NOT NULL, rows INTEGER NOT NULL,
  manifest TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS main.feed_row(
  feed TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, shown TEXT NOT NULL, generation INTEGER NOT NULL,
  PRIMARY KEY(feed, key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS main.feed_row_generation ON feed_row(feed, generation);
)";

constexpr std::size_t generation_digits = 6;

std::string feed_digits(std::int64_t generation) {
  std::string text = std::to_string(generation);
  if (text.size() < generation_digits) text.insert(0, generation_digits - text.size(), '0');
  return text;
}

}  // namespace

struct Feed::Row {
  std::string key;
  std::vector<std::string> values;
  std::vector<bool> nulls;
};

struct Feed::Output {
  FeedResult result;
  Micros now = 0;
  std::string secret;
  std::unique_ptr<FeedFile> full;
  std::unique_ptr<FeedFile> changes;
  std::string page;  // rows as JSON, parted by commas
  std::size_t in_page = 0;
};

Feed::Feed(sqlite::Database& database, NoticeBox& box, FeedConfig config, Table table, FeedGuard& guard,
           std::function<void(std::string_view)> passing)
    : database_(database),
      box_(box),
      config_(std::move(config)),
      table_(std::move(table)),
      guard_(guard),
      passing_(std::move(passing)) {
  if (table_.key.empty())
    throw Error(ErrorKind::misuse, "QZ-DSK-108", "feed " + config_.id + ": " + table_.id + " has no key");
  statement_ = statement_text();
  guard_.require(config_, table_, statement_);
  if (!config_.outlet.empty() && !shows_key())
    throw Error(ErrorKind::misuse, "QZ-DSK-154", "feed " + config_.id + " does not publish the key of " + table_.id);
  database_.execute(feed_schema);
}

std::string Feed::column(const std::string& item) const {
  const auto found = table_.columns.find(item);
  if (found == table_.columns.end())
    throw Error(ErrorKind::misuse, "QZ-DSK-108", "feed " + config_.id + ": " + table_.id + " has no item " + item);
  std::string quoted = "\"";
  for (const char c : found->second) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

// The key, then the items; only these columns are read.
std::string Feed::statement_text() const {
  std::string key;
  std::string order;
  for (const std::string& item : table_.key) {
    key.append(key.empty() ? "" : ", ").append("CAST(" + column(item) + " AS TEXT)");
    order.append(order.empty() ? "" : ", ").append(column(item));
  }
  std::string items;
  for (const FeedItem& item : config_.items) items += ", CAST(" + column(item.item) + " AS TEXT)";
  return "SELECT json_array(" + key + ")" + items + " FROM " + table_.name + " ORDER BY " + order;
}

bool Feed::shows_key() const {
  return std::all_of(table_.key.begin(), table_.key.end(), [&](const std::string& key) {
    return std::any_of(config_.items.begin(), config_.items.end(), [&](const FeedItem& item) {
      return item.item == key && (item.mask == FeedMask::none || item.mask == FeedMask::pseudonym);
    });
  });
}

std::filesystem::path Feed::place(std::int64_t generation, std::string_view suffix) const {
  return config_.folder /
         (config_.id + "-" + feed_digits(generation) + std::string(suffix) + (config_.csv ? ".csv" : ".json"));
}

std::string Feed::head_of(bool with_op) const {
  if (!config_.csv) return {};
  std::vector<std::string> names;
  if (with_op) names.emplace_back("op");
  for (const FeedItem& item : config_.items) names.push_back(item.as);
  return std::string(csv_mark) + csv_line(names);
}

std::string Feed::line_of(const std::vector<std::string>& values, const std::vector<bool>& nulls, std::string_view op,
                          bool csv) const {
  if (csv) {
    std::vector<std::string> cells = values;
    if (!op.empty()) cells.insert(cells.begin(), std::string(op));
    return csv_line(cells);
  }
  std::string json;
  for (std::size_t i = 0; i < values.size(); ++i)
    json.append(json.empty() ? "{" : ",")
        .append(json_text(config_.items[i].as))
        .append(":")
        .append(nulls[i] ? "null" : json_text(values[i]));
  json += "}";
  if (op.empty()) return json;
  return R"({"op":)" + json_text(op) + R"(,"row":)" + json + "}";
}

Feed::Row Feed::next_row(const sqlite::Statement& rows) const {
  Row row;
  row.key = rows.text(0);
  for (std::size_t i = 0; i < config_.items.size(); ++i) {
    row.values.push_back(rows.text(static_cast<int>(i) + 1));
    row.nulls.push_back(rows.is_null(static_cast<int>(i) + 1));
  }
  return row;
}

bool Feed::is_due(Micros now) {
  sqlite::Statement find = database_.prepare("SELECT time FROM main.feed_state WHERE feed = ?1");
  find.bind(1, config_.id);
  return !find.step() || now - find.integer(0) >= config_.every;
}

std::int64_t Feed::generation() {
  sqlite::Statement find = database_.prepare("SELECT generation FROM main.feed_state WHERE feed = ?1");
  find.bind(1, config_.id);
  return find.step() ? find.integer(0) : 0;
}

FeedResult Feed::run(Micros now) {
  guard_.require(config_, table_, statement_);
  put_manifest();
  Output output;
  output.now = now;
  if (config_.pseudonym_key)
    output.secret = config::read_secret({config_.pseudonym_key->file, config_.pseudonym_key->credential});
  const std::int64_t before = generation();
  FeedResult& result = output.result;
  result.generation = before + 1;
  {
    sqlite::Transaction transaction(database_);
    open_files(output);
    compare(output);
    remove_gone(output);
    flush_page(output);
    result.is_new = before == 0 || result.added + result.changed + result.removed > 0;
    if (result.is_new) {
      store(output);
      if (passing_) passing_("feed.files");
      transaction.commit();
    }
  }
  if (!result.is_new) {
    result.generation = before;
    // Looked at counts, too: else it would be due all the time.
    sqlite::Transaction transaction(database_);
    database_.prepare("UPDATE main.feed_state SET time = ?2 WHERE feed = ?1").bind(1, config_.id).bind(2, now).run();
    transaction.commit();
    return result;
  }
  if (passing_) passing_("feed.committed");
  put_manifest();
  remove_old(result.generation);
  return result;
}

void Feed::open_files(Output& output) const {
  if (config_.folder.empty()) return;
  output.full = std::make_unique<FeedFile>(place(output.result.generation, ""));
  output.full->write(head_of(false));
  if (!shows_key()) return;
  output.changes = std::make_unique<FeedFile>(place(output.result.generation, "-changes"));
  output.changes->write(head_of(true));
}

void Feed::store(Output& output) {
  const std::string full = output.full ? output.full->publish() : std::string();
  const std::string changes = output.changes ? output.changes->publish() : std::string();
  sqlite::Statement mark = database_.prepare(
      "INSERT INTO main.feed_state(feed, generation, time, rows, manifest) VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO "
      "UPDATE "
      "SET generation = excluded.generation, time = excluded.time, rows = excluded.rows, manifest = excluded.manifest");
  mark.bind(1, config_.id).bind(2, output.result.generation).bind(3, output.now).bind(4, output.result.rows);
  mark.bind(5, manifest_of(output, full, changes)).run();
}

void Feed::compare(Output& output) {
  sqlite::Statement rows = database_.prepare(statement_);
  while (rows.step()) {
    Row row = next_row(rows);
    for (std::size_t i = 0; i < row.values.size(); ++i)
      row.values[i] = masked(config_.items[i].mask, row.values[i], output.secret);
    ++output.result.rows;
    const std::string line = line_of(row.values, row.nulls, "", config_.csv);
    if (output.full) output.full->write(config_.csv ? line : line + "\n");
    const std::string digest = sha256_hex(line_of(row.values, row.nulls, "", false));
    std::string known;
    {
      sqlite::Statement find = database_.prepare("SELECT digest FROM main.feed_row WHERE feed = ?1 AND key = ?2");
      find.bind(1, config_.id).bind(2, row.key);
      if (find.step()) known = find.text(0);
    }
    // Of a row that goes, the key as it was shown is told.
    std::vector<std::string> shown(row.values.size());
    for (std::size_t i = 0; i < row.values.size(); ++i)
      if (std::find(table_.key.begin(), table_.key.end(), config_.items[i].item) != table_.key.end())
        shown[i] = row.values[i];
    std::string shown_json = "[";
    for (const std::string& text : shown) shown_json.append(shown_json.size() > 1 ? "," : "").append(json_text(text));
    sqlite::Statement put = database_.prepare(
        "INSERT INTO main.feed_row(feed, key, digest, shown, generation) VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO "
        "UPDATE "
        "SET digest = excluded.digest, shown = excluded.shown, generation = excluded.generation");
    put.bind(1, config_.id).bind(2, row.key).bind(3, digest).bind(4, shown_json + "]");
    put.bind(5, output.result.generation).run();
    if (known == digest) continue;
    ++(known.empty() ? output.result.added : output.result.changed);
    add_change(output, {known.empty() ? "added" : "changed", row.values, row.nulls});
  }
}

void Feed::remove_gone(Output& output) {
  {
    sqlite::Statement gone =
        database_.prepare("SELECT r.shown FROM main.feed_row r WHERE r.feed = ?1 AND r.generation < ?2 ORDER BY r.key");
    gone.bind(1, config_.id).bind(2, output.result.generation);
    while (gone.step()) {
      Change change{"removed", std::vector<std::string>(config_.items.size()), {}};
      change.is_null.assign(config_.items.size(), true);
      sqlite::Statement parts = database_.prepare("SELECT key, value FROM json_each(?1)");
      parts.bind(1, gone.view(0));
      while (parts.step()) {
        const auto at = static_cast<std::size_t>(parts.integer(0));
        if (at >= change.values.size() || parts.view(1).empty()) continue;
        change.values[at] = parts.text(1);
        change.is_null[at] = false;
      }
      ++output.result.removed;
      add_change(output, change);
    }
  }
  database_.prepare("DELETE FROM main.feed_row WHERE feed = ?1 AND generation < ?2")
      .bind(1, config_.id)
      .bind(2, output.result.generation)
      .run();
}

void Feed::add_change(Output& output, const Change& change) {
  if (output.changes) {
    const std::string line = line_of(change.values, change.is_null, change.op, config_.csv);
    output.changes->write(config_.csv ? line : line + "\n");
  }
  if (config_.outlet.empty()) return;
  output.page.append(output.page.empty() ? "" : ",");
  output.page += line_of(change.values, change.is_null, change.op, false);
  if (++output.in_page == config_.page) flush_page(output);
}

void Feed::flush_page(Output& output) {
  if (output.in_page == 0) return;
  const std::string page = std::to_string(++output.result.pages);
  const std::string generation = std::to_string(output.result.generation);
  const std::string payload = R"({"feed":)" + json_text(config_.id) + R"(,"generation":)" + generation + R"(,"page":)" +
                              page + R"(,"changes":[)" + output.page + "]}";
  box_.add({config_.outlet, "feed:" + config_.id, generation + "/" + page, payload}, output.now);
  output.page.clear();
  output.in_page = 0;
}

std::string Feed::manifest_of(const Output& output, const std::string& full, const std::string& changes) const {
  const FeedResult& result = output.result;
  std::string items;
  for (const FeedItem& item : config_.items) items.append(items.empty() ? "" : ",").append(json_text(item.as));
  std::string json = R"({"feed":)" + json_text(config_.id) + R"(,"title":)" + json_text(config_.title) +
                     R"(,"generation":)" + std::to_string(result.generation) + R"(,"time":)" +
                     json_text(to_text(output.now)) + R"(,"items":[)" + items + R"(],"rows":)" +
                     std::to_string(result.rows);
  if (output.full) json += R"(,"file":)" + json_text(output.full->name()) + R"(,"sha256":)" + json_text(full);
  json += R"(,"changes":{"added":)" + std::to_string(result.added) + R"(,"changed":)" + std::to_string(result.changed) +
          R"(,"removed":)" + std::to_string(result.removed);
  if (output.changes) json += R"(,"file":)" + json_text(output.changes->name()) + R"(,"sha256":)" + json_text(changes);
  return json + "}}\n";
}

// What is committed is what the manifest says, also after a death in between.
void Feed::put_manifest() {
  if (config_.folder.empty()) return;
  sqlite::Statement find = database_.prepare("SELECT manifest FROM main.feed_state WHERE feed = ?1");
  find.bind(1, config_.id);
  if (!find.step()) return;
  FeedFile file(config_.folder / (config_.id + ".manifest.json"));
  file.write(find.view(0));
  file.publish();
}

void Feed::remove_old(std::int64_t generation) const {
  if (config_.folder.empty()) return;
  std::error_code ignored;
  for (const std::string_view suffix : {"", "-changes"})
    std::filesystem::remove(place(generation - 2, suffix), ignored);
}

}  // namespace qianzhi::desk

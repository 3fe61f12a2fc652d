#include "agent/desk/app/desk.h"

#include <algorithm>
#include <cstdio>

#include "agent/desk/data/identifier.h"
#include "agent/desk/standard/functions.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::desk {

namespace {

constexpr std::size_t decisions_at_once = 1'000;
constexpr std::size_t suggested_at_once = 500;
constexpr Micros longest_suggesting = 2'000'000;
// Outcomes, and findings that were written, are looked at for cases when rules found something, and else so often.
constexpr Micros works_every = 60'000'000;

std::string log_of(const std::string& file) { return identifier(file) + ".desk_change"; }

// Tables of received files; those of desk.db are the desk's own.
std::vector<FeedOrigin> origins_of(const DeskFile& file) {
  std::vector<FeedOrigin> origins;
  for (const TableConfig& table : file.desk.tables)
    if (!table.database.empty()) origins.push_back({table.database, table.table, table.id});
  return origins;
}

std::vector<EventTable> event_tables(DeskStore& store, const ChangeLog& changes) {
  std::vector<EventTable> tables;
  for (const TableConfig& table : store.config().tables) {
    if (table.key.empty() || !store.has_table(table.id)) continue;
    const std::string& file = store.place(table.id).database;
    const std::string changed = changes.last(file) >= 0 ? log_of(file) : std::string();
    tables.push_back({store.table(table.id), changed, table.table});
  }
  return tables;
}

std::vector<ChangeFile> change_files(DeskStore& store, const ChangeLog& changes) {
  std::vector<ChangeFile> files;
  for (const std::string& file : changes.files()) {
    if (changes.last(file) < 0) continue;
    ChangeFile log{log_of(file), {}};
    for (const TableConfig& table : store.config().tables)
      if (store.has_table(table.id) && store.place(table.id).database == file) log.tables[table.table] = table.id;
    files.push_back(std::move(log));
  }
  return files;
}

}  // namespace

Normalisers standard_normalisers() {
  Normalisers found;
  for (const standard::NamedFunction& function : standard::text_functions()) {
    const std::string_view name = function.name;
    if (name == "qz_code") found.code = function.function;
    if (name == "qz_name") found.name = function.function;
    if (name == "qz_address") found.address = function.function;
    if (name == "qz_date") found.date = function.function;
  }
  return found;
}

Desk::Desk(const std::filesystem::path& config, const Clock& clock, Random& random) : clock_(clock) {
  yaml::Diagnostics diagnostics;
  file_ = load_desk(config, diagnostics);
  if (!diagnostics.has_errors()) {
    store_.emplace(file_.desk, clock);
    for (const standard::NamedFunction& function : standard::text_functions())
      store_->database().add_function(function.name, 1,
                                      [called = function.function](const sqlite::TextArguments& arguments) {
                                        return arguments[0] ? called(*arguments[0]) : std::nullopt;
                                      });
    open_work(clock, random);
  }
  if (!diagnostics.has_errors()) {
    const bool has_records = open_records(diagnostics);
    // The pages' part is not ours to serve, but whoever checks the file wants all of it checked.
    if (file_.lookup != nullptr && has_records) bind_lookup(file_, *store_, false, diagnostics);
  }
  const bool is_good = !diagnostics.has_errors();
  std::fputs(diagnostics.render().c_str(), stderr);
  if (!is_good) return;
  judge_.emplace(*store_, file_.rules, standard_normalisers());
  rounds_.emplace(*store_, *judge_);
}

// Its tables are made before rules and reports look for them.
void Desk::open_work(const Clock& clock, Random& random) {
  const ChangeLog changes(*store_, {});
  const Holidays& holidays = store_->config().holidays;
  DeskWork::Parts parts{store_->database(), file_.desk.id,
                        [&holidays](Day from, int days) { return holidays.due(from, days); }, clock, random};
  work_.emplace(std::move(parts), file_.work,
                WorkTables{store_->tables(), event_tables(*store_, changes), origins_of(file_)});
  store_->open_tables();
}

bool Desk::open_records(yaml::Diagnostics& diagnostics) {
  if (file_.records == nullptr) return true;
  records_config_ = bind_records(file_, *store_, diagnostics);
  if (diagnostics.has_errors()) return false;
  records_.emplace(store_->database(), records_config_, change_files(*store_, ChangeLog(*store_, {})));
  decisions_.emplace(store_->database());
  candidates_.emplace(store_->database(), *decisions_);
  reviewed_.emplace(store_->database(), *records_, *decisions_);
  for (const records::RecordKind& kind : records_config_.kinds)
    if (kind.match)
      suggestions_.push_back(
          std::make_unique<records::Suggestions>(store_->database(), kind, *decisions_, *candidates_));
  store_->open_tables();
  return true;
}

void Desk::keep_records() {
  if (!records_) return;
  const Micros now = store_->now();
  if (records_->needs_build()) {
    const records::BuildReport built = records_->build(now);
    log(LogLevel::notice, "desk", "base records built: " + std::to_string(built.records));
  }
  while (records_->catch_up(now, records::Records::changes_at_once).changes != 0) continue;
}

// Pairs for people, and what they decided. Millions of new records are looked at in the course of many turns.
void Desk::suggest() {
  if (!records_ || records_->needs_build()) return;
  const Micros now = store_->now();
  while (reviewed_->run(now, decisions_at_once) >= decisions_at_once) continue;
  const Micros began = clock_.steady();
  for (const auto& suggestions : suggestions_)
    while (clock_.steady() - began < longest_suggesting && suggestions->run(now, suggested_at_once) != 0) continue;
}

template <typename Work>
void Desk::attempt(const char* part, const Work& work) {
  try {
    work();
    parts_->well(part, clock_.now());
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::corrupt) throw;
    log(std::string("desk ") + part, error);
    parts_->failed(part, error, clock_.now());
  }
}

// For whoever looks from outside whether the desk does its work.
void Desk::note_parts() {
  const Micros now = clock_.now();
  for (const Rule& rule : judge_->rules()) {
    const auto failing = rounds_->failing().find(rule.id);
    if (failing == rounds_->failing().end())
      parts_->well("rule/" + rule.id, now);
    else
      parts_->failed("rule/" + rule.id, failing->second, now);
  }
  for (const FeedConfig& feed : file_.work.feeds) {
    const auto failing = work_->failing_feeds().find(feed.id);
    if (failing == work_->failing_feeds().end())
      parts_->well("feed/" + feed.id, now);
    else
      parts_->failed("feed/" + feed.id, failing->second, now);
  }
  parts_->well("turn", now);
  parts_->flush(now);
}

void Desk::turn() {
  if (!parts_) parts_.emplace(store_->database());
  const Micros now = clock_.steady();
  bool is_due = worked_ == 0 || now - worked_ >= works_every;
  attempt("days off", [this] { store_->read_days_off(); });
  for (const Judgement& judgement : rounds_->turn()) {
    if (judgement.opened + judgement.changed + judgement.closed == 0) continue;
    log(LogLevel::info, "desk", told(judgement));
    is_due = true;
  }
  attempt("records", [this] { keep_records(); });
  attempt("suggestions", [this] { suggest(); });
  if (is_due) worked_ = now;
  attempt("work", [&] {
    const std::string text = told(is_due ? work_->run_once() : work_->follow());
    if (!text.empty()) log(LogLevel::info, "desk", text);
  });
  note_parts();
}

std::string told(const WorkTurn& turn) {
  const std::pair<const char*, std::int64_t> parts[] = {{"立案 opened", turn.cases.opened},
                                                        {"预警 raised", turn.cases.raised},
                                                        {"结案 settled", turn.cases.settled},
                                                        {"重开 reopened", turn.cases.reopened},
                                                        {"结果 outcomes", turn.outcomes.applied},
                                                        {"事件 events", turn.events},
                                                        {"公开 feeds", turn.feeds},
                                                        {"通知 sent", turn.notices.sent},
                                                        {"稍后 later", turn.notices.later},
                                                        {"失败 failed", turn.notices.failed},
                                                        {"不明 uncertain", turn.notices.uncertain}};
  std::string text;
  for (const auto& [name, count] : parts)
    if (count != 0) text += (text.empty() ? "" : ", ") + std::string(name) + " " + std::to_string(count);
  return text;
}

std::string told(const Judgement& judgement) {
  const std::string scope = judgement.full ? "全部 all" : "涉及 touched " + std::to_string(judgement.touched);
  return judgement.rule + ": " + scope + ", 新增 opened " + std::to_string(judgement.opened) + ", 变化 changed " +
         std::to_string(judgement.changed) + ", 消除 closed " + std::to_string(judgement.closed);
}

}  // namespace qianzhi::desk

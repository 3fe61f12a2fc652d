#include "tests/crash/exchange.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <stdexcept>

namespace qianzhi::crash {

namespace {

constexpr int polite_seconds = 60;
constexpr int look_ms = 50;

std::string program_of(Who who) {
  return QIANZHI_PROGRAMS + std::string(who == Who::hub ? "/qianzhi-hub" : "/qianzhi");
}

std::string end_of(const std::string& text) {
  constexpr std::size_t most = 4000;
  return text.size() <= most ? text : text.substr(text.size() - most);
}

std::string how(const Ending& ending) {
  return ending.signal != 0 ? "signal " + std::to_string(ending.signal) : "exit " + std::to_string(ending.exit);
}

}  // namespace

Exchange::~Exchange() {
  programs_.clear();
  close(reserved_);
}

void Exchange::start(Who who, const std::string& crash_at, const std::vector<std::string>& more) {
  const std::filesystem::path port = file(name_of(who) + ".port");
  std::filesystem::remove(port);
  std::vector<std::string> command = {program_of(who), "run", "-c", config(who).string(), "--port-file", port.string()};
  command.insert(command.end(), more.begin(), more.end());
  programs_[who] = std::make_unique<Program>(std::move(command), file(name_of(who) + ".log"), crash_at);
}

void Exchange::start_all() {
  for (const Who who : {Who::hub, Who::commerce, Who::tax}) start(who);
}

void Exchange::stop(Who who) {
  program(who).signal(SIGTERM);
  const Ending ending = program(who).wait(polite_seconds);
  if (ending.exit != 0) throw std::runtime_error(name_of(who) + " ended by SIGTERM with " + how(ending) + report());
  programs_.erase(who);
}

void Exchange::kill(Who who) {
  program(who).signal(SIGKILL);
  program(who).wait(polite_seconds);
  programs_.erase(who);
}

void Exchange::pause(int milliseconds) {
  std::vector<pollfd> handles;
  for (const auto& [who, running] : programs_)
    if (!running->ended()) handles.push_back({running->handle(), POLLIN, 0});
  poll(handles.data(), handles.size(), milliseconds);
}

void Exchange::await(const std::string& what, const std::function<bool()>& condition, int seconds) {
  const Micros limit = clock_.steady() + Micros{seconds} * 1'000'000;
  while (!condition()) {
    for (const auto& [who, running] : programs_)
      if (const auto ending = running->ended(); ending && !(is_dying_ && who == dying_))
        throw std::runtime_error(name_of(who) + " ended with " + how(*ending) + ", awaiting " + what + report());
    if (clock_.steady() > limit) throw std::runtime_error("in vain: " + what + report());
    pause(look_ms);
  }
}

int Exchange::await_killed(Who who, const std::function<void()>& drive) {
  dying_ = who;
  is_dying_ = true;
  await("the end of " + name_of(who), [&] {
    if (program(who).ended()) return true;
    drive();
    return false;
  });
  is_dying_ = false;
  const Ending ending = *program(who).ended();
  programs_.erase(who);
  return ending.signal;
}

bool Exchange::is_quiet() {
  const Page sent = page(Who::commerce);
  const Page received = page(Who::tax);
  for (const char* topic : {firms_topic, changes_topic}) {
    const auto publication = sent.publications.find(topic);
    const auto lane = received.lanes.find(topic);
    if (publication == sent.publications.end() || lane == received.lanes.end()) return false;
    const Page::Publication& from = publication->second;
    if (from.last.empty() || from.last != from.receipted || from.refills) return false;
    if (lane->second.mark != from.last || !lane->second.is_complete) return false;
  }
  return true;
}

void Exchange::await_rest() {
  await("rest", [&] { return difference().empty() && is_quiet() && difference().empty(); });
}

sqlite::Database& Exchange::open(Who who) {
  std::unique_ptr<sqlite::Database>& database = databases_[who];
  if (database == nullptr) {
    sqlite::OpenOptions options;
    options.own_store = false;
    options.busy_timeout_ms = 60'000;
    database = std::make_unique<sqlite::Database>(file(name_of(who) + ".db"), options);
  }
  return *database;
}

void Exchange::sql(const std::string& text) { open(Who::commerce).execute(text); }
void Exchange::target_sql(const std::string& text) { open(Who::tax).execute(text); }

void Exchange::change() {
  const std::vector<std::string> areas = {"'440103'", "'440104'", "NULL"};
  ++firms_;
  ++events_;
  const auto firm = [](std::int64_t number) { return "'F" + std::to_string(number) + "'"; };
  const std::string area = areas[static_cast<std::size_t>(firms_) % areas.size()];
  std::string text = "BEGIN IMMEDIATE;";
  text += "INSERT INTO enterprise VALUES(" + firm(firms_) + ", '企业', '510000', " + area + ");";
  text += "UPDATE enterprise SET ent_name = ent_name || '改', district = " + area +
          " WHERE reg_no = " + firm(firms_ / 2) + ";";
  if (firms_ % 4 == 0) text += "DELETE FROM enterprise WHERE reg_no = " + firm(firms_ / 4) + ";";
  text += "INSERT INTO ent_change VALUES(" + std::to_string(events_) + ", " + firm(firms_) + ", '企业', '名称', '" +
          std::string(40, 'x') + "', " + area + ");";
  sql(text + "COMMIT;");
}

std::vector<std::string> Exchange::rows(Who who, const std::string& query) {
  std::vector<std::string> all;
  sqlite::Statement statement = open(who).prepare(query);
  while (statement.step()) {
    std::string line;
    for (int i = 0; i < statement.columns(); ++i) line += (statement.is_null(i) ? "-" : statement.text(i)) + "|";
    all.push_back(std::move(line));
  }
  return all;
}

std::string Exchange::difference() {
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"SELECT reg_no, ent_name, postal, district FROM enterprise ORDER BY reg_no",
       "SELECT registration_number, enterprise_name, postal_code, area_code FROM firms ORDER BY registration_number"},
      {"SELECT id, reg_no, ent_name, chg_item, content, district FROM ent_change ORDER BY id",
       "SELECT source_row_id, registration_number, enterprise_name, changed_item, content_after_change, area_code"
       " FROM events ORDER BY CAST(source_row_id AS INTEGER)"}};
  for (const auto& [from, to] : pairs) {
    const std::vector<std::string> expected = rows(Who::commerce, from);
    const std::vector<std::string> got = rows(Who::tax, to);
    for (std::size_t i = 0; i < std::max(expected.size(), got.size()); ++i) {
      const std::string want = i < expected.size() ? expected[i] : "nothing";
      const std::string have = i < got.size() ? got[i] : "nothing";
      if (want != have) return "source " + want + ", target " + have;
    }
  }
  return {};
}

std::string Exchange::wrong_history(std::int64_t from) {
  std::int64_t next = from;
  for (const std::string& line : rows(
           Who::tax, "SELECT source_row_id, qz_operation FROM events_history WHERE CAST(source_row_id AS INTEGER) >= " +
                         std::to_string(from) + " ORDER BY qz_epoch, qz_sequence, qz_ordinal"))
    if (line != std::to_string(next++) + "|upsert|") return "at " + std::to_string(next - 1) + ": " + line;
  return next == events_ + 1 ? "" : "ends before " + std::to_string(next) + " of " + std::to_string(events_);
}

Page Exchange::page(Who who) {
  const std::string text = text_of(file(name_of(who) + ".port"));
  std::uint16_t port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port == 0 ? Page{} : page_at(port);
}

Output Exchange::ask(Who who, std::vector<std::string> words) {
  const std::size_t verb = words.size() > 1 && words[0] == "quarantine" ? 2 : 1;
  words.insert(words.begin() + static_cast<std::ptrdiff_t>(verb), {"-c", config(who).string()});
  words.insert(words.begin(), program_of(who));
  return run(words, file("ask.log"));
}

Output Exchange::qianzhi(std::vector<std::string> words) {
  words.insert(words.begin(), program_of(Who::commerce));
  return run(words, file("ask.log"));
}

std::string Exchange::report() {
  const bool has_both = std::filesystem::exists(file("commerce.db")) && std::filesystem::exists(file("tax.db"));
  std::string text = has_both ? "\ndifference: " + difference() + "\n" : "\n";
  for (const Who who : {Who::hub, Who::commerce, Who::tax}) {
    if (who != Who::hub) text += "-- page of " + name_of(who) + "\n" + page(who).body + "\n";
    text += "-- log of " + name_of(who) + "\n" + end_of(text_of(file(name_of(who) + ".log"))) + "\n";
  }
  return text;
}

}  // namespace qianzhi::crash

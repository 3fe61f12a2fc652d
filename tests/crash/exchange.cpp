#include "tests/crash/exchange.h"

#include <poll.h>
#include <signal.h>

#include <charconv>
#include <fstream>
#include <stdexcept>

namespace qianzhi::crash {

namespace {

void replace_file(const std::filesystem::path& file, const std::filesystem::path& by) {
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + suffix);
  if (!by.empty()) std::filesystem::copy_file(by, file);
}

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

Exchange::~Exchange() { programs_.clear(); }

void Exchange::start(Who who, const std::string& crash_at, const std::vector<std::string>& more) {
  const std::filesystem::path port = file(name_of(who) + ".port");
  std::filesystem::remove(port);
  std::vector<std::string> command = {program_of(who), "run", "-c", config(who).string(), "--port-file", port.string()};
  command.insert(command.end(), more.begin(), more.end());
  if (choice_.small == who) {
    const std::vector<std::string> around = {
        "/usr/bin/unshare",    "-rm", "/bin/sh", "-c", "mount -t tmpfs -o size=8m none \"$0\" && exec \"$@\"",
        file("small").string()};
    command.insert(command.begin(), around.begin(), around.end());
  }
  programs_[who] =
      std::make_unique<Program>(std::move(command), file(name_of(who) + ".log"), crash_at, environments_[who]);
}

void Exchange::begin(int changes) {
  make_source();
  make_target();
  start_all();
  for (int i = 0; i < changes; ++i) change();
  await_rest();
}

void Exchange::start_all() {
  for (const Who who : all_) start(who);
}

void Exchange::stop(Who who) {
  program(who).signal(SIGTERM);
  const Ending ending = program(who).wait(polite_seconds);
  if (ending.exit != 0) throw std::runtime_error(name_of(who) + " ended by SIGTERM with " + how(ending) + report());
  programs_.erase(who);
}

void Exchange::replace_store(Who who, const std::filesystem::path& by) {
  replace_file(file(who == Who::hub ? "hub.db" : name_of(who) + "-queue.db"), by);
}

void Exchange::replace_database(Who who, const std::filesystem::path& by) {
  databases_.erase(who);
  replace_file(file(name_of(who) + ".db"), by);
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
    if (gateway_ != nullptr) gateway_->turn(clock_.steady());
    pause(look_ms);
  }
}

Ending Exchange::await_end(Who who, const std::function<void()>& drive) {
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
  return ending;
}

bool Exchange::is_quiet() {
  const Page sent = page(Who::commerce);
  for (const Who who : receivers_) {
    const Page received = page(who);
    for (const char* topic : {firms_topic, changes_topic}) {
      const auto publication = sent.publications.find(topic);
      const auto lane = received.lanes.find(topic);
      if (publication == sent.publications.end() || lane == received.lanes.end()) return false;
      const Page::Publication& from = publication->second;
      if (from.last.empty() || from.last != from.receipted || from.refills) return false;
      if (lane->second.mark != from.last || !lane->second.is_complete) return false;
    }
  }
  return true;
}

void Exchange::await_rest() {
  await("rest", [&] { return difference().empty() && is_quiet() && difference().empty(); });
}

std::filesystem::path Exchange::small_file(const std::string& name) {
  const std::filesystem::path root = "/proc/" + std::to_string(program(choice_.small.value()).id()) + "/root";
  return root.string() + (file("small") / name).string();
}

void Exchange::crash_server(Who who) {
  server(who).kill();
  server(who).start();
}

Database& Exchange::open(Who who) {
  std::unique_ptr<Database>& database = databases_[who];
  if (database != nullptr) return *database;
  if (!choice_.postgresql) {
    database = open_sqlite(file(name_of(who) + ".db"));
    return *database;
  }
  // A server that recovers refuses for a while.
  await("the database of " + name_of(who), [&] {
    try {
      server(who).revive();
      database = open_postgresql(server(who).dsn(name_of(who)));
      return true;
    } catch (const Lost&) {
      return false;
    }
  });
  return *database;
}

void Exchange::persist(Who who, const std::function<void(Database&)>& work) {
  constexpr int most = 100;
  for (int tries = 1;; ++tries) {
    try {
      return work(open(who));
    } catch (const Lost&) {
      databases_.erase(who);
      if (tries == most) throw;
    }
  }
}

void Exchange::sql(const std::string& text) { open(Who::commerce).run(text); }
void Exchange::target_sql(const std::string& text) { open(Who::tax).run(text); }

void Exchange::change() {
  const std::vector<std::string> areas = {"'440103'", "'440104'", "NULL"};
  ++firms_;
  ++events_;
  const auto firm = [](std::int64_t number) { return "'F" + std::to_string(number) + "'"; };
  const std::string area = areas[static_cast<std::size_t>(firms_) % areas.size()];
  std::string text = choice_.postgresql ? "BEGIN;" : "BEGIN IMMEDIATE;";
  text += "INSERT INTO enterprise VALUES(" + firm(firms_) + ", '企业', '510000', " + area + ");";
  text += "UPDATE enterprise SET ent_name = ent_name || '改', district = " + area +
          " WHERE reg_no = " + firm(firms_ / 2) + ";";
  if (firms_ % 4 == 0) text += "DELETE FROM enterprise WHERE reg_no = " + firm(firms_ / 4) + ";";
  text += "INSERT INTO ent_change VALUES(" + std::to_string(events_) + ", " + firm(firms_) + ", '企业', '名称', '" +
          std::string(40, 'x') + "', " + area + ");";
  // As an application does that lost its server and can not know what became of its transaction: it looks.
  bool is_new = true;
  persist(Who::commerce, [&](Database& database) {
    const std::string looked = "SELECT 1 FROM ent_change WHERE id = " + std::to_string(events_);
    if (is_new || database.rows(looked).empty()) {
      is_new = false;
      database.run(text + "COMMIT;");
    }
  });
}

std::vector<std::string> Exchange::rows(Who who, const std::string& query) {
  std::vector<std::string> all;
  persist(who, [&](Database& database) { all = database.rows(query); });
  return all;
}

namespace {

struct Pair {
  std::string from;
  Who receiver;
  std::string to;
};

std::vector<Pair> pairs_of(const std::vector<Who>& receivers) {
  const std::string granted = std::string(" WHERE district = '") + granted_district + "'";
  std::vector<Pair> pairs;
  for (const Who who : receivers) {
    const bool all = who != Who::quality;
    const std::string where = all ? "" : granted;
    pairs.push_back({"SELECT reg_no, ent_name, " + std::string(all ? "postal" : "NULL") + ", district FROM enterprise" +
                         where + " ORDER BY reg_no",
                     who,
                     "SELECT registration_number, enterprise_name, postal_code, area_code FROM firms ORDER BY "
                     "registration_number"});
    pairs.push_back(
        {"SELECT id, reg_no, ent_name, chg_item, content, district FROM ent_change" + where + " ORDER BY id", who,
         "SELECT source_row_id, registration_number, enterprise_name, changed_item, content_after_change,"
         " area_code FROM events ORDER BY CAST(source_row_id AS BIGINT)"});
  }
  return pairs;
}

}  // namespace

std::string Exchange::difference() {
  for (const Pair& pair : pairs_of(receivers_)) {
    const std::vector<std::string> expected = rows(Who::commerce, pair.from);
    const std::vector<std::string> got = rows(pair.receiver, pair.to);
    for (std::size_t i = 0; i < std::max(expected.size(), got.size()); ++i) {
      const std::string want = i < expected.size() ? expected[i] : "nothing";
      const std::string have = i < got.size() ? got[i] : "nothing";
      if (want != have) return "source " + want + ", " + name_of(pair.receiver) + " " + have;
    }
  }
  return {};
}

std::string Exchange::ungranted() {
  const std::string upsert =
      std::string("qz_operation = 'upsert' AND (area_code IS NULL OR area_code <> '") + granted_district + "')";
  for (const std::string& query :
       {"SELECT 'row', registration_number, area_code FROM firms_history WHERE " + upsert,
        "SELECT 'event', source_row_id, area_code FROM events_history WHERE " + upsert,
        std::string("SELECT 'item', registration_number, postal_code FROM firms_history WHERE postal_code IS NOT NULL"),
        // The key of a row that it was never given.
        std::string("SELECT 'key', registration_number FROM firms_history a WHERE NOT EXISTS (SELECT 1 FROM"
                    " firms_history b WHERE b.registration_number = a.registration_number AND b.qz_operation ="
                    " 'upsert')")})
    for (const std::string& row : rows(Who::quality, query)) return row;
  return {};
}

std::string Exchange::wrong_history(std::int64_t from) {
  std::int64_t next = from;
  for (const std::string& line :
       rows(Who::tax, "SELECT source_row_id, qz_operation FROM events_history WHERE CAST(source_row_id AS BIGINT) >= " +
                          std::to_string(from) + " ORDER BY qz_epoch, qz_sequence, qz_ordinal"))
    if (line != std::to_string(next++) + "|upsert|") return "at " + std::to_string(next - 1) + ": " + line;
  return next == events_ + 1 ? "" : "ends before " + std::to_string(next) + " of " + std::to_string(events_);
}

Page Exchange::page(Who who) {
  const std::string text = text_of(file(name_of(who) + ".port"));
  const std::size_t end = text.find('\n');
  std::uint16_t port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  if (port == 0 || end == std::string::npos) return {};
  return page_at(port, text.substr(end + 1, text.find('\n', end + 1) - end - 1));
}

Output Exchange::ask(Who who, std::vector<std::string> words) {
  const bool two = words.size() > 1 && (words[0] == "quarantine" || words[0] == "matter");
  const std::size_t verb = two ? 2 : 1;
  words.insert(words.begin() + static_cast<std::ptrdiff_t>(verb), {"-c", config(who).string()});
  words.insert(words.begin(), program_of(who));
  return run(words, file("ask.log"));
}

Output Exchange::qianzhi(std::vector<std::string> words) {
  words.insert(words.begin(), program_of(Who::commerce));
  return run(words, file("ask.log"));
}

std::string Exchange::report() {
  if (reporting_) return {};
  reporting_ = true;
  std::string text = "\n";
  // Looking at an SQLite file would make it.
  const bool has_both = std::filesystem::exists(file("commerce.db")) && std::filesystem::exists(file("tax.db"));
  try {
    if (has_both || choice_.postgresql) text += "difference: " + difference() + "\n";
  } catch (const std::exception& error) {
    text += std::string(error.what()) + "\n";
  }
  for (const Who who : all_) {
    if (who != Who::hub) text += "-- page of " + name_of(who) + "\n" + page(who).body + "\n";
    text += "-- log of " + name_of(who) + "\n" + end_of(text_of(file(name_of(who) + ".log"))) + "\n";
  }
  reporting_ = false;
  return text;
}

}  // namespace qianzhi::crash

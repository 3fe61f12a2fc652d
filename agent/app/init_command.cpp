#include "agent/app/init_command.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "adapters/api/adapter.h"
#include "agent/app/agent.h"
#include "agent/app/commands.h"
#include "agent/app/files.h"
#include "agent/app/identity_text.h"
#include "agent/app/kept.h"
#include "agent/app/links.h"
#include "agent/app/questions.h"
#include "agent/config/loader.h"
#include "agent/flow/directory_keeper.h"
#include "agent/setup/draft.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/key.h"
#include "hub-protocol/service/private_file.h"

namespace qianzhi::app {

namespace {

namespace fs = std::filesystem;
using setup::Draft;
using setup::DraftDatabase;
using setup::TableMatch;

constexpr int lines_wait = 78;
constexpr const char* source_id = "department-db";
constexpr const char* target_id = "received-db";
constexpr std::size_t most_shown = 40;

std::string identity_lines(const InitCommand& command) {
  const fs::path section = section_file(command.identity);
  if (!command.token.empty() && !fs::exists(section)) {
    EnrolCommand enrolment;
    enrolment.token = command.token;
    enrolment.hub = command.hub;
    enrolment.out = command.identity;
    enrolment.prints = false;
    // That its first call fails is told there; here the next step tells it again.
    enrol(enrolment);
  }
  if (!fs::exists(section)) throw Error(ErrorKind::misuse, "QZ-AGT-172", section.string());
  return read_text(section);
}

// What is asked of whom for each kind of database. dsn and connect hold no password (QZ-CFG-021).
std::vector<std::pair<std::string, std::string>> settings_for(const std::string& type, const Questions& questions) {
  const auto ask = [&](const char* key, const char* zh, const char* en, const std::optional<std::string>& usual) {
    return std::pair<std::string, std::string>(key, questions.ask(zh, en, usual, std::string("--set ") + key + "=..."));
  };
  if (type == "sqlite") return {ask("file", "数据库文件", "database file", std::nullopt)};
  if (type == "postgresql")
    return {ask("dsn", "连接 (libpq 写法，不含密码)", "connection (as libpq writes it, without password)",
                "host=127.0.0.1 dbname=postgres user=qianzhi")};
  if (type == "mysql")
    return {ask("host", "主机", "host", "127.0.0.1"), ask("database", "数据库", "database", std::nullopt),
            ask("user", "用户", "user", "qianzhi")};
  if (type == "odbc")
    return {
        ask("dialect", "方言 (postgresql kingbase mariadb sqlite sqlserver oracle dm db2)", "dialect", std::nullopt),
        ask("connect", "ODBC 连接串 (不含密码)", "ODBC connection string, without password", std::nullopt)};
  throw Error(ErrorKind::misuse, "QZ-AGT-170", "--type postgresql | mysql | sqlite | odbc");
}

fs::path state_folder(const InitCommand& command) { return fs::absolute(command.identity / "..").lexically_normal(); }

bool can_write_beside(const fs::path& file) {
  return access(fs::absolute(file).parent_path().c_str(), W_OK | X_OK) == 0;
}

class Init {
 public:
  explicit Init(const InitCommand& command)
      : command_(command),
        questions_(!command.yes && Questions::is_anybody_there()),
        written_(can_write_beside(command.config) ? command.config : state_folder(command) / "agent.yaml") {}

  int run() {
    for (const fs::path& file : {command_.config, written_})
      if (fs::exists(file) && !command_.force) throw Error(ErrorKind::misuse, "QZ-AGT-171", file.string());
    draft_.identity = identity_lines(command_);
    draft_.queue = (state_folder(command_) / "queue.db").string();
    draft_.page = command_.page;
    fetch_directory();
    connect();
    choose_publications();
    choose_subscriptions();
    return finish();
  }

 private:
  fs::path draft_file() const { return written_.string() + ".new"; }

  config::Config load() const {
    service::replace_private(draft_file(), setup::to_yaml(draft_));
    return load_or_throw(draft_file());
  }

  // Kept in the queue, so that plan and sample know the topics before the agent ever ran.
  void fetch_directory() {
    const config::Config config = load();
    agent_id_ = config.agent_id;
    SystemRandom random;
    store::Store store(store_options(config, false), from_hex(config::read_secret(config.queue.key)), random);
    std::optional<KeyRecord> root;
    if (!config.exchange.directory_root_key.empty())
      root = seal::directory_key_from_pem(read_text(config.exchange.directory_root_key));
    flow::DirectoryKeeper keeper(store, clock_, seal::directory_key_from_pem(read_text(config.exchange.directory_key)),
                                 root);
    keeper.refresh(*new_link(config));
    directory_ = keeper.in_force();
    std::fprintf(stderr, " ✓ 交换中心 / exchange: %s, directory %llu\n", config.exchange.url.c_str(),
                 static_cast<unsigned long long>(directory_->version));
  }

  DraftDatabase ask_database() const {
    DraftDatabase database{source_id, command_.type, {}, {}, {}};
    if (database.type.empty())
      database.type = questions_.ask("数据库类型 (postgresql mysql sqlite odbc)", "kind of database (mysql: MariaDB)",
                                     std::nullopt, "--type");
    for (const std::string& setting : command_.settings) {
      const std::size_t mark = setting.find('=');
      if (mark == std::string::npos) throw Error(ErrorKind::misuse, "QZ-AGT-170", "--set " + setting);
      database.settings.emplace_back(setting.substr(0, mark), setting.substr(mark + 1));
    }
    if (database.settings.empty()) database.settings = settings_for(database.type, questions_);
    // A path is meant from where the person stands, and written from the root on.
    for (auto& [key, value] : database.settings)
      if (key == "file") value = fs::absolute(value).lexically_normal().string();
    if (!command_.password_file.empty()) {
      database.password_file = fs::absolute(command_.password_file).lexically_normal().string();
    } else if (const std::string secret = database.type == "sqlite"
                                              ? std::string()
                                              : questions_.ask_secret("密码（不显示；没有则直接回车）",
                                                                      "password (not shown; Enter if there is none)");
               !secret.empty()) {
      const fs::path file = fs::absolute(written_).parent_path() / (std::string(source_id) + ".password");
      service::replace_private(file, secret);
      database.password_file = file.string();
    }
    // Triggers and a journal that the DBA installs: no right beyond reading, and nothing to set on the server.
    if (database.type == "postgresql" || database.type == "mysql") database.capture = "journal";
    return database;
  }

  void connect() {
    for (;;) {
      try {
        draft_.source = ask_database();
        const config::Config config = load();
        const config::DatabaseConfig& database = config.sources.at(source_id).database;
        tables_ = process_adapters(config, clock_)(database)->describe(connection_of(database));
        break;
      } catch (const Error& error) {
        // A person tries again; a script is told.
        if (!questions_.asks() || !command_.settings.empty()) throw;
        std::fprintf(stderr, " ✕ %s %s\n   %s\n", error.code().c_str(), error.detail().c_str(), error.hint().c_str());
      }
    }
    std::fprintf(stderr, " ✓ 数据库 / database: %zu 个表 / tables\n", tables_.size());
  }

  std::vector<const Topic*> provided() const {
    std::vector<const Topic*> topics;
    for (const auto& [id, topic] : directory_->catalogue.topics)
      if (topic.mode != TopicMode::answer && !directory_->provides(agent_id_, id).is_empty()) topics.push_back(&topic);
    return topics;
  }

  void publish(const Topic& topic, const std::string& table) {
    const auto found =
        std::find_if(tables_.begin(), tables_.end(), [&](const adapter::TableInfo& one) { return one.name == table; });
    if (found == tables_.end()) throw Error(ErrorKind::misuse, "QZ-AGT-173", table);
    draft_.publications.push_back({&topic, setup::match_table(topic, *found)});
    const TableMatch& match = draft_.publications.back().match;
    std::fprintf(stderr, " %s %s %s <- %s: %zu/%zu 个数据项 / items", match.missing.empty() ? "✓" : "▲",
                 topic.id.c_str(), topic.title.c_str(), table.c_str(), match.columns.size(), topic.items.size());
    for (const std::string& item : match.missing) std::fprintf(stderr, " -%s", item.c_str());
    std::fputc('\n', stderr);
  }

  void show_tables() const {
    std::fputs("   表 / tables:\n", stderr);
    for (std::size_t i = 0; i < std::min(tables_.size(), most_shown); ++i)
      std::fprintf(stderr, "     %-40s %4zu 列 columns  %s 行 rows%s\n", tables_[i].name.c_str(),
                   tables_[i].columns.size(), tables_[i].rows < 0 ? "?" : std::to_string(tables_[i].rows).c_str(),
                   tables_[i].key.empty() ? "  没有主键 no primary key" : "");
    if (tables_.size() > most_shown) std::fprintf(stderr, "     … %zu\n", tables_.size() - most_shown);
  }

  void publish_named() {
    for (const std::string& pair : command_.publish) {
      const std::size_t mark = pair.find('=');
      const Topic* topic = mark == std::string::npos ? nullptr : directory_->catalogue.find(pair.substr(0, mark));
      if (topic == nullptr) throw Error(ErrorKind::misuse, "QZ-AGT-173", pair);
      publish(*topic, pair.substr(mark + 1));
    }
  }

  void choose_publications() {
    if (!command_.publish.empty()) return publish_named();
    const std::vector<const Topic*> topics = provided();
    if (topics.empty()) {
      std::fputs(" · 目录中没有由本机提供的主题 / the directory has no topic that this agent provides\n", stderr);
      return;
    }
    if (questions_.asks()) show_tables();
    for (const Topic* topic : topics) {
      const std::vector<TableMatch> matches = setup::match_tables(*topic, tables_);
      const bool is_sure = !matches.empty() && matches.front().has_key;
      const std::string table =
          questions_.ask("主题 " + topic->id + " " + topic->title + " 取自哪个表（- 为暂不提供）",
                         "table of this topic (- to leave it out)", is_sure ? matches.front().table : "-", "--publish");
      if (table == "-") {
        std::fprintf(stderr, " · %s %s: 未提供 / left out\n", topic->id.c_str(), topic->title.c_str());
        continue;
      }
      try {
        publish(*topic, table);
      } catch (const Error& error) {
        if (!questions_.asks()) throw;
        std::fprintf(stderr, " ✕ %s %s\n", error.code().c_str(), error.detail().c_str());
      }
    }
    if (draft_.publications.empty()) draft_.source->capture.clear();
  }

  void choose_subscriptions() {
    for (const auto& [id, topic] : directory_->catalogue.topics)
      if (topic.mode != TopicMode::answer && directory_->provides(agent_id_, id).is_empty() &&
          !directory_->entitlement(agent_id_, id, clock_.now()).is_empty())
        draft_.subscriptions.push_back({id, topic.title});
    if (draft_.subscriptions.empty()) return;
    std::string into = command_.receive;
    if (into.empty())
      into =
          questions_.ask("有 " + std::to_string(draft_.subscriptions.size()) +
                             " 个主题已授权给本部门，收到哪里（SQLite 文件；same 为同一个数据库；none 为不收）",
                         "granted topics go where (a SQLite file, same: the same database, none)", "none", "--receive");
    if (into == "none") return draft_.subscriptions.clear();
    if (into == "same") {
      draft_.target = draft_.source;
      draft_.target->id = target_id;
      draft_.target->capture.clear();
    } else {
      draft_.target =
          DraftDatabase{target_id, "sqlite", {{"file", fs::absolute(into).lexically_normal().string()}}, {}, {}};
    }
  }

  int finish() {
    if (draft_.publications.empty() && draft_.source && draft_.subscriptions.empty())
      std::fputs(" · 还没有要交换的主题 / nothing to exchange yet\n", stderr);
    service::replace_private(draft_file(), setup::to_yaml(draft_));
    yaml::Diagnostics diagnostics;
    service::move_into_place(draft_file(), written_);
    const config::Config config = config::load_config(written_, diagnostics);
    if (!diagnostics.has_errors()) config::check_against(config, directory_->catalogue, diagnostics);
    std::fputs(diagnostics.render().c_str(), stdout);
    tell_next(diagnostics.has_errors());
    return diagnostics.has_errors() ? lines_wait : 0;
  }

  void tell_next(bool waits) const {
    const std::string file = command_.config.string();
    const std::string option = file == "/etc/qianzhi/agent.yaml" ? "" : " -c " + file;
    std::printf("已写入 / written: %s\n", written_.c_str());
    int step = 0;
    // A service that could write its own configuration would have one right too many.
    if (written_ != command_.config)
      std::printf("%d. sudo install -m 0640 -g qianzhi %s %s\n", ++step, written_.c_str(), file.c_str());
    if (waits)
      std::printf("%d. 补全上面指出的行 / complete the lines above, then: qianzhi check%s\n", ++step, option.c_str());
    if (!draft_.publications.empty() || draft_.target)
      std::printf("%d. 交 DBA 审阅、执行 / for the DBA to read and run: qianzhi plan%s > install.sql\n", ++step,
                  option.c_str());
    std::printf("%d. qianzhi check --live%s\n", ++step, option.c_str());
    for (const setup::DraftPublication& publication : draft_.publications) {
      std::printf("%d. qianzhi sample %s%s\n", ++step, publication.topic->id.c_str(), option.c_str());
      break;
    }
    std::printf("%d. %s\n", ++step,
                option.empty() ? "systemctl enable --now qianzhi" : ("qianzhi run" + option).c_str());
  }

  const InitCommand& command_;
  const Questions questions_;
  const fs::path written_;
  const SystemClock clock_;
  Draft draft_;
  std::string agent_id_;
  std::shared_ptr<const Directory> directory_;
  std::vector<adapter::TableInfo> tables_;
};

}  // namespace

int init(const InitCommand& command) { return Init(command).run(); }

int demo(const std::vector<std::string>& words) {
  const fs::path program = fs::read_symlink("/proc/self/exe").parent_path() / "qianzhi-demo";
  std::vector<std::string> command = {program.string()};
  command.insert(command.end(), words.begin(), words.end());
  std::vector<char*> values;
  values.reserve(command.size() + 1);
  for (std::string& word : command) values.push_back(word.data());
  values.push_back(nullptr);
  execv(program.c_str(), values.data());
  throw Error(ErrorKind::misuse, "QZ-AGT-174", program.string());
}

}  // namespace qianzhi::app

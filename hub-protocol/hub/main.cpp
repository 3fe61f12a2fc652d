// qianzhi-hub: the reference central exchange.
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "hub-protocol/base/log.h"
#include "hub-protocol/command/config_verbs.h"
#include "hub-protocol/command/program.h"
#include "hub-protocol/command/usage.h"
#include "hub-protocol/hub/ca_commands.h"
#include "hub-protocol/hub/catalogue_commands.h"
#include "hub-protocol/hub/command_table.h"
#include "hub-protocol/hub/doctor_command.h"
#include "hub-protocol/hub/export.h"
#include "hub-protocol/hub/hub_config.h"
#include "hub-protocol/hub/hub_sections.h"
#include "hub-protocol/hub/service.h"
#include "hub-protocol/hub/verbs.h"
#include "hub-protocol/service/control.h"
#include "hub-protocol/service/process.h"

namespace qianzhi::hub {

namespace {

constexpr int wrong_configuration = 78;  // EX_CONFIG of sysexits.h
constexpr int tick_ms = 10'000;          // of the watchdog and the directory's renewal

struct Arguments {
  std::vector<std::string> words;  // verb and what follows it
  std::filesystem::path config;
  std::filesystem::path port_file;
  bool stopped = false;
};

// A configuration that became wrong keeps the one in force.
void reload(Service& service) {
  try {
    service.reload();
  } catch (const Error& error) {
    log(LogLevel::error, "reload", error.code() + ": what was in force stays in force");
    std::fprintf(stderr, "%s\n", error.detail().c_str());
  }
}

int run(const Arguments& arguments) {
  service::Signals signals;
  std::atomic<bool> failed{false};
  const auto on_fatal = [&](const Error& error) {
    if (!failed.exchange(true)) service::tell(error);
    signals.wake();
  };
  const SystemClock clock;
  SystemRandom random;
  Service hub({arguments.config, arguments.stopped, service::crash_point(), on_fatal}, clock, random);
  if (!arguments.port_file.empty()) service::write_whole(arguments.port_file, std::to_string(hub.port()) + "\n");
  log(LogLevel::notice, "hub", "listening on port " + std::to_string(hub.port()));
  if (const int port = hub.admin_port(); port != 0) {
    if (!arguments.port_file.empty())
      service::write_whole(arguments.port_file.string() + ".admin", std::to_string(port) + "\n");
    log(LogLevel::notice, "hub", "administration on port " + std::to_string(port));
  }
  service::notify("READY=1");
  while (true) {
    const auto signal = signals.wait(tick_ms);
    // Nothing may be acknowledged after the store failed: no orderly end, the next start verifies it.
    if (failed) std::_Exit(EXIT_FAILURE);
    if (signal && *signal != SIGHUP) break;
    if (signal) {
      service::notify("RELOADING=1");
      reload(hub);
      service::notify("READY=1");
    }
    hub.tend();
    hub.check();
    service::notify("WATCHDOG=1");
  }
  service::notify("STOPPING=1");
  log(LogLevel::notice, "hub", "stopping");
  return EXIT_SUCCESS;
}

int check(const Arguments& arguments) {
  yaml::Diagnostics diagnostics;
  load_hub_config(arguments.config, diagnostics);
  std::fputs(diagnostics.render().c_str(), stdout);
  return diagnostics.has_errors() ? wrong_configuration : EXIT_SUCCESS;
}

// The log is read beside the hub; what was taken out of it belongs into its audit trail all the same.
void tell_hub_of_export(const Arguments& arguments) {
  std::vector<std::string> words = arguments.words;
  words[0] = "exported";
  try {
    service::ask_control(control_socket_of(arguments.config), words);
  } catch (const Error& error) {
    std::fprintf(stderr, "未记入审计 not entered in the audit trail: %s\n", error.what());
  }
}

int export_for_audit(const Arguments& arguments) {
  const std::vector<std::string>& words = arguments.words;
  if (words.size() < 2 || words.size() > 4) throw Error(ErrorKind::misuse, "QZ-HUB-051", "export DIR [AGENT [TOPIC]]");
  yaml::Diagnostics diagnostics;
  const HubConfig config = load_hub_config(arguments.config, diagnostics);
  diagnostics.throw_if_errors();
  const auto word = [&](std::size_t i) { return i < words.size() ? words[i] : std::string(); };
  const ExportReport report = export_log(config, words[1], {word(2), word(3)});
  std::printf("%zu 批已导出到 batches exported to %s, %zu 组矛盾批次 pairs of contradictory batches\n", report.batches,
              words[1].c_str(), report.evidence);
  if (!report.with_directory)
    std::puts(
        "配置与已发布的目录不同，未导出目录：先重新加载中心 / the configuration differs from the directory in force, "
        "which was not exported: reload the hub first");
  std::printf("校验 verify: qianzhi verify %s --directory-key DIRECTORY.pub\n", words[1].c_str());
  tell_hub_of_export(arguments);
  return EXIT_SUCCESS;
}

// `catalogue ... --from FILE`: read here, with the caller's rights, and sent along. Elsewhere --from is a day.
std::string take_attachment(std::vector<std::string>& words) {
  if (words.front() != "catalogue") return {};
  const auto option = std::find(words.begin(), words.end(), "--from");
  if (option == words.end() || option + 1 == words.end()) return {};
  std::string content = read_file(*(option + 1));
  words.erase(option, option + 2);
  return content;
}

// Never an argument, which others see in the list of processes.
std::string read_password() {
  const bool is_terminal = isatty(STDIN_FILENO) == 1;
  const auto ask = [&](const char* prompt) {
    if (is_terminal) std::fputs(prompt, stderr);
    std::string line;
    std::getline(std::cin, line);
    if (is_terminal) std::fputs("\n", stderr);
    return line;
  };
  termios before{};
  const bool is_quiet = is_terminal && tcgetattr(STDIN_FILENO, &before) == 0;
  if (is_quiet) {
    termios quiet = before;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  std::string first = ask("新密码 new password: ");
  const std::string second = is_terminal ? ask("再次输入 again: ") : first;
  if (is_quiet) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  if (first != second) throw Error(ErrorKind::misuse, "QZ-HUB-276", "两次输入不同 / the two differ");
  return first;
}

// The hub reads and writes from another working directory than the caller's.
int ask_hub(const Arguments& arguments, bool json) {
  std::vector<std::string> words = arguments.words;
  const bool sets_password = words.size() > 2 && words[0] == "account" && words[1] == "password";
  const std::string attachment = sets_password ? read_password() : take_attachment(words);
  if (words[0] == "evidence" && words.size() > 1 && words[1].front() != '-')
    words[1] = std::filesystem::absolute(words[1]).string();
  if (json) words.emplace_back("--json");
  std::fputs(service::ask_control(control_socket_of(arguments.config), words, attachment).c_str(), stdout);
  return EXIT_SUCCESS;
}

int carry_out_here(const Arguments& arguments) {
  const std::string& name = arguments.words[0];
  if (name == "check") return check(arguments);
  if (name == "export") return export_for_audit(arguments);
  if (name == "ca") {
    std::fputs(run_ca({arguments.words.begin() + 1, arguments.words.end()}).c_str(), stdout);
    return EXIT_SUCCESS;
  }
  const auto result = catalogue_command(arguments.words, arguments.config);
  QZ_ASSERT(result.has_value());
  std::fputs(result->text.c_str(), stdout);
  return result->status;
}

// --yes is for the command line alone: who calls from a page is asked by the page.
void check_consent(std::string_view verb, std::vector<std::string>& words) {
  const Consent wanted = consent_for(verb);
  if (wanted == Consent::none) return;
  const auto yes = std::find(words.begin(), words.end(), "--yes");
  const auto reason = std::find(words.begin(), words.end(), "--reason");
  const bool has_reason = wanted == Consent::yes || (reason != words.end() && reason + 1 != words.end());
  if (yes == words.end() || !has_reason)
    throw Error(ErrorKind::misuse, "QZ-CLI-005", std::string(verb),
                wanted == Consent::yes ? "--yes" : "--yes --reason TEXT");
  words.erase(yes);
}

class CommandLine {
 public:
  CommandLine() {
    CLI::App* run_verb = program_.verb(program_.top(), "run", "运行交换中心 / run the hub in the foreground",
                                       [this] { return run(now()); });
    run_verb->add_option("--port-file", port_file_, "端口写入此文件 / write the port here")->type_name("FILE");
    run_verb->add_flag("--stopped", stopped_,
                       "启动但不接受代理，供恢复之后核对 / start without agents, after a restore");
    program_.verb(program_.top(), "doctor",
                  "逐项检查：配置、密钥、证书、磁盘、文件 / look for what is wrong, step by step",
                  [this] { return doctor(program_.config(), program_.language(), program_.json()); });
    CLI::App* bundle_verb =
        program_.verb(program_.top(), "bundle",
                      "支持包：先列出内容，不含密钥和数据行 / support bundle: lists first; no keys, no rows",
                      [this] { return bundle(program_.config(), out_, program_.language(), program_.json()); });
    bundle_verb
        ->add_option("--out", out_, "写入此 ZIP 文件；不写则只列出 / write this ZIP file; else it is only listed")
        ->type_name("FILE");
    command::add_config_verbs(program_, format_, {reference_texts(), add_reference, load_settings});
    for (const LocalVerb& verb : local_verbs())
      add(verb.name, verb.usage, std::string(verb.text), [this] { return carry_out_here(now()); });
    for (const Verb* verb : all_verbs()) {
      CLI::App* made =
          add(verb->name, verb->arguments, std::string(verb->zh) + " / " + std::string(verb->en), [this, verb] {
            Arguments arguments = now();
            check_consent(verb->name, arguments.words);
            return ask_hub(arguments, program_.json());
          });
      if (made == nullptr || verb->role == Role::anyone) continue;
      // The hub reads it from the words (permission.h).
      made->add_option_function<std::string>(
              "--break-glass", [](const std::string&) {},
              "紧急情况：root 越过角色与四眼，写明理由；记入审计 / in an emergency root goes past roles; audited")
          ->type_name("REASON");
    }
  }

  int run_program(int count, char** values) { return program_.run(count, values); }

 private:
  Arguments now() const { return {program_.words(), program_.config(), port_file_, stopped_}; }

  // Nothing if there is one of this name.
  CLI::App* add(std::string_view name, std::string_view usage, const std::string& text, std::function<int()> action) {
    CLI::App* parent = &program_.top();
    const std::size_t space = name.find(' ');
    if (space != std::string_view::npos) {
      const std::string group(name.substr(0, space));
      CLI::App* found = below(*parent, group);
      parent = found == nullptr ? program_.group(*parent, group, group_text(group)) : found;
    }
    const std::string last(name.substr(space == std::string_view::npos ? 0 : space + 1));
    // Two of them are carried out here although the hub knows them, too.
    if (below(*parent, last) != nullptr) return nullptr;
    CLI::App* verb = program_.verb(*parent, last, text, std::move(action));
    command::declare(*verb, usage, option_text);
    if (consent_for(name) != Consent::none)
      verb->add_flag_callback(
          "--yes", [] {}, "已核对，确实要做 / it was looked at and shall be done");
    return verb;
  }

  static CLI::App* below(CLI::App& parent, const std::string& name) {
    const std::vector<CLI::App*> found =
        parent.get_subcommands([&](const CLI::App* sub) { return sub->get_name() == name; });
    return found.empty() ? nullptr : found.front();
  }

  command::Program program_{"qianzhi-hub", "交换中心 / the central exchange of Qianzhi", "/etc/qianzhi/hub.yaml"};
  command::FormatOptions format_;
  std::filesystem::path port_file_;
  std::filesystem::path out_;
  bool stopped_ = false;
};

}  // namespace

}  // namespace qianzhi::hub

int main(int count, char** values) {
  qianzhi::hub::CommandLine line;
  return line.run_program(count, values);
}

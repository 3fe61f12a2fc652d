// qianzhi-hub: the reference central exchange.
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "hub-protocol/base/log.h"
#include "hub-protocol/hub/ca_commands.h"
#include "hub-protocol/hub/catalogue_commands.h"
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

constexpr char usage[] =
    "qianzhi-hub run [-c FILE] [--port-file FILE] [--stopped]   运行交换中心 / run the hub\n"
    "qianzhi-hub check [-c FILE]                 检查配置 / check the configuration\n"
    "qianzhi-hub export DIR [AGENT [TOPIC]]      导出日志供审计 / write the log as files for an auditor\n"
    "qianzhi-hub version\n"
    "默认配置 default configuration: /etc/qianzhi/hub.yaml\n";

struct Arguments {
  std::vector<std::string> words;
  std::filesystem::path config = "/etc/qianzhi/hub.yaml";
  std::filesystem::path port_file;
  bool stopped = false;
};

Arguments parse(int count, char** values) {
  Arguments arguments;
  const std::vector<std::string> all(values + 1, values + count);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool has_value = i + 1 < all.size();
    if ((all[i] == "-c" || all[i] == "--config") && has_value)
      arguments.config = all[++i];
    else if (all[i] == "--port-file" && has_value)
      arguments.port_file = all[++i];
    else if (all[i] == "--stopped")
      arguments.stopped = true;
    else
      arguments.words.push_back(all[i]);
  }
  return arguments;
}

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

// `--from FILE`: read here, with the caller's rights, and sent along.
std::string take_attachment(std::vector<std::string>& words) {
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

void print_usage(std::FILE* out) {
  std::fputs(usage, out);
  std::fputs(ca_usage, out);
  std::fputs(catalogue_usage, out);
  std::fputs("\n管理 administration (--json: JSON):\n", out);
  for (const Verb* verb : all_verbs())
    std::fprintf(out, "qianzhi-hub %s %s\n    %s / %s\n", std::string(verb->name).c_str(),
                 std::string(verb->arguments).c_str(), std::string(verb->zh).c_str(), std::string(verb->en).c_str());
}

int dispatch(const Arguments& arguments) {
  const std::string name = arguments.words.empty() ? "" : arguments.words[0];
  if (name == "run") return run(arguments);
  if (const auto result = catalogue_command(arguments.words, arguments.config)) {
    std::fputs(result->text.c_str(), stdout);
    return result->status;
  }
  if (name == "check") return check(arguments);
  if (name == "export") return export_for_audit(arguments);
  if (name == "ca") {
    std::fputs(run_ca({arguments.words.begin() + 1, arguments.words.end()}).c_str(), stdout);
    return EXIT_SUCCESS;
  }
  if (name == "version") {
    std::puts("qianzhi-hub " QIANZHI_VERSION);
    return EXIT_SUCCESS;
  }
  if (name.empty() || name == "help" || name == "--help") {
    print_usage(name.empty() ? stderr : stdout);
    return name.empty() ? 2 : EXIT_SUCCESS;
  }
  std::vector<std::string> words = arguments.words;
  const bool sets_password = words.size() > 2 && words[0] == "account" && words[1] == "password";
  const std::string attachment = sets_password ? read_password() : take_attachment(words);
  // The hub writes it, from another working directory.
  if (name == "evidence" && words.size() > 1 && words[1].front() != '-')
    words[1] = std::filesystem::absolute(words[1]).string();
  std::fputs(service::ask_control(control_socket_of(arguments.config), words, attachment).c_str(), stdout);
  return EXIT_SUCCESS;
}

}  // namespace

}  // namespace qianzhi::hub

int main(int count, char** values) {
  using namespace qianzhi;
  try {
    return hub::dispatch(hub::parse(count, values));
  } catch (const Error& error) {
    return service::tell(error);
  }
}

#include "tests/crash/new_exchange.h"

#include <poll.h>
#include <signal.h>

#include <charconv>
#include <fstream>
#include <stdexcept>

namespace qianzhi::crash {

namespace {

constexpr int longest_s = 60;
constexpr int glance_ms = 100;
constexpr char shipped_catalogue[] = QIANZHI_SOURCE_DIR "/conf/catalogue";

std::string must(const Output& output) {
  if (output.exit != 0) throw std::runtime_error(output.text);
  return output.text;
}

}  // namespace

NewExchange::NewExchange(std::filesystem::path catalogue)
    : catalogue_(catalogue.empty() ? std::filesystem::path(shipped_catalogue) : std::move(catalogue)) {
  const std::string made = must(hub_command({"ca", "init", "--organisation", "Test", "--names", "localhost,127.0.0.1",
                                             "--out", file("keys"), "--root-out", file("root.key")}));
  const std::string mark = "hub.yaml:\n";
  std::string section = made.substr(made.find(mark) + mark.size());
  section.replace(section.find("localhost:8443"), 14, "localhost:" + std::to_string(port_.number()));
  write("hub.yaml", "hub:\n  store: hub.db\n  listen: \"127.0.0.1:" + std::to_string(port_.number()) +
                        "\"\n  secured: log\n  catalogue: \"" + catalogue_.string() + "\"\n" + section +
                        "agents: {}\n");
  start_hub();
}

std::string NewExchange::token_for(const std::string& agent, const std::string& department) {
  // The catalogue brings some departments along.
  if (hub_says({"department", "list"}).find(department + "\t") == std::string::npos)
    hub_says({"department", "add", department, "--title", "测试"});
  const std::string added = hub_says({"agent", "add", agent, "--department", department});
  return added.substr(0, added.find('\n'));
}

std::string NewExchange::enrol(const std::string& agent, const std::string& department, const std::string& parts) {
  const std::string token = token_for(agent, department);
  const std::string enrolled = must(qianzhi({"enrol", token, "--out", file(agent)}));
  // What it printed is the configuration.
  std::string section = enrolled.substr(enrolled.find("agent:\n"));
  section = section.substr(0, section.find('\n', section.find("  key: {file:")) + 1);
  write(agent + ".yaml", "version: 1\n" + section + "  path: " + file(agent + "-queue.db") +
                             "\nstatus: {listen: \"127.0.0.1:0\"}\n" + parts);
  databases_[agent] = open_sqlite(file(agent + ".db"));
  databases_[agent]->run("PRAGMA journal_mode=WAL");
  return token;
}

void NewExchange::install(const std::string& agent) {
  database(agent).run(says(agent, {"plan", "--catalogue", catalogue_.string(), "install"}));
}

void NewExchange::start_hub() {
  hub_ = std::make_unique<Program>(
      std::vector<std::string>{QIANZHI_PROGRAMS "/qianzhi-hub", "run", "-c", file("hub.yaml")}, file("hub.log"));
  await("the hub", [&] { return on_hub({"status"}).exit == 0; });
}

void NewExchange::start(const std::string& agent, const std::string& crash_at) {
  std::filesystem::remove(file(agent + ".port"));
  agents_[agent] =
      std::make_unique<Program>(std::vector<std::string>{QIANZHI_PROGRAMS "/qianzhi", "run", "-c",
                                                         file(agent + ".yaml"), "--port-file", file(agent + ".port")},
                                file(agent + ".log"), crash_at);
}

std::uint16_t NewExchange::port(const std::string& agent) const {
  std::uint16_t port = 0;
  await("the page of " + agent, [&] {
    const std::string text = text_of(file(agent + ".port"));
    std::from_chars(text.data(), text.data() + text.size(), port);
    return port != 0;
  });
  return port;
}

void NewExchange::stop(const std::string& agent) {
  program(agent).signal(SIGTERM);
  if (program(agent).wait(longest_s).exit != 0) throw std::runtime_error(text_of(file(agent + ".log")));
}

void NewExchange::stop_hub() {
  hub_->signal(SIGTERM);
  if (hub_->wait(longest_s).exit != 0) throw std::runtime_error(text_of(file("hub.log")));
}

void NewExchange::kill_hub() {
  hub_->signal(SIGKILL);
  hub_->wait(longest_s);
}

Output NewExchange::hub_command(std::vector<std::string> words) const {
  words.insert(words.begin(), QIANZHI_PROGRAMS "/qianzhi-hub");
  return run(words, file("command.log"));
}

Output NewExchange::on_hub(std::vector<std::string> words) const {
  words.insert(words.end(), {"-c", file("hub.yaml")});
  return hub_command(std::move(words));
}

Output NewExchange::qianzhi(std::vector<std::string> words) const {
  words.insert(words.begin(), QIANZHI_PROGRAMS "/qianzhi");
  return run(words, file("command.log"));
}

Output NewExchange::on(const std::string& agent, std::vector<std::string> words) const {
  const std::ptrdiff_t verb = words[0] == "matter" || words[0] == "quarantine" || words[0] == "request" ? 2 : 1;
  words.insert(words.begin() + verb, {"-c", file(agent + ".yaml")});
  return qianzhi(std::move(words));
}

std::string NewExchange::hub_says(const std::vector<std::string>& words) const { return must(on_hub(words)); }

std::string NewExchange::says(const std::string& agent, const std::vector<std::string>& words) const {
  return must(on(agent, words));
}

void NewExchange::await(const std::string& what, const std::function<bool()>& condition) const {
  const Micros limit = clock_.steady() + Micros{longest_s} * 1'000'000;
  while (!condition()) {
    if (clock_.steady() > limit) {
      std::string logs = text_of(file("hub.log"));
      for (const auto& entry : agents_) logs += "\n== " + entry.first + "\n" + text_of(file(entry.first + ".log"));
      throw std::runtime_error("in vain: " + what + "\n" + logs);
    }
    pollfd handle{hub_ ? hub_->handle() : -1, POLLIN, 0};
    poll(&handle, 1, glance_ms);
  }
}

void NewExchange::await_connected(const std::string& agent) const {
  const std::string status = hub_says({"status"});
  const std::size_t at = status.find("directory ") + 10;
  const std::string version = status.substr(at, status.find(' ', at) - at);
  std::string said;
  try {
    await(agent + " with directory " + version, [&] {
      said = on(agent, {"status"}).text;
      return said.find("directory " + version + " ") != std::string::npos && said.find("QZ-") == std::string::npos;
    });
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(error.what() + ("\nit says: " + said));
  }
}

int NewExchange::batches(const std::string& topic) const {
  const std::string status = on_hub({"status"}).text;
  const std::size_t line = status.find(topic);
  const std::size_t count = line == std::string::npos ? line : status.find("batches ", line);
  return count == std::string::npos ? 0 : std::stoi(status.substr(count + 8));
}

Database& NewExchange::database(const std::string& agent) { return *databases_.at(agent); }

std::string NewExchange::certificate(const std::string& agent) const { return text_of(file(agent + "/tls.pem")); }

void NewExchange::write(const std::string& name, const std::string& text) const {
  std::ofstream(file(name), std::ios::binary | std::ios::trunc) << text;
}

}  // namespace qianzhi::crash

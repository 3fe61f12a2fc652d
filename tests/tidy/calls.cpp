#include <cctype>

#include "tests/tidy/code.h"
#include "tests/tidy/rules.h"

namespace qianzhi::tidy {

namespace {

enum class Match {
  word,    // a whole identifier, or several joined by ::
  call,    // an identifier followed by '(', not a member of something
  member,  // an identifier followed by '(', after '.' or '->'
  text,    // these characters anywhere in code
};

enum class Where { product, everywhere };

struct Ban {
  std::string_view token;
  Match match;
  Where where;
  std::string_view instead;
  std::vector<std::string_view> homes;  // paths that may use it
};

// Programs speak to their user; everything else returns values or logs.
const std::vector<std::string_view> programs = {"agent/app/",
                                                "agent/desk/",
                                                "hub-protocol/command/",
                                                "hub-protocol/service/",
                                                "hub-protocol/hub/main.cpp",
                                                "adapters/",
                                                "hub-protocol/base/log.cpp",
                                                "hub-protocol/base/error.cpp"};
const std::vector<std::string_view> clock_home = {"hub-protocol/base/clock.cpp"};
const std::vector<std::string_view> timing = {"hub-protocol/base/clock.cpp", "tests/bench/",
                                              "tests/crash/fault_preload.cpp"};

const std::vector<Ban> bans = {
    {"system_clock::now", Match::text, Where::everywhere, "Clock::now() (base/clock.h)", {}},
    {"steady_clock::now", Match::text, Where::everywhere, "Clock::steady() (base/clock.h)", timing},
    {"high_resolution_clock", Match::word, Where::everywhere, "Clock::steady() (base/clock.h)", {}},
    {"time(nullptr)", Match::text, Where::everywhere, "Clock::now() (base/clock.h)", {}},
    {"time(NULL)", Match::text, Where::everywhere, "Clock::now() (base/clock.h)", {}},
    {"time(0)", Match::text, Where::everywhere, "Clock::now() (base/clock.h)", {}},
    {"gettimeofday", Match::call, Where::everywhere, "Clock::now() (base/clock.h)", {}},
    {"clock_gettime", Match::call, Where::everywhere, "Clock (base/clock.h)", timing},
    {"Poco::Timestamp", Match::word, Where::product, "Clock (base/clock.h)", {}},
    {"sleep", Match::call, Where::everywhere, "a wait that its reason ends: condition variable, poll()", {}},
    {"usleep", Match::call, Where::everywhere, "a wait that its reason ends: condition variable, poll()", {}},
    {"nanosleep", Match::call, Where::everywhere, "a wait that its reason ends: condition variable, poll()", {}},
    {"sleep_for", Match::word, Where::everywhere, "a wait that its reason ends: condition variable, poll()", {}},
    {"sleep_until", Match::word, Where::everywhere, "a wait that its reason ends: condition variable, poll()", {}},
    {"rand", Match::call, Where::everywhere, "Random (base/clock.h)", {}},
    {"srand", Match::call, Where::everywhere, "Random (base/clock.h)", {}},
    {"random_device", Match::word, Where::everywhere, "Random (base/clock.h)", {}},
    {"mt19937", Match::word, Where::product, "Random (base/clock.h)", {}},
    {"mt19937_64", Match::word, Where::product, "Random (base/clock.h)", {}},
    {"RAND_bytes", Match::call, Where::product, "Random (base/clock.h)", {}},
    {"getrandom", Match::call, Where::everywhere, "Random (base/clock.h)", clock_home},
    {"strtod", Match::call, Where::everywhere, "exact decimals as text; std::from_chars for integers", {}},
    {"stod", Match::call, Where::everywhere, "exact decimals as text; std::from_chars for integers", {}},
    {"stof", Match::call, Where::everywhere, "exact decimals as text; std::from_chars for integers", {}},
    {"atof", Match::call, Where::everywhere, "exact decimals as text; std::from_chars for integers", {}},
    {"atoi", Match::call, Where::everywhere, "std::from_chars, which tells of errors", {}},
    {"atol", Match::call, Where::everywhere, "std::from_chars, which tells of errors", {}},
    {"stoi", Match::call, Where::product, "std::from_chars, which does not throw a foreign exception", {}},
    {"stol", Match::call, Where::product, "std::from_chars, which does not throw a foreign exception", {}},
    {"stoll", Match::call, Where::product, "std::from_chars, which does not throw a foreign exception", {}},
    {"stoul", Match::call, Where::product, "std::from_chars, which does not throw a foreign exception", {}},
    {"stoull", Match::call, Where::product, "std::from_chars, which does not throw a foreign exception", {}},
    {"std::cout", Match::word, Where::product, "return the text; only programs print", programs},
    {"std::cerr", Match::word, Where::product, "log() (base/log.h)", programs},
    {"printf", Match::call, Where::product, "log() (base/log.h), or return the text", programs},
    {"fprintf", Match::call, Where::product, "log() (base/log.h), or return the text", programs},
    {"system", Match::call, Where::everywhere, "posix_spawn with separate arguments", {}},
    {"popen", Match::call, Where::everywhere, "posix_spawn with separate arguments", {}},
    {"sprintf", Match::call, Where::everywhere, "std::snprintf or std::to_string", {}},
    {"vsprintf", Match::call, Where::everywhere, "std::vsnprintf", {}},
    {"strcpy", Match::call, Where::everywhere, "std::string", {}},
    {"strncpy", Match::call, Where::everywhere, "std::string", {}},
    {"strcat", Match::call, Where::everywhere, "std::string", {}},
    {"strtok", Match::call, Where::everywhere, "std::string_view::find", {}},
    {"gets", Match::call, Where::everywhere, "std::getline", {}},
    {"alloca", Match::call, Where::everywhere, "std::vector", {}},
    {"tmpnam", Match::call, Where::everywhere, "tests/support/temp_dir.h", {}},
    {"mktemp", Match::call, Where::everywhere, "tests/support/temp_dir.h", {}},
    {"localtime", Match::call, Where::everywhere, "to_text(Micros), or the zone rules of agent/config", {}},
    {"gmtime", Match::call, Where::everywhere, "to_text(Micros) (base/clock.h)", {}},
    {"ctime", Match::call, Where::everywhere, "to_text(Micros) (base/clock.h)", {}},
    {"setlocale", Match::call, Where::everywhere, "UTF-8 everywhere, no locale", {}},
    {"assert", Match::call, Where::everywhere, "QZ_ASSERT (base/error.h), which stays on in release builds", {}},
    {"abort", Match::call, Where::product, "QZ_ASSERT (base/error.h)", {"hub-protocol/base/error.cpp"}},
    {"detach", Match::member, Where::everywhere, "a thread that its owner joins", {}},
    {"throw std::", Match::text, Where::product, "throw qianzhi::Error with kind and code (base/error.h)", {}},
    {"throw Poco::", Match::text, Where::product, "throw qianzhi::Error with kind and code (base/error.h)", {}},
    {"std::regex", Match::word, Where::product, "a few lines of find(): long input overflows its stack", {}},
    {"std::async", Match::word, Where::everywhere, "a thread that its owner joins", {}},
};

bool is_member(std::string_view before) {
  return (!before.empty() && before.back() == '.') || (before.size() > 1 && before.substr(before.size() - 2) == "->");
}

// "Micros time(" declares, "return time(" calls.
bool is_declared(std::string_view before) {
  const std::size_t end = before.find_last_not_of(' ');
  if (end == std::string_view::npos || end + 1 == before.size()) return false;
  const char c = before[end];
  if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '>' && c != '&' && c != '*') return false;
  before = before.substr(0, end + 1);
  const std::size_t start = before.find_last_of(" (");
  const std::string_view word = start == std::string_view::npos ? before : before.substr(start + 1);
  return word != "return" && word != "else" && word != "do" && word != "co_return";
}

bool belongs_elsewhere(std::string_view before) {
  if (before.size() < 2 || before.substr(before.size() - 2) != "::") return false;
  before.remove_suffix(2);
  const bool global = before.empty() || (std::isalnum(static_cast<unsigned char>(before.back())) == 0);
  const bool std_namespace = before.size() >= 3 && before.substr(before.size() - 3) == "std";
  return !global && !std_namespace;
}

bool breaks(std::string_view line, const Ban& ban) {
  if (ban.match == Match::text) return line.find(ban.token) != std::string_view::npos;
  for (std::size_t at = find_word(line, ban.token); at != std::string_view::npos;
       at = find_word(line, ban.token, at + 1)) {
    if (ban.match == Match::word) return true;
    const std::string_view before = line.substr(0, at);
    const std::string_view after = line.substr(at + ban.token.size());
    if (after.substr(0, 1) != "(") continue;
    if (ban.match == Match::member && is_member(before)) return true;
    if (ban.match == Match::call && !is_member(before) && !belongs_elsewhere(before) && !is_declared(before))
      return true;
  }
  return false;
}

}  // namespace

Findings check_calls(const Tree& tree) {
  Findings findings;
  for (const SourceFile& file : tree) {
    if (!is_cpp(file)) continue;
    const Code code = take_apart(file.text);
    for (const Ban& ban : bans) {
      if (ban.where == Where::product && !is_product(file)) continue;
      if (starts_with_any(file.path, ban.homes)) continue;
      for (std::size_t i = 0; i < code.plain.size(); ++i)
        if (breaks(code.plain[i], ban))
          findings.push_back({file.path, i + 1, std::string(ban.token) + ": use " + std::string(ban.instead)});
    }
  }
  return findings;
}

}  // namespace qianzhi::tidy

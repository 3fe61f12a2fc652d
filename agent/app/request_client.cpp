// Asking from the command line: a client of the running agent's control socket.
#include <poll.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <fstream>
#include <sstream>

#include "agent/app/control_commands.h"
#include "agent/app/kept.h"
#include "agent/app/request_verbs.h"
#include "hub-protocol/base/cells.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/service/control.h"

namespace qianzhi::app {

namespace {

constexpr std::size_t questions_each = 1000;
constexpr std::size_t octets_each = 1U << 20U;
constexpr std::size_t under_way = 8;
constexpr int first_wait_ms = 1;
constexpr int longest_wait_ms = 250;

class Asker {
 public:
  Asker(std::filesystem::path socket, const RequestLine& line) : socket_(std::move(socket)), line_(line) {}

  std::string tell(const std::vector<std::string>& words, std::string_view attachment = {}) const {
    std::string answer = service::ask_control(socket_, words, attachment);
    while (!answer.empty() && answer.back() == '\n') answer.pop_back();
    return answer;
  }
  std::string begin(const std::string& questions) const {
    return tell(
        {"ask", line_.service, line_.to, line_.purpose, line_.basis, line_.case_number, line_.within, line_.appeal},
        questions);
  }
  // Until nothing more will come: at the deadline at the latest.
  void wait(const std::string& id) const {
    for (int pause = first_wait_ms; tell({"request-state", id}) != "over"; pause = std::min(pause * 2, longest_wait_ms))
      poll(nullptr, 0, pause);
  }

 private:
  std::filesystem::path socket_;
  const RequestLine& line_;
};

std::string one_question(const std::vector<std::string>& values) {
  std::vector<std::string> items;
  std::vector<std::string> cells;
  for (const std::string& value : values) {
    const std::size_t sign = value.find('=');
    if (sign == std::string::npos || sign == 0) throw Error(ErrorKind::rejected, "QZ-AGT-158", "item=value: " + value);
    items.push_back(value.substr(0, sign));
    cells.push_back(value.substr(sign + 1));
  }
  if (items.empty()) throw Error(ErrorKind::rejected, "QZ-AGT-158", "item=value");
  return csv_record(items) + csv_record(cells);
}

// The next questions of a list as a list of their own; empty: there are none any more.
std::string next_part(CsvReader& reader, const std::vector<std::string>& items) {
  std::string part;
  std::vector<std::string> cells;
  std::size_t rows = 0;
  while (rows < questions_each && part.size() < octets_each / 2 && reader.next(cells)) {
    if (rows++ == 0) part = csv_record(items);
    part += csv_record(cells);
  }
  return part;
}

// What is no answer shows in the state of its record.
bool everybody_answered(const std::string& records, std::size_t state) {
  std::istringstream input(records);
  CsvReader reader(input);
  std::vector<std::string> cells;
  while (reader.next(cells))
    if (cells.size() <= state || cells[state] != "answered") return false;
  return true;
}

int ask_list(const Asker& asker, const RequestLine& line) {
  std::ifstream input(line.csv, std::ios::binary);
  if (!input) throw Error(ErrorKind::misuse, "QZ-AGT-158", "cannot read " + line.csv.string());
  std::ofstream file;
  if (!line.out.empty()) file.open(line.out, std::ios::binary | std::ios::trunc);
  if (!line.out.empty() && !file) throw Error(ErrorKind::misuse, "QZ-BASE-011", line.out.string());
  const auto write = [&](const std::string& text) {
    if (file.is_open())
      file << text << "\n";
    else
      std::printf("%s\n", text.c_str());
  };
  CsvReader reader(input);
  std::vector<std::string> items;
  if (!reader.next(items)) throw Error(ErrorKind::rejected, "QZ-AGT-158", "an empty list");
  const std::string header = asker.tell({"request-header", line.service});
  if (!line.does_not_wait) write(header);
  const std::size_t state = items.size() + 1;
  bool is_whole = true;
  std::deque<std::string> open;
  const auto finish = [&] {
    asker.wait(open.front());
    const std::string records = asker.tell({"request-csv", open.front()});
    is_whole = everybody_answered(records, state) && is_whole;
    write(records);
    open.pop_front();
  };
  for (std::string part = next_part(reader, items); !part.empty(); part = next_part(reader, items)) {
    if (open.size() == under_way) finish();
    const std::string id = asker.begin(part);
    if (line.does_not_wait)
      write(id);
    else
      open.push_back(id);
  }
  while (!open.empty()) finish();
  if (file.is_open() && !file.flush()) throw Error(ErrorKind::unavailable, "QZ-BASE-011", line.out.string());
  return is_whole ? 0 : 1;
}

}  // namespace

int ask_others(const std::filesystem::path& config, const RequestLine& line) {
  const Asker asker(control_socket_of(load_or_throw(config)), line);
  if (!line.csv.empty()) return ask_list(asker, line);
  const std::string id = asker.begin(one_question(line.values));
  if (line.does_not_wait) {
    std::printf("%s\n", id.c_str());
    return 0;
  }
  asker.wait(id);
  std::printf("%s\n", asker.tell({line.json ? "request-show-json" : "request-show", id}).c_str());
  const std::string records = asker.tell({"request-csv", id});
  return everybody_answered(records, line.values.size() + 1) ? 0 : 1;
}

}  // namespace qianzhi::app

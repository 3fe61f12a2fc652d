// ask and request on the command line of the program qianzhi.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agent/app/matter_verbs.h"

namespace qianzhi::app {

// What their options fill in.
struct RequestLine {
  std::string service, purpose, basis, case_number, within, appeal, to;
  std::vector<std::string> values;  // item=value
  std::filesystem::path csv;        // of many questions
  std::filesystem::path out;        // empty: standard output
  std::string id;
  bool json = false;
  bool does_not_wait = false;
};

// line and config must live until what was parsed is carried out.
void add_request_verbs(CLI::App& app, RequestLine& line, const std::filesystem::path& config, const AddVerb& add,
                       const AskAgent& ask);

// Asks the running agent and waits for what it is told: one question, or a list of any length, a thousand at a time,
// some of them under way at once. Writes answers in the order of the questions. Returns 0 if everybody answered, 1 if
// somebody did not or refused.
int ask_others(const std::filesystem::path& config, const RequestLine& line);

}  // namespace qianzhi::app

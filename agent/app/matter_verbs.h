// request-access, object and matter on the command line of the program qianzhi.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace qianzhi::app {

// What their options fill in.
struct MatterLine {
  std::string topic, items, groups, until, purpose, basis, reason, contact;
  std::string origin, key, item, held, claimed;
  std::string id;
  bool json = false;
};

// Makes a verb below `parent` with the options that all verbs have.
using AddVerb = std::function<CLI::App*(CLI::App& parent, const std::string& name, const std::string& text,
                                        std::function<int()> action)>;
// Asks the running agent.
using AskAgent = std::function<int(const std::vector<std::string>& words, bool json)>;

// line must live until what was parsed is carried out.
void add_matter_verbs(CLI::App& app, MatterLine& line, const AddVerb& add, const AskAgent& ask);

}  // namespace qianzhi::app

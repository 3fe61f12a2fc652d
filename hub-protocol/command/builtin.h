// The verbs that every program has and that need no configuration: explain, completion, man, version, help.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace qianzhi::command {

class Program;

// What their words fill in.
struct BuiltIn {
  std::set<const CLI::App*> verbs;
  std::string code;
  std::string part;
  bool handbook = false;
  std::string shell;
  std::string folder;
  std::string language;
  std::vector<std::string> path;
};

// line must live as long as the program.
void add_builtin(Program& program, BuiltIn& line);

}  // namespace qianzhi::command

// The command table: all that is known of a program's verbs as plain values, read from the parser that reads the
// command line. Help, completion and manual pages are made of it.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace qianzhi::command {

struct Example {
  std::string line;  // as typed in a shell
  std::string text;  // "中文 / English"
};

struct OptionInfo {
  std::vector<std::string> names;    // "-c", "--config"; empty: a word without a name
  std::string word;                  // what stands for the value: "FILE", "TOPIC"; empty: a flag
  std::vector<std::string> choices;  // all values there are; empty: free
  std::string text;                  // "中文 / English"
  std::string standard;              // the value if it is not given; empty: none
  bool is_required = false;
  bool repeats = false;

  bool names_file() const { return word == "FILE" || word == "DIR"; }
};

struct VerbInfo {
  std::string path;  // "qianzhi quarantine skip"
  std::string text;
  std::vector<OptionInfo> options;  // with a name; not those that every verb has, except at the top
  std::vector<OptionInfo> words;    // in their order
  std::vector<Example> examples;
  std::vector<VerbInfo> verbs;

  std::string name() const { return path.substr(path.rfind(' ') + 1); }
};

using ExamplesOf = std::function<std::vector<Example>(const CLI::App&)>;
VerbInfo table_of(const CLI::App& app, const std::string& path, const ExamplesOf& examples);

// The verb and those below it: path, text_zh, text_en, options, words (each: names, word, choices, text_zh, text_en,
// standard, required, repeats), verbs. One JSON object and a line end.
std::string json_of(const VerbInfo& verb);

// Calls for each verb, from the top on.
void each_verb(const VerbInfo& top, const std::function<void(const VerbInfo&)>& visit);

}  // namespace qianzhi::command

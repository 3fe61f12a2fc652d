// What is another in one configuration than in another, and what comes of it when an agent goes on with the other.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/yaml/record.h"

namespace qianzhi::config {

enum class Effect {
  at_once,  // holds from then on; nothing is sent again
  restart,  // an adapter's process is started with it
  refill,   // every row of the publication is read and sent again
  area,     // rows of areas that came or went are sent or taken back
  begin,    // a new publication or subscription begins with all its rows
  end,      // nothing more is sent or received; what was received stays
  plan,     // the target's table must fit: the DBA runs what `qianzhi plan` prints first
  program,  // only a restart of the program does it: a reload is refused
};

struct Change {
  std::string path;    // as of a Setting, or of a whole entry that came or went
  std::string before;  // empty: was not there
  std::string after;
  std::size_t line = 0;  // of the new file; 0: not there
  Effect effect = Effect::at_once;
};

// In the order of the new file, then what is there no more.
std::vector<Change> difference(const std::vector<yaml::Setting>& before, const std::vector<yaml::Setting>& after);

// One word for programs; one sentence for people, in both languages.
std::string_view name_of(Effect effect);
std::string_view text_of(Effect effect);

}  // namespace qianzhi::config

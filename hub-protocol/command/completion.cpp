#include "hub-protocol/command/completion.h"

#include <algorithm>

namespace qianzhi::command {

namespace {

// Only letters, digits and signs that a shell takes as they are; all names of ours are such.
std::string plain_word(const std::string& text) {
  std::string kept;
  for (const char c : text)
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.')
      kept += c;
  return kept;
}

std::string joined(const std::vector<std::string>& words, const std::string& mark) {
  std::string text;
  for (const std::string& word : words)
    if (const std::string plain = plain_word(word); !plain.empty()) text += (text.empty() ? "" : mark) + plain;
  return text;
}

std::string function_of(const std::string& program) {
  std::string name = "_" + program;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

// "quarantine skip": the path below the program.
std::string below(const VerbInfo& verb) {
  const std::size_t space = verb.path.find(' ');
  return space == std::string::npos ? "" : verb.path.substr(space + 1);
}

std::string value_of(const OptionInfo& option) {
  if (!option.choices.empty()) return joined(option.choices, " ");
  return option.names_file() ? "@" + option.word : "@none";
}

struct Tables {
  std::string verbs;    // path) verbs
  std::string options;  // path) options
  std::string values;   // path:option) choices, @FILE, @DIR or @none
  std::string words;    // path) choices of the words, or @FILE
};

Tables tables_of(const VerbInfo& top) {
  Tables tables;
  std::vector<std::string> common{"-h", "--help"};
  const auto add = [](std::string& to, const std::string& key, const std::string& value) {
    if (!value.empty()) to += "    '" + key + "') echo '" + value + "' ;;\n";
  };
  for (const OptionInfo& option : top.options) {
    common.insert(common.end(), option.names.begin(), option.names.end());
    for (const std::string& name : option.names)
      if (!option.word.empty()) tables.values += "    *':" + name + "') echo '" + value_of(option) + "' ;;\n";
  }
  each_verb(top, [&](const VerbInfo& verb) {
    std::vector<std::string> names;
    for (const VerbInfo& one : verb.verbs) names.push_back(one.name());
    add(tables.verbs, below(verb), joined(names, " "));
    std::vector<std::string> options = common;
    std::string own;
    for (const OptionInfo& option : verb.options) {
      if (verb.path != top.path) options.insert(options.end(), option.names.begin(), option.names.end());
      for (const std::string& name : option.names)
        if (!option.word.empty() && verb.path != top.path) add(own, below(verb) + ":" + name, value_of(option));
    }
    tables.values = own + tables.values;
    std::sort(options.begin(), options.end());
    options.erase(std::unique(options.begin(), options.end()), options.end());
    add(tables.options, below(verb), joined(options, " "));
    if (!verb.words.empty()) add(tables.words, below(verb), value_of(verb.words.front()));
  });
  return tables;
}

std::string table_function(const std::string& name, const std::string& cases) {
  return name + "() {\n  case \"$1\" in\n" + cases + "    *) ;;\n  esac\n}\n";
}

// Both shells: which verb the words before the cursor name, and what may follow.
std::string common_part(const VerbInfo& top, const std::string& function) {
  const Tables tables = tables_of(top);
  return table_function(function + "_verbs", tables.verbs) + table_function(function + "_options", tables.options) +
         table_function(function + "_values", tables.values) + table_function(function + "_words", tables.words);
}

std::string bash_of(const VerbInfo& top) {
  const std::string f = function_of(top.path);
  return "# bash completion of " + top.path + ", made by: " + top.path + " completion bash\n" + common_part(top, f) +
         f +
         "() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} path= word value i\n"
         "  COMPREPLY=()\n"
         "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
         "    word=${COMP_WORDS[i]}\n"
         "    if [[ $word == -* ]]; then\n"
         "      [[ -n $(" +
         f +
         "_values \"$path:$word\") ]] && ((++i))\n"
         "    elif [[ \" $(" +
         f +
         "_verbs \"$path\") \" == *\" $word \"* ]]; then\n"
         "      path=${path:+$path }$word\n"
         "    fi\n"
         "  done\n"
         "  value=\n"
         "  [[ $before == -* ]] && value=$(" +
         f +
         "_values \"$path:$before\")\n"
         "  if [[ -z $value && $current != -* ]]; then\n"
         "    value=$(" +
         f +
         "_verbs \"$path\")\n"
         "    [[ -z $value ]] && value=$(" +
         f +
         "_words \"$path\")\n"
         "  elif [[ -z $value ]]; then\n"
         "    value=$(" +
         f +
         "_options \"$path\")\n"
         "  fi\n"
         "  case $value in\n"
         "    @FILE) compopt -o filenames 2>/dev/null || true\n"
         "      mapfile -t COMPREPLY < <(compgen -f -- \"$current\") ;;\n"
         "    @DIR) compopt -o filenames 2>/dev/null || true\n"
         "      mapfile -t COMPREPLY < <(compgen -d -- \"$current\") ;;\n"
         "    @none) ;;\n"
         "    *) mapfile -t COMPREPLY < <(compgen -W \"$value\" -- \"$current\") ;;\n"
         "  esac\n"
         "}\n"
         "complete -F " +
         f + " " + top.path + "\n";
}

std::string zsh_of(const VerbInfo& top) {
  const std::string f = function_of(top.path);
  return "#compdef " + top.path + "\n# zsh completion of " + top.path + ", made by: " + top.path + " completion zsh\n" +
         common_part(top, f) + f +
         "() {\n"
         "  local current=${words[CURRENT]} before=${words[CURRENT-1]} path_ word value i\n"
         "  for ((i = 2; i < CURRENT; ++i)); do\n"
         "    word=${words[i]}\n"
         "    if [[ $word == -* ]]; then\n"
         "      [[ -n $(" +
         f +
         "_values \"$path_:$word\") ]] && ((++i))\n"
         "    elif [[ \" $(" +
         f +
         "_verbs \"$path_\") \" == *\" $word \"* ]]; then\n"
         "      path_=${path_:+$path_ }$word\n"
         "    fi\n"
         "  done\n"
         "  value=\n"
         "  [[ $before == -* ]] && value=$(" +
         f +
         "_values \"$path_:$before\")\n"
         "  if [[ -z $value && $current != -* ]]; then\n"
         "    value=$(" +
         f +
         "_verbs \"$path_\")\n"
         "    [[ -z $value ]] && value=$(" +
         f +
         "_words \"$path_\")\n"
         "  elif [[ -z $value ]]; then\n"
         "    value=$(" +
         f +
         "_options \"$path_\")\n"
         "  fi\n"
         "  case $value in\n"
         "    @FILE) _files ;;\n"
         "    @DIR) _files -/ ;;\n"
         "    @none) ;;\n"
         "    *) compadd -- ${=value} ;;\n"
         "  esac\n"
         "}\n"
         "if [[ ${funcstack[1]-} == " +
         f + " ]]; then\n  " + f + " \"$@\"\nelse\n  compdef " + f + " " + top.path + "\nfi\n";
}

}  // namespace

std::string completion_of(const VerbInfo& top, const std::string& shell) {
  return shell == "zsh" ? zsh_of(top) : bash_of(top);
}

}  // namespace qianzhi::command

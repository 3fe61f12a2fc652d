// Verbs whose words another program takes apart: their options are declared from the usage that it states.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace qianzhi::command {

// usage: "TOPIC DEPARTMENT --purpose P [--items A,B] [--replace] [--csv|--json] [WORDS...] [--role system|security]".
// Choices in small letters become the only values there are. --json is left out: every verb has it. Optional words that
// depend on each other, "[AGENT [TOPIC]]", are understood. text_of: of an option by its name without dashes, as
// "中文 / English".
void declare(CLI::App& verb, std::string_view usage, const std::function<std::string(std::string_view)>& text_of);

}  // namespace qianzhi::command

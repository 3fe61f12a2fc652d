// Questions to the person at the terminal, each with an answer that stands when only Enter is pressed. With nobody
// there (no terminal, or --yes) that answer is taken, and what has none is an error that names the option to give.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace qianzhi::app {

class Questions {
 public:
  // asks: whether anybody is asked at all. Input and output are standard input and standard error.
  explicit Questions(bool asks) : asks_(asks) {}
  static bool is_anybody_there();

  bool asks() const { return asks_; }
  // usual: taken for an empty line. option: "--type", for whoever was not asked. Throws Error(misuse, QZ-AGT-170) if
  // nobody is there and there is no usual answer, or the input ended.
  std::string ask(const std::string& zh, const std::string& en, const std::optional<std::string>& usual,
                  const std::string& option) const;
  // Not shown while it is typed; empty: none.
  std::string ask_secret(const std::string& zh, const std::string& en) const;

 private:
  bool asks_;
};

}  // namespace qianzhi::app

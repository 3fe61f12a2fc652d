#include "hub-protocol/command/captured.h"

#include <Poco/JSON/Object.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <sstream>
#include <string>

#include "hub-protocol/base/error.h"

namespace qianzhi::command {

namespace {

// Standard output goes to the file as long as this lives.
class Diversion {
 public:
  explicit Diversion(std::FILE* file) : kept_(dup(STDOUT_FILENO)) {
    std::fflush(stdout);
    QZ_ASSERT(kept_ >= 0 && dup2(fileno(file), STDOUT_FILENO) >= 0);
  }
  ~Diversion() {
    std::fflush(stdout);
    dup2(kept_, STDOUT_FILENO);
    close(kept_);
  }
  Diversion(const Diversion&) = delete;
  Diversion& operator=(const Diversion&) = delete;

 private:
  int kept_;
};

bool is_json(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \n");
  const std::size_t last = text.find_last_not_of(" \n");
  if (first == std::string::npos) return false;
  return (text[first] == '{' && text[last] == '}') || (text[first] == '[' && text[last] == ']');
}

}  // namespace

int run_captured(const std::function<int()>& action) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
  if (!file) throw Error(ErrorKind::misuse, "QZ-BASE-011", "TMPDIR");
  int status = 0;
  {
    const Diversion diversion(file.get());
    status = action();
  }
  std::rewind(file.get());
  std::string text;
  std::array<char, 65536> piece{};
  for (std::size_t read = 0; (read = std::fread(piece.data(), 1, piece.size(), file.get())) > 0;)
    text.append(piece.data(), read);
  if (!is_json(text)) {
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("status", status);
    object.set("text", text);
    std::ostringstream out;
    object.stringify(out);
    text = out.str() + "\n";
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  return status;
}

}  // namespace qianzhi::command

#include "hub-protocol/command/checkup.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>

#include "hub-protocol/base/codes.h"
#include "hub-protocol/command/outcome.h"
#include "hub-protocol/command/terminal.h"

namespace qianzhi::command {

namespace {

struct MarkText {
  const char* sign;
  const char* name;
  Colour colour;
};

MarkText text_of_mark(Mark mark) {
  switch (mark) {
    case Mark::good: return {"✓", "good", Colour::green};
    case Mark::notice: return {"·", "notice", Colour::faint};
    case Mark::warning: return {"▲", "warning", Colour::yellow};
    case Mark::failed: return {"✕", "failed", Colour::red};
    case Mark::skipped: return {"–", "skipped", Colour::faint};
  }
  return {"?", "unknown", Colour::faint};
}

struct stat status_of_path(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) return status;
  if (errno == EACCES) throw Error(ErrorKind::misuse, "QZ-CLI-021", path.string());
  throw Error(ErrorKind::misuse, "QZ-CLI-020", path.string());
}

std::string mode_text(const struct stat& status) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned int>(status.st_mode & 07777U));
  return text.data();
}

std::string next_of(const CheckLine& line, bool zh) {
  if (!line.cure.empty()) return in_language(line.cure, zh ? Language::zh : Language::en);
  const auto found = explain(line.code);
  if (!found) return {};
  return std::string(zh ? found->next_zh : found->next_en);
}

}  // namespace

void Checkup::good(const std::string& step, const std::string& text, const std::string& detail) {
  add({Mark::good, step, text, {}, detail, {}});
}

void Checkup::skipped(const std::string& step, const std::string& text, const std::string& detail) {
  add({Mark::skipped, step, text, {}, detail, {}});
}

void Checkup::failed(const std::string& step, const std::string& text, const Error& error) {
  add({Mark::failed, step, text, error.code(), error.detail(), error.hint()});
}

bool Checkup::configuration(const std::string& program, const std::filesystem::path& file, bool is_good) {
  const std::string text = "配置 / configuration";
  if (is_good)
    good("configuration", text, file.string());
  else
    add({Mark::failed, "configuration", text, "QZ-CLI-030", file.string(), program + " check -c " + file.string()});
  return is_good;
}

bool Checkup::look(const std::string& step, const std::string& text, const std::function<std::string()>& look) {
  try {
    good(step, text, look());
    return true;
  } catch (const Error& error) {
    failed(step, text, error);
    return false;
  }
}

bool Checkup::is_good() const {
  return std::none_of(lines_.begin(), lines_.end(), [](const CheckLine& line) { return line.mark == Mark::failed; });
}

std::string Checkup::rendered(Language language, bool json, bool paints) const {
  Poco::JSON::Array array;
  std::string text;
  for (const CheckLine& line : lines_) {
    const MarkText mark = text_of_mark(line.mark);
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("step", line.step);
    object.set("mark", std::string(mark.name));
    object.set("text_zh", in_language(line.text, Language::zh));
    object.set("text_en", in_language(line.text, Language::en));
    object.set("code", line.code);
    object.set("detail", line.detail);
    object.set("cure_zh", next_of(line, true));
    object.set("cure_en", next_of(line, false));
    array.add(object);
    text += " " + painted(mark.sign, mark.colour, paints) + " " + in_language(line.text, language) +
            (line.code.empty() ? "" : "  " + line.code) + (line.detail.empty() ? "" : "  " + line.detail) + "\n";
    if (line.code.empty()) continue;
    const std::string cure = chosen(next_of(line, true), next_of(line, false), language);
    if (!cure.empty()) text += "     -> " + cure + "\n";
  }
  if (!json) return text;
  Poco::JSON::Object all(Poco::JSON_PRESERVE_KEY_ORDER);
  all.set("good", is_good());
  all.set("lines", array);
  std::ostringstream out;
  all.stringify(out);
  return out.str() + "\n";
}

std::int64_t owner_of(const std::filesystem::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? static_cast<std::int64_t>(status.st_uid) : -1;
}

std::string look_at_file(const std::filesystem::path& file) {
  const struct stat status = status_of_path(file);
  if (!S_ISREG(status.st_mode)) throw Error(ErrorKind::misuse, "QZ-CLI-020", file.string());
  if (access(file.c_str(), R_OK) != 0) throw Error(ErrorKind::misuse, "QZ-CLI-021", file.string());
  return file.string();
}

int tell(const Checkup& checkup, Language language, bool json) {
  std::fputs(checkup.rendered(language, json, wants_colour(stdout)).c_str(), stdout);
  return checkup.is_good() ? status_good : status_failed;
}

std::string look_at_secret_file(const std::filesystem::path& file, std::int64_t service_user) {
  look_at_file(file);
  const struct stat status = status_of_path(file);
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    throw Error(ErrorKind::misuse, "QZ-CLI-022", file.string() + " " + mode_text(status), "chmod 600 " + file.string());
  if (service_user >= 0 && status.st_uid != 0 && static_cast<std::int64_t>(status.st_uid) != service_user)
    throw Error(ErrorKind::misuse, "QZ-CLI-023", file.string() + " uid " + std::to_string(status.st_uid),
                "chown --reference=DIR " + file.string());
  return file.string() + " " + mode_text(status);
}

std::string look_at_folder(const std::filesystem::path& folder, std::uint64_t least) {
  const struct stat status = status_of_path(folder);
  if (!S_ISDIR(status.st_mode)) throw Error(ErrorKind::misuse, "QZ-CLI-020", folder.string());
  if (access(folder.c_str(), W_OK | X_OK) != 0) throw Error(ErrorKind::misuse, "QZ-CLI-024", folder.string());
  struct statvfs space {};
  if (statvfs(folder.c_str(), &space) != 0) throw Error(ErrorKind::misuse, "QZ-CLI-020", folder.string());
  const std::uint64_t free = std::uint64_t{space.f_bavail} * space.f_frsize;
  if (free < least)
    throw Error(ErrorKind::full, "QZ-CLI-025",
                folder.string() + " " + shown_octets(free) + " < " + shown_octets(least));
  return folder.string() + " " + shown_octets(free);
}

std::string shown_octets(std::uint64_t octets) {
  constexpr std::array<const char*, 5> units = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(octets);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < units.size(); ++unit) value /= 1024;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
  return text.data();
}

}  // namespace qianzhi::command

#include "hub-protocol/yaml/diagnostics.h"

#include <unistd.h>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <sstream>
#include <tuple>
#include <utility>

#include "hub-protocol/base/error.h"
#include "hub-protocol/yaml/utf8.h"

namespace qianzhi::yaml {

namespace {

// A broken file of megabytes must not become gigabytes of findings.
constexpr std::size_t max_shown = 500;
constexpr std::size_t max_excerpt = 140;  // characters

struct Excerpt {
  std::string text;
  std::string caret;
};

// The part of the line around the place, and the line of carets below it.
Excerpt excerpt_of(std::string_view line, const Place& place) {
  const std::size_t first = place.column > max_excerpt - 40 ? place.column - (max_excerpt - 40) : 1;
  Excerpt excerpt;
  if (first > 1) excerpt.text = "...", excerpt.caret = "   ";
  std::size_t number = 1;
  const std::size_t end = place.column + std::max<std::size_t>(place.length, 1);
  for (std::size_t at = 0; at < line.size() && number < first + max_excerpt; ++number) {
    const Character character = character_at(line, at);
    if (number >= first) {
      excerpt.text += line.substr(at, character.octets);
      if (number < end) excerpt.caret.append(display_width(character.value), number < place.column ? ' ' : '^');
    }
    at += character.octets;
  }
  // A place at the end of the line, or on something invisible.
  if (excerpt.caret.find('^') == std::string::npos) excerpt.caret += '^';
  return excerpt;
}

std::string numbered(std::size_t number, std::string_view text) {
  const std::string digits = std::to_string(number);
  std::string line(digits.size() < 5 ? 5 - digits.size() : 0, ' ');
  return line.append(digits).append(" | ").append(text).append("\n");
}

struct Colours {
  std::string_view error = "\x1b[1;31m";
  std::string_view warning = "\x1b[1;33m";
  std::string_view cure = "\x1b[32m";
  std::string_view bold = "\x1b[1m";
  std::string_view end = "\x1b[0m";
};

std::string render_one(const Diagnostic& diagnostic, const Colours& colours) {
  const bool is_error = diagnostic.severity == Severity::error;
  const std::string_view colour = is_error ? colours.error : colours.warning;
  const auto in = [&](std::string_view shade, const std::string& text) {
    return std::string(shade).append(text).append(colours.end);
  };
  std::string out = in(colours.bold, to_text(diagnostic.place));
  if (to_text(diagnostic.place).empty())
    out.clear();
  else
    out += ": ";
  out += in(colour, (is_error ? "错误 " : "警告 ") + diagnostic.code) + ": " + diagnostic.zh + "\n";
  const Place& place = diagnostic.place;
  if (place.source != nullptr && place.line != 0) {
    if (place.line > 1) {
      Place before = place;
      before.column = 1;
      out += numbered(place.line - 1, excerpt_of(place.source->line(place.line - 1), before).text);
    }
    const Excerpt excerpt = excerpt_of(place.source->line(place.line), place);
    out += numbered(place.line, excerpt.text);
    if (place.column != 0) out += "      | " + in(colour, excerpt.caret) + "\n";
  }
  if (!diagnostic.cure.empty()) out += "   " + in(colours.cure, diagnostic.cure) + "\n";
  out += "   en: " + std::string(is_error ? "error: " : "warning: ") + diagnostic.en + "\n";
  out += "   详情 (details): qianzhi explain " + diagnostic.code + "\n";
  return out;
}

}  // namespace

bool is_terminal(int descriptor) {
  const char* forbidden = std::getenv("NO_COLOR");
  return (forbidden == nullptr || *forbidden == '\0') && isatty(descriptor) == 1;
}

std::string to_text(const Place& place) {
  if (place.source == nullptr) return {};
  std::string text = place.source->file().string();
  if (place.line != 0) text += ":" + std::to_string(place.line);
  if (place.line != 0 && place.column != 0) text += ":" + std::to_string(place.column);
  return text;
}

void Diagnostics::error(std::string_view code, const Place& place, std::string_view zh, std::string_view en,
                        std::string_view cure) {
  add(Severity::error, code, place, zh, en, cure);
}

void Diagnostics::warning(std::string_view code, const Place& place, std::string_view zh, std::string_view en,
                          std::string_view cure) {
  add(Severity::warning, code, place, zh, en, cure);
}

void Diagnostics::add(Severity severity, std::string_view code, const Place& place, std::string_view zh,
                      std::string_view en, std::string_view cure) {
  if (severity == Severity::error) ++errors_;
  if (severity == Severity::warning) ++warnings_;
  if (found_.size() >= max_shown) return;
  found_.push_back({severity, std::string(code), place, std::string(zh), std::string(en), std::string(cure)});
}

std::vector<Diagnostic> Diagnostics::all() const {
  std::map<std::string, std::size_t> files;
  std::vector<std::pair<std::size_t, const Diagnostic*>> order;
  for (const Diagnostic& diagnostic : found_) {
    const SourceText* source = diagnostic.place.source.get();
    const auto file = files.emplace(source == nullptr ? std::string() : source->file().string(), files.size()).first;
    order.emplace_back(file->second, &diagnostic);
  }
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.first, a.second->place.line, a.second->place.column) <
           std::tuple(b.first, b.second->place.line, b.second->place.column);
  });
  std::vector<Diagnostic> sorted;
  sorted.reserve(order.size());
  for (const auto& [file, diagnostic] : order) sorted.push_back(*diagnostic);
  return sorted;
}

std::string Diagnostics::json() const {
  Poco::JSON::Array findings;
  for (const Diagnostic& diagnostic : all()) {
    Poco::JSON::Object one(Poco::JSON_PRESERVE_KEY_ORDER);
    one.set("severity", diagnostic.severity == Severity::error ? "error" : "warning");
    one.set("code", diagnostic.code);
    one.set("file", diagnostic.place.source == nullptr ? std::string() : diagnostic.place.source->file().string());
    one.set("line", static_cast<Poco::UInt64>(diagnostic.place.line));
    one.set("column", static_cast<Poco::UInt64>(diagnostic.place.column));
    one.set("length", static_cast<Poco::UInt64>(diagnostic.place.length));
    one.set("zh", diagnostic.zh);
    one.set("en", diagnostic.en);
    one.set("cure", diagnostic.cure);
    findings.add(one);
  }
  Poco::JSON::Object whole(Poco::JSON_PRESERVE_KEY_ORDER);
  whole.set("errors", static_cast<Poco::UInt64>(errors_));
  whole.set("warnings", static_cast<Poco::UInt64>(warnings_));
  whole.set("findings", findings);
  std::ostringstream text;
  whole.stringify(text);
  return text.str();
}

std::string Diagnostics::render(bool coloured) const {
  const Colours colours = coloured ? Colours() : Colours{"", "", "", "", ""};
  if (errors_ + warnings_ == 0) return {};
  std::string out;
  for (const Diagnostic& diagnostic : all()) out += render_one(diagnostic, colours) + "\n";
  const std::string e = std::to_string(errors_);
  const std::string w = std::to_string(warnings_);
  if (errors_ + warnings_ > found_.size()) {
    out +=
        "只列出前 " + std::to_string(max_shown) + " 个 (only the first " + std::to_string(max_shown) + " are shown)\n";
  }
  out += "共 " + e + " 个错误，" + w + " 个警告 (" + e + " errors, " + w + " warnings)\n";
  return out;
}

void Diagnostics::throw_if_errors() const {
  if (!has_errors()) return;
  for (const Diagnostic& diagnostic : all()) {
    if (diagnostic.severity == Severity::error) throw Error(ErrorKind::misuse, diagnostic.code, render());
  }
  throw Error(ErrorKind::misuse, found_.front().code, render());
}

}  // namespace qianzhi::yaml

#include "hub-protocol/yaml/diagnostics.h"

#include <algorithm>
#include <map>
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

std::string render_one(const Diagnostic& diagnostic) {
  const bool is_error = diagnostic.severity == Severity::error;
  std::string out = to_text(diagnostic.place);
  if (!out.empty()) out += ": ";
  out += (is_error ? "错误 " : "警告 ") + diagnostic.code + ": " + diagnostic.zh + "\n";
  const Place& place = diagnostic.place;
  if (place.source != nullptr && place.line != 0) {
    if (place.line > 1) {
      Place before = place;
      before.column = 1;
      out += numbered(place.line - 1, excerpt_of(place.source->line(place.line - 1), before).text);
    }
    const Excerpt excerpt = excerpt_of(place.source->line(place.line), place);
    out += numbered(place.line, excerpt.text);
    if (place.column != 0) out += "      | " + excerpt.caret + "\n";
  }
  if (!diagnostic.cure.empty()) out += "   " + diagnostic.cure + "\n";
  out += "   en: " + std::string(is_error ? "error: " : "warning: ") + diagnostic.en + "\n";
  out += "   详情 (details): qianzhi explain " + diagnostic.code + "\n";
  return out;
}

}  // namespace

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

std::string Diagnostics::render() const {
  if (errors_ + warnings_ == 0) return {};
  std::string out;
  for (const Diagnostic& diagnostic : all()) out += render_one(diagnostic) + "\n";
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

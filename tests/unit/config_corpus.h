// Broken configuration files, each with all that must be found in it beside it. To write the expected findings anew,
// for a person to read: QIANZHI_WRITE_EXPECTED=1 and the test program.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "hub-protocol/base/codes.h"
#include "hub-protocol/yaml/diagnostics.h"

namespace qianzhi::test {

namespace fs = std::filesystem;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr auto longest_check = std::chrono::seconds(10);  // of a program that watches each access, against hanging
#else
constexpr auto longest_check = std::chrono::milliseconds(200);
#endif

// Of this process: others may have the machine meanwhile.
inline std::chrono::nanoseconds own_time() {
  return std::chrono::nanoseconds(std::clock() * (1'000'000'000 / CLOCKS_PER_SEC));
}

inline std::string text_of_file(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

// Paths differ from machine to machine.
inline std::string without(std::string text, const std::string& path) {
  for (std::size_t at = text.find(path); at != std::string::npos; at = text.find(path)) text.erase(at, path.size());
  return text;
}

inline std::string findings_text(const yaml::Diagnostics& diagnostics, const fs::path& file) {
  std::string text;
  for (const yaml::Diagnostic& found : diagnostics.all()) {
    text += std::to_string(found.place.line) + ":" + std::to_string(found.place.column) + " " + found.code;
    text += (found.severity == yaml::Severity::warning ? " warning\n" : "\n");
    text += "  zh: " + found.zh + "\n  en: " + found.en + "\n";
    if (!found.cure.empty()) text += "  -> " + found.cure + "\n";
  }
  return without(text, file.parent_path().string() + "/");
}

inline bool is_chinese(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xE4; });
}

inline void check_messages(const yaml::Diagnostics& diagnostics) {
  for (const yaml::Diagnostic& found : diagnostics.all()) {
    CHECK(is_chinese(found.zh));
    CHECK_FALSE(found.en.empty());
    CHECK(explain(found.code).has_value());
  }
}

using LoadFile = std::function<void(const fs::path&, yaml::Diagnostics&)>;

inline std::vector<fs::path> broken_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

inline void check_broken(const fs::path& file, const LoadFile& load) {
  INFO(file.string());
  yaml::Diagnostics diagnostics;
  const auto begin = own_time();
  load(file, diagnostics);
  CHECK(own_time() - begin < longest_check);
  CHECK(diagnostics.has_errors());
  check_messages(diagnostics);
  const std::string shown = diagnostics.render();
  CHECK(shown.find("letmein") == std::string::npos);
  CHECK(shown.find("Tax#2024") == std::string::npos);
  const fs::path expected = fs::path(file).replace_extension(".expected");
  if (std::getenv("QIANZHI_WRITE_EXPECTED") != nullptr)
    std::ofstream(expected) << findings_text(diagnostics, file);
  else
    CHECK(findings_text(diagnostics, file) == text_of_file(expected));
}

// Reads each file of this folder of tests/config-corpus; how many there are.
inline std::size_t check_corpus(const fs::path& folder, const LoadFile& load) {
  const std::vector<fs::path> files = broken_files(folder);
  for (const fs::path& file : files) check_broken(file, load);
  return files.size();
}

}  // namespace qianzhi::test

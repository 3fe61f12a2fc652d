// Collects the lines of a preflight.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"

namespace qianzhi::odbc {

class Findings {
 public:
  void ok(std::string detail) { add(adapter::Severity::ok, "", std::move(detail), ""); }
  void notice(std::string code, std::string detail, std::string cure) {
    add(adapter::Severity::notice, std::move(code), std::move(detail), std::move(cure));
  }
  void warning(std::string code, std::string detail, std::string cure) {
    add(adapter::Severity::warning, std::move(code), std::move(detail), std::move(cure));
  }
  void error(std::string code, std::string detail, std::string cure) {
    add(adapter::Severity::error, std::move(code), std::move(detail), std::move(cure));
  }
  bool has(const std::string& code) const {
    return std::any_of(all_.begin(), all_.end(), [&](const adapter::Finding& line) { return line.code == code; });
  }
  std::vector<adapter::Finding> take() { return std::move(all_); }

 private:
  void add(adapter::Severity severity, std::string code, std::string detail, std::string cure) {
    all_.push_back({severity, std::move(code), std::move(detail), std::move(cure)});
  }
  std::vector<adapter::Finding> all_;
};

}  // namespace qianzhi::odbc

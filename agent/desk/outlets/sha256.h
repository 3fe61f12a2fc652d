// SHA-256 of what comes piece by piece.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace qianzhi::desk {

class Sha256Text {
 public:
  Sha256Text();
  ~Sha256Text();
  Sha256Text(Sha256Text&&) noexcept;
  Sha256Text& operator=(Sha256Text&&) noexcept;

  void add(std::string_view octets);
  // Hexadecimal; begins anew.
  std::string take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianzhi::desk

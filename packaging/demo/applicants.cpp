#include "packaging/demo/applicants.h"

namespace qianzhi::demo {

std::string citizen_number(std::size_t person) {
  std::string number = "440104" + std::to_string(19600101 + person % 28 + (person / 28 % 12) * 100) + "000";
  const std::string serial = std::to_string(person % 1000);
  number.replace(17 - serial.size(), serial.size(), serial);
  constexpr int weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (std::size_t i = 0; i < 17; ++i) sum += (number[i] - '0') * weights[i];
  return number + "10X98765432"[sum % 11];
}

std::string name_of(std::size_t person) { return "申请人" + std::to_string(person); }

bool is_known(std::size_t bureau, std::size_t person) { return (person + bureau) % 11 != 0; }
bool qualifies(std::size_t bureau, std::size_t person) { return (person * 7 + bureau) % 29 != 0; }

std::string record_number(std::size_t bureau, std::size_t person) {
  return std::to_string(bureau) + "-" + std::to_string(person);
}

std::string expected_answer(std::size_t bureau, std::size_t person) {
  if (!is_known(bureau, person)) return "not_found,,";
  return std::string("found,") + (qualifies(bureau, person) ? "true," : "false,") + record_number(bureau, person);
}

}  // namespace qianzhi::demo

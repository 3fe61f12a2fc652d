// Who applies for a car licence, and what each of the seven departments knows of him: all by construction.
#pragma once

#include <string>

#include "packaging/demo/process.h"
#include "packaging/demo/site.h"

namespace qianzhi::demo {

inline constexpr char licence_service[] = "check.person_standing";
inline constexpr char licence_purpose[] = "小客车指标资格审核";
inline constexpr char licence_basis[] = "小客车总量调控管理办法";

std::string citizen_number(std::size_t person);  // GB 11643-1999
std::string name_of(std::size_t person);
bool is_known(std::size_t bureau, std::size_t person);
bool qualifies(std::size_t bureau, std::size_t person);  // as the department has it of whom it knows
std::string record_number(std::size_t bureau, std::size_t person);
// Verdict, whether he qualifies and the record's number, with commas between them, as an answer must have them.
std::string expected_answer(std::size_t bureau, std::size_t person);

// What came back of a list of applicants.
struct Checked {
  std::size_t applicants = 0;
  std::size_t answers = 0;   // one of each department to each applicant
  std::size_t right = 0;     // of those
  std::size_t rejected = 0;  // applicants of whom a department says that they do not qualify
  std::string first_wrong;   // empty: none
  Micros took = 0;

  bool is_good() const { return answers == right && answers == applicants * bureau_count; }
};

}  // namespace qianzhi::demo

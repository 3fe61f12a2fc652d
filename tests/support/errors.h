// What a call throws, as one text to compare: "rejected QZ-SQL-004", or "nothing".
#pragma once

#include <string>

#include "hub-protocol/base/error.h"

namespace qianzhi::test {

template <class Call>
std::string thrown_by(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return std::string(name_of(error.kind())) + " " + error.code();
  }
  return "nothing";
}

}  // namespace qianzhi::test

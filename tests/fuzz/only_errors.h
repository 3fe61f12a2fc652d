// What every decoder owes the one who feeds it: whatever the octets, nothing but Error comes out.
#pragma once

#include <string_view>

#include "hub-protocol/base/error.h"

namespace qianzhi::test {

// Any exception but Error passes on and ends the fuzz target; `judge` looks at the Error.
template <class Action, class Judge>
void errors_only(const Action& action, const Judge& judge) {
  try {
    action();
  } catch (const Error& error) {
    judge(error);
  }
}

// The Error must be of this kind and code.
template <class Action>
void errors_only(const Action& action, ErrorKind kind, std::string_view code) {
  errors_only(action, [&](const Error& error) { QZ_ASSERT(error.kind() == kind && error.code() == code); });
}

}  // namespace qianzhi::test

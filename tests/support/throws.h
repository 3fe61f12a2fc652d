// Expects an Error with this code; any other outcome fails the test.
#pragma once

#include <catch2/catch.hpp>

#include <string_view>

#include "hub-protocol/base/error.h"

namespace qianzhi::test {

template <typename Action>
void check_throws(std::string_view code, const Action& action) {
  try {
    action();
    FAIL_CHECK("expected " << code << ", nothing was thrown");
  } catch (const Error& error) {
    INFO(error.what());
    CHECK(error.code() == code);
  }
}

}  // namespace qianzhi::test

// What a person is told of a running agent: the same on the page, at the command line and in the log.
#pragma once

#include <functional>
#include <string>

#include "tests/crash/exchange.h"

namespace qianzhi::crash {

// What commerce's page begins with, and a code, or the beginning of one, that explains it.
struct Told {
  std::string headline;
  std::string code;
};

// A bad headline, brought about by `happen`. Once that has returned the page must say so within ten seconds, `status`
// as text and as JSON the same, and the log must have both since `happen` began.
void check_told(Exchange& exchange, const Told& told, const std::function<void()>& happen);

// After `cure` the page comes to say that all is well, without that code, and so does the log.
void check_cured(Exchange& exchange, const Told& told, const std::function<void()>& cure);

void await_headline(Exchange& exchange, const std::string& headline);

}  // namespace qianzhi::crash

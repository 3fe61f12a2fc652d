// The pages of the lookup, plain HTML that works without scripts. Everything in them is escaped.
#pragma once

#include <optional>
#include <string>

#include "agent/desk/lookup/search.h"
#include "hub-protocol/html/text.h"

namespace qianzhi::desk::lookup {

struct PageState {
  html::Language language = html::Language::zh;
  const Account* account = nullptr;
  const Role* role = nullptr;
  Question question;  // as it was asked
  std::optional<Answer> answer;
  std::string code;  // of a refusal
};

std::string login_page(const PageState& state);
std::string search_page(const LookupConfig& config, const PageState& state);

}  // namespace qianzhi::desk::lookup

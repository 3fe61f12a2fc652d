// An inquiry and its answers as people and programs read them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/flow/requests.h"
#include "hub-protocol/model/topic.h"

namespace qianzhi::app {

std::string_view name_of(store::RequestState state);     // "answered"
std::string_view title_of(store::RequestState state);    // Chinese and English
std::string_view title_of(seal::AnswerVerdict verdict);  // Chinese and English

// Columns of the list of answers: the key items, "provider", "state", "verdict", the other items, "code".
std::vector<std::string> header_of(const Topic& service);
// One for each question, provider and row found, in the order of the questions; where no row was found, or nobody
// answered, one without items.
void each_answer(const flow::Inquiry& inquiry, const Topic& service,
                 const std::function<void(const std::vector<std::string>&)>& take);

std::string inquiry_json(const flow::Inquiry& inquiry);
std::string inquiry_text(const flow::Inquiry& inquiry);

}  // namespace qianzhi::app

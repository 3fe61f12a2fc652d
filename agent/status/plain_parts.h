// The parts of the page without JavaScript, from top to bottom. Each returns whole HTML elements, everything escaped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/status/findings.h"
#include "agent/status/page_text.h"
#include "agent/status/states.h"

namespace qianzhi::status {

// From the doctype to the end of the head. title: escaped; more: HTML of the head.
std::string head_html(Language language, const std::string& title, std::string_view more = {});

// A name made of words joined by '_', '.' and '-': broken only there.
std::string name_html(std::string_view name);

std::string state_html(const StateWord& state, Language language);

// A code and what stands before it, as a link to its place in the handbook where it has one.
std::string code_link(std::string_view code, Language language, std::string_view before = {});
// To the list of documents.
std::string documents_link(Language language);

std::string verdict_html(const Snapshot& snapshot, const std::vector<Finding>& findings, Language language);
std::string findings_html(const Snapshot& snapshot, const std::vector<Finding>& findings, Language language);
std::string path_html(const Snapshot& snapshot, Language language);
std::string publications_html(const Snapshot& snapshot, Language language);
std::string lanes_html(const Snapshot& snapshot, Language language);
std::string quarantine_html(const Snapshot& snapshot, Language language);
std::string stages_html(const Snapshot& snapshot, Language language);

}  // namespace qianzhi::status

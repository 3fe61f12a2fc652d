// The frame of the pages of hub and desk, in the look of the agent's status page: HTML without scripts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/html/text.h"

namespace qianzhi::html {

struct Part {
  std::string_view path;  // of our own, ready for an attribute
  std::string title;
};

// Texts are plain and escaped here but for controls and content, which are HTML.
struct Frame {
  Language language = Language::zh;
  std::string product;
  std::string place = {};  // whose it is, below the product's name; empty: nothing
  std::string title;       // of this page
  std::string controls = {};
  std::vector<Part> parts = {};  // empty: before the sign-in, the page stands alone
  std::string_view at = {};      // path of the part that is open
  std::string content;
  std::string as_of;  // the time of what is shown, with its zone
};

std::string framed(const Frame& frame);

// state: ok, busy, warn or fail. word: plain text; sentence and more: HTML. attributes: of the section, as in HTML.
std::string verdict(std::string_view state, std::string_view word, const std::string& sentence,
                    const std::string& more = {}, std::string_view attributes = "role=\"status\"");

}  // namespace qianzhi::html

// What `qianzhi topics` tells a DBA: the catalogue of the directory that the agent keeps, and what of it his own
// department provides and may have. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/model/directory.h"

namespace qianzhi::app {

struct TopicsQuestion {
  const Directory& directory;
  std::string agent;  // who asks
  Micros now = 0;     // grants end by this clock
  std::string words;  // a topic's id: all about it; else what to look for; empty: all topics
  std::size_t limit = 50;
};

// Text in Chinese and English, or one JSON value. Throws Error(misuse, QZ-AGT-111) if nothing is found.
std::string topics_text(const TopicsQuestion& question);
std::string topics_json(const TopicsQuestion& question);

}  // namespace qianzhi::app

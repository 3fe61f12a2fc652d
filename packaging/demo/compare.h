// Compares every target with its source row by row under the grants.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "hub-protocol/model/directory.h"
#include "packaging/demo/site.h"

namespace qianzhi::demo {

// Topic -> departments that may receive it.
std::map<std::string, std::vector<std::string>> receivers_of(const Directory& directory);

struct Comparison {
  std::string topic;
  std::string receiver;
  std::size_t source = 0;
  std::size_t entitled = 0;  // of those, without the ones set aside
  std::size_t target = 0;
  std::size_t differing = 0;
  std::size_t missing = 0;
  std::size_t extra = 0;
  std::size_t leaked = 0;  // values of items that were not granted

  bool is_good() const { return differing + missing + extra + leaked == 0 && target == entitled; }
};

struct Report {
  std::vector<Comparison> lines;
  // Mission S1.6, counted at statistics from what it received: firms of the load, and those of them without.
  std::size_t firms = 0;
  std::size_t without_tax = 0;
  std::size_t without_code = 0;

  bool is_good() const;
  std::string text() const;
};

// set_aside: registration numbers of rows that are in quarantine at commerce and may be nowhere else.
Report compare(const std::vector<Member>& members, const Directory& directory, const std::set<std::string>& set_aside);

}  // namespace qianzhi::demo

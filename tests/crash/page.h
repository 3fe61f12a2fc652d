// What an agent's status page says, as far as these tests look at it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace qianzhi::crash {

struct Page {
  struct Publication {
    std::string last;  // "epoch.sequence"
    std::string receipted;
    std::uint64_t waiting_rows = 0;
    bool refills = false;
    std::uint64_t alive = 0;  // when the source was last shown to be alive
    std::string alive_by;
  };
  struct Lane {
    std::string mark;
    bool at_head = false;
    bool is_complete = false;
    std::uint64_t alive = 0;
  };
  bool is_reached = false;
  std::string body;  // the JSON
  std::string verdict;
  std::string headline;               // the word that a person sees first
  std::vector<std::string> findings;  // codes, the root cause first
  std::uint64_t directory_version = 0;
  bool has_expired = false;                         // the directory
  std::map<std::string, Publication> publications;  // by topic
  std::map<std::string, Lane> lanes;                // by topic
  std::vector<std::string> errors;                  // "stage: CODE detail"
};

// GET /api/status with the reading token. is_reached is false if nobody answers.
Page page_at(std::uint16_t port, const std::string& token);

}  // namespace qianzhi::crash

// The hub's log as files for an auditor: what `qianzhi-hub export` writes and `qianzhi verify` checks offline.
#pragma once

#include <filesystem>
#include <string>

#include "hub-protocol/hub/hub_config.h"

namespace qianzhi::hub {

struct ExportFilter {
  std::string agent;  // empty: every one
  std::string topic;
};

struct ExportReport {
  std::size_t batches = 0;
  std::size_t evidence = 0;     // pairs of signed batches for one position
  bool with_directory = false;  // false: the configuration is not the one that was published last
};

// Reads only, also beside a running hub, one consistent view. Writes into `to`, made if it is not there:
//   AGENT-TOPIC-EPOCH.SEQUENCE.qzb           each batch in the log, octet by octet as its provider sealed it
//   evidence/..., with -held or -offered     contradictory batches (R6.1.2), bare: header and signature, no rows
//   directory.qzd                            the directory in force with its parts
// Throws Error(misuse, QZ-HUB-029) if the store is of another kind, and as hub-protocol/sqlite and write_whole do.
ExportReport export_log(const HubConfig& config, const std::filesystem::path& to, const ExportFilter& filter);

}  // namespace qianzhi::hub

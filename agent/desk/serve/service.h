// The desk's pages and interface as a whole, beside the running desk on the same desk.db. Answers from its own threads;
// the index of lookups is brought up by whoever calls turn(), between searches.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "agent/desk/data/change_file.h"
#include "agent/desk/serve/config.h"
#include "agent/desk/serve/rooms.h"

namespace qianzhi::desk::serve {

// Each room's connection belongs to the service while it lives. All must outlive it.
struct ServiceParts {
  DeskFacts facts;
  CaseRoom& cases;
  ReportRoom* reports = nullptr;
  LookupRoom* lookup = nullptr;
  Random& random;
  const Clock& clock;
};

class Service {
 public:
  // Throws what Sessions throws; Error: misuse QZ-PAGE-001 an address that is not loopback without a certificate,
  // unavailable QZ-PAGE-002 the port is taken, misuse QZ-LINK-009 the certificate cannot be used.
  Service(const ServeConfig& config, const ServiceParts& parts);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  std::uint16_t port() const;
  // The index built, if it must be (searches wait meanwhile), and all changes taken in, a portion at a time. How many
  // rows. Throws what the database throws; may then be called again.
  std::uint64_t turn();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianzhi::desk::serve

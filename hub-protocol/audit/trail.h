// Looking through the audit trail, and letting its oldest part go.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hub-protocol/audit/audit_log.h"

namespace qianzhi::audit {

struct Filter {
  Micros from = 0;
  Micros to = 0;        // not included; 0: no end
  std::string actor;    // a name, or "KIND:NAME"; empty: everybody
  std::string action;   // "grant": also "grant.add"; empty: all
  std::string subject;  // part of it
  std::uint64_t after = 0;
};

struct Line {
  Stored stored;
  Bytes octets;  // exactly
  Digest digest;
};

struct Page {
  std::vector<Line> lines;
  std::uint64_t last = 0;  // sequence looked at last: where to go on
  bool is_end = false;
};

// Looks at up to 2,000 entries after filter.after, so that nobody waits long for the store; go on until is_end.
Page read_page(sqlite::Database& database, const Filter& filter);

// For people; times of Beijing. With a header line in Chinese and English.
std::string to_csv(const std::vector<Line>& lines);
std::string to_json(const std::vector<Line>& lines);
std::string to_table(const std::vector<Line>& lines);
// RFC 5424, one line without its end, facility 13 (log audit). host: of this machine.
std::string to_syslog(const Line& line, std::string_view host);

// What the store notes beside the trail: how far it was exported, and forwarded. 0: nothing yet.
std::uint64_t noted(sqlite::Database& database, std::string_view name);
void note(sqlite::Database& database, std::string_view name, std::uint64_t value);
inline constexpr std::string_view exported_through = "exported_through";
inline constexpr std::string_view forwarded_through = "forwarded_through";

// Within the caller's transaction: removes the entries before this time that were exported, up to the newest checkpoint
// that covers nothing but such; the checkpoint stays, so that the rest of the chain still hangs on it. Returns how
// many.
std::uint64_t forget(sqlite::Database& database, Micros before);

}  // namespace qianzhi::audit

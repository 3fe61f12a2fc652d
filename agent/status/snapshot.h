// Everything the status page, `qianzhi status` and the quickstart table show, as one value taken at one moment.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/flow/deliver.h"
#include "agent/flow/pump.h"
#include "agent/flow/stage.h"
#include "agent/flow/table_progress.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::status {

// Worst first: failed > attention > starting > well. Before an agent can run at all: not_configured, not_enrolled.
enum class Verdict { well, starting, attention, failed, not_configured, not_enrolled };

struct PublicationStatus {
  std::string topic;
  std::string title;
  std::string source;
  std::string table;
  std::uint64_t sealed_rows = 0;  // changes, since the stream began
  std::uint64_t refilled_rows = 0;
  std::uint64_t withheld_rows = 0;
  std::uint64_t receipted_rows = 0;
  std::uint64_t waiting_batches = 0;
  std::uint64_t waiting_rows = 0;
  Micros waiting_since = 0;  // when the oldest waiting batch was sealed; 0: nothing waits
  Micros last_change = 0;
  Micros alive = 0;           // when the source was last shown to be alive without a change; 0: never
  std::string alive_by;       // "canary", "look", "comparison"; empty: nothing
  bool alive_at_hub = false;  // the hub has a receipt for it
  std::string last;           // "epoch.sequence" last sealed
  std::string receipted;      // "epoch.sequence"
  std::string secured;
  std::string refill;  // groups of the open refill, or empty
  std::string wanted;  // groups waiting for a refill, or empty
  std::uint64_t quarantined = 0;
  std::string code;  // why it does not flow; empty: it does
  std::string detail;
  flow::TableProgress progress = {};  // of a refill or comparison under way, and what one would take
};

struct QuarantineLine {  // no row values
  std::int64_t id = 0;
  std::string side;  // "capture" or "apply"
  std::string topic;
  std::string origin;
  std::string code;
  std::string detail;
  Micros first_seen = 0;
  std::uint64_t tries = 0;
};

// A database that this agent reads or writes.
struct DatabaseLine {
  std::string id;
  std::string type;
  std::string capture;  // "journal", "log", "diff", "watermark"; empty: a target
  std::string stage;    // whose state is its state
  std::uint64_t topics = 0;
};

// A request that was asked by us, or of us; never what it asks.
struct RequestLine {
  bool is_ours = true;
  std::string id;  // the first digits
  std::string service;
  std::string peer;   // who asked; of ours: empty
  std::string state;  // "open", "over"; of us also "refused", "missed": its deadline came before our answer
  std::uint64_t providers = 0;
  std::uint64_t settled = 0;
  Micros made = 0;
  Micros deadline = 0;
};

struct Snapshot {
  std::string version;
  std::string agent;
  std::string name;
  std::string department;
  std::string language;
  Micros time = 0;
  Micros started = 0;
  Verdict verdict = Verdict::starting;
  std::string hub_url;
  std::uint64_t directory_version = 0;
  Micros directory_expires = 0;
  std::uint64_t queued_octets = 0;
  std::uint64_t queue_limit = 0;
  std::vector<flow::StageStatus> stages;
  std::vector<flow::Notice> notices;
  std::vector<PublicationStatus> publications;
  std::vector<flow::LaneStatus> lanes;
  std::vector<QuarantineLine> quarantine;  // at most 200
  std::uint64_t quarantined = 0;
  std::vector<DatabaseLine> databases = {};
  std::vector<RequestLine> requests = {};  // at most 50 of ours, newest first, and 50 of us, those that wait first
  Micros delay = -1;                       // from sealing to the hub's receipt, of what was receipted last; -1: unknown
  std::string file = {};                   // the configuration
};

std::string_view name_of(Verdict verdict);

// "refill", "ending", "comparison"; empty for none.
std::string_view name_of(flow::TableProgress::Kind kind);

// The JSON of GET /api/status; field names are those above, times in microseconds since 1970, 64-bit numbers as text.
// Beside them what is drawn from them: headline, findings, path_out, path_in, totals, the state of each line, and what
// each code means.
std::string to_json(const Snapshot& snapshot);

// Every code with title, cause and next step, each in Chinese and English.
std::string codes_json();

}  // namespace qianzhi::status

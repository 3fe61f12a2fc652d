// The verbs that look and never change: doctor, tables, queue, bundle.
// Exit statuses as hub-protocol/command/outcome.h has
// them.
#pragma once

#include <filesystem>
#include <string>

#include "hub-protocol/command/language.h"

namespace qianzhi::app {

// 1 if a line failed.
int doctor(const std::filesystem::path& config, command::Language language, bool json);

// The running agent's status every two seconds until SIGINT or SIGTERM; with json a value a line. An agent that is away
// is told and asked again.
int watch_status(const std::filesystem::path& config, bool json);

// Tables of a source (empty: of all) with key, estimated rows, and the ways of capture that this database and table
// allow: log, journal, diff, watermark. JSON: an array of source, table, key, rows (-1: unknown), columns, captures.
int tables(const std::filesystem::path& config, const std::string& source, bool json);

// Streams of the queue beside a running agent or without one. JSON: an array of topic, batches, rows, oldest.
int list_queue(const std::filesystem::path& config, bool json);
// The file as a whole, then each kept batch is opened. JSON: good, file, octets, streams, batches, octets_opened.
int verify_queue(const std::filesystem::path& config, bool json);

// The support bundle (hub-protocol/command/bundle.h). out: empty: it is only listed.
int bundle(const std::filesystem::path& config, const std::filesystem::path& out, command::Language language,
           bool json);

}  // namespace qianzhi::app

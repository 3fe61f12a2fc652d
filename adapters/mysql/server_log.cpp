#include "adapters/mysql/server_log.h"

#include <algorithm>

#include "adapters/mysql/binlog_event.h"
#include "adapters/mysql/binlog_stream.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

using adapter::Continuity;

constexpr std::uint64_t first_offset = 4;  // behind the magic number of a file

}  // namespace

LogPlace ServerLog::end(Session& session) {
  const Result status = session.run("SHOW MASTER STATUS", "asking for the end of the binary log");
  if (status.rows() == 0)
    throw Error(ErrorKind::misuse, "QZ-MY-020", "the server writes no binary log (log_bin is off)");
  const LogFile file = log_file_of(status.text(0, 0));
  base_ = file.base;
  const LogPlace before = end_;
  end_ = {file.number, status.number(0, 1), 0};
  if (end_ < before) created_.clear();  // begun anew (RESET MASTER)
  return end_;
}

void ServerLog::look(Session& session) {
  end(session);
  server_ = static_cast<std::uint32_t>(session.run("SELECT @@server_id", "asking who the server is").number(0, 0));
  const Result files = session.run("SHOW BINARY LOGS", "listing the files of the binary log");
  sizes_.clear();
  for (int row = 0; row < files.rows(); ++row) sizes_[log_file_of(files.text(row, 0)).number] = files.number(row, 1);
  if (sizes_.empty()) throw Error(ErrorKind::misuse, "QZ-MY-020", "the server lists no binary log");
  // The list may be a moment newer than the end.
  if (sizes_.rbegin()->first == end_.file) end_.offset = std::max(end_.offset, sizes_.rbegin()->second);
}

// A reader of its own, which ends at once and takes no other's place.
std::uint32_t ServerLog::created(std::uint32_t file) {
  if (const auto known = created_.find(file); known != created_.end()) return known->second;
  if (sizes_.count(file) == 0 && file != end_.file) return 0;
  BinlogStream stream(connection_, name_of(file), first_offset, 0);
  EventParser parser;
  for (;;) {
    const std::string_view octets = stream.next();
    if (octets.empty()) throw Error(ErrorKind::unavailable, "QZ-MY-001", "a file of the binary log is still empty");
    const Event event = parser.parse(octets);
    if (event.type != EventType::format_description) continue;
    created_[file] = event.timestamp;
    return event.timestamp;
  }
}

LogVerdict ServerLog::check(const LogPosition& position, const std::string& what) {
  const LogPlace& place = position.place;
  const LogIdentity& identity = position.identity;
  if (identity.server != server_)
    return {Continuity::regressed, "this is another server than " + what + " is of: server_id " +
                                       std::to_string(server_) + ", not " + std::to_string(identity.server)};
  const std::uint32_t oldest = std::min(place.file, identity.resume_file);
  if (oldest < sizes_.begin()->first)
    return {Continuity::gap, "the binary log was purged beyond " + what + ": " + name_of(oldest) + " is gone"};
  if (place.file > end_.file || (place.file == end_.file && place.offset > end_.offset))
    return {Continuity::regressed, "the binary log has not come to " + what};
  const auto size = sizes_.find(place.file);
  if (size == sizes_.end() && place.file != end_.file)
    return {Continuity::regressed, "the file of " + what + " is not in the binary log"};
  if (place.file != end_.file && place.offset > size->second)
    return {Continuity::regressed, "the file of " + what + " is shorter than what was read of it"};
  if (created(place.file) != identity.created)
    return {Continuity::regressed, "the file of " + what + " is another one of the same name"};
  return {};
}

LogPosition ServerLog::position_at(const LogPlace& place) {
  LogPosition position;
  position.place = place;
  position.identity.server = server_;
  position.identity.created = created(place.file);
  position.identity.resume_file = place.file;
  position.identity.resume_offset = place.offset;
  return position;
}

}  // namespace qianzhi::mysql

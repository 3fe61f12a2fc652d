// The write-ahead log that a process left behind. Internal to hub-protocol/sqlite.
#pragma once

struct sqlite3;

namespace qianzhi::sqlite {

// For a store that was just opened for writing. After a failed fsync Linux shows what was written as if it were stored,
// and a later fsync of it succeeds without storing it (man 2 fsync, ERRORS). A process that found such frames and
// acknowledged or checkpointed them would lose them, or half of them, with the next power loss. So they are written
// again, unchanged, and synced, before anything is built on them. Nothing is done while another process writes: it did
// this itself when it opened the store. Returns an SQLite result code.
int renew_wal(sqlite3* handle);

}  // namespace qianzhi::sqlite

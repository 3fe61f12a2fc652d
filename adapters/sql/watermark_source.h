// Capture by a column that grows with each change, where the database is asked through MarkedTables: the order of
// fences, tables and rows, and whether the source still continues what was read (R2.2). Sees no deletes and no rows
// whose watermark was not set; a comparison beside it does.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/api/waiter.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::adapter::sql {

// What the server says of its marks.
struct MarkFence {
  std::uint64_t settled = 0;  // nothing below is committed any more that a snapshot taken after does not show
  std::uint64_t seen = 0;     // a snapshot that was taken before shows nothing from here on
  std::string server;         // another text: another server, or another kind of mark
  std::uint64_t age = 0;      // never gets less on one server; 0: unknown
};

struct MarkRange {
  std::uint64_t lower = 0;
  std::uint64_t upper = 0;  // not itself
};

struct MarkedPage {
  std::vector<Column> columns;  // as SourceTable::columns, and maybe more behind them
  std::size_t rows = 0;
  std::size_t octets = 0;
  Bytes cursor;
  bool exhausted = false;
};

// The tables of one source. All but preflight() throw unavailable if the database is away, and may be called again.
class MarkedTables {
 public:
  virtual ~MarkedTables() = default;

  // The fence of now, settled for certain. Throws unavailable if what is open does not end within some seconds.
  virtual MarkFence present() = 0;
  // Opens a snapshot for what follows until end(), with its fence. Where that costs, settled is only asked for anew if
  // there are rows from `from` on, or `awaited` is beyond it; it may lie behind from.
  virtual MarkFence begin(std::uint64_t from, std::uint64_t awaited) = 0;
  // Likewise, without a fence.
  virtual void begin_all() = 0;
  // After what is read in the snapshot: `seen`, which holds for it, server and age.
  virtual MarkFence shown() = 0;
  virtual void end() noexcept = 0;
  // Marks are times: one that is seen may be less than one that was seen before, if the clock was set back.
  virtual bool are_times() const = 0;
  // Something is open that will soon have ended.
  virtual bool is_waiting() const { return false; }

  // In the snapshot. One event for each table whose capture does not hold now.
  virtual std::vector<TableEvent> look() = 0;
  virtual bool is_readable(std::size_t table) const = 0;
  // In the snapshot, in the order of watermark and key.
  virtual MarkedPage read(std::size_t table, const MarkRange& range, const Bytes& cursor, const ReadLimits& limits) = 0;
  // In the snapshot, in key order.
  virtual MarkedPage read_all(std::size_t table, const Bytes& cursor, const ReadLimits& limits) = 0;

  virtual std::vector<Finding> preflight() = 0;

  // As Source::look(); outside of a snapshot.
  virtual std::vector<TableInfo> describe(const std::vector<std::size_t>& tables, bool count) = 0;
};

// spec.mode is watermark. clock must outlive the source.
std::unique_ptr<Source> make_watermark_source(const SourceSpec& spec, std::unique_ptr<MarkedTables> tables,
                                              const Clock& clock, std::shared_ptr<Waiter> waiter);

// For every preflight.
Finding no_deletes_notice();

// A watermark whose name begins with this is made by the install script, and kept by triggers.
inline bool is_own_mark(const SourceTable& table) { return table.watermark.rfind("qianzhi_", 0) == 0; }

}  // namespace qianzhi::adapter::sql

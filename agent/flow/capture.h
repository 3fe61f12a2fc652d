// Capture: one source database to the outbox (agent/ARCHITECTURE.md; protocol-rules sections 2 to 4). The only stage
// that seals. One object for each source, not for each publication.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "agent/config/config.h"
#include "agent/flow/canary.h"
#include "agent/flow/comparison_answer.h"
#include "agent/flow/diff_source.h"
#include "agent/flow/directory_keeper.h"
#include "agent/flow/mailbox.h"
#include "agent/flow/publication.h"
#include "agent/flow/reconcile.h"
#include "agent/flow/shape.h"
#include "agent/flow/since.h"
#include "agent/flow/stage.h"
#include "agent/flow/stream_writer.h"
#include "agent/flow/table_progress.h"
#include "agent/flow/throttle.h"
#include "agent/store/store.h"

namespace qianzhi::flow {

struct CaptureParts {
  adapter::Adapter& adapter;
  store::Store& store;
  DirectoryKeeper& directory;
  const Sealer& sealer;
  std::function<void()> on_sealed;  // rings the uplink
  store::Breakpoint breakpoint;
  adapter::ReadLimits read_at_least = {};  // changes in one read, even where batches are smaller
  Mailbox* mailbox = nullptr;              // letters of subscribers who compare; nullptr: nobody is answered
};

class Capture final : public Stage {
 public:
  // publications: those of this source.
  Capture(const config::SourceConfig& source, std::vector<config::PublicationConfig> publications, CaptureParts parts,
          adapter::Connection connection);

  std::string name() const override { return "capture " + source_config_.database.id; }
  Progress run_once() override;

  // One entry a publication, at most a second old. Thread-safe.
  std::vector<TableProgress> progress() const;

  // An operator has looked at a regressed source and accepts it as it is (R2.3). Thread-safe through the store.
  static void confirm_source(store::Store& store, const std::string& source);
  // What the adapter needs to know, for plan and check.
  static adapter::SourceSpec spec_of(const config::SourceConfig& source, const std::vector<Publication>& publications,
                                     const std::string& agent, adapter::Connection connection);

 private:
  struct Read {  // where a publication's columns are in its table's chunk
    std::size_t table = 0;
    std::vector<std::size_t> columns;
    std::vector<std::size_t> old_columns;
  };

  // What one step adds to the store, all of it in one transaction (R2.4, R3.3).
  struct Turn {
    std::vector<StreamWriter> writers;
    std::vector<store::QuarantineEntry> aside;
    std::vector<store::QuarantineEntry> released;
    std::optional<SourcePosition> checkpoint;
    std::map<std::string, std::vector<KnownChange>> known;  // by topic
    std::vector<std::string> forgotten;                     // topics of which nothing is known any more
    std::map<std::string, std::optional<Bytes>> values;     // named values; nothing: erased
  };

  void configure();
  void open_source();
  void compile(const Directory& directory);
  StreamWriter writer_for(const Publication& publication) const;
  void prepare_streams();
  void rebase_source(const std::string& why);
  bool read_changes(bool& more);
  void seal_changes(const adapter::Changes& changes);
  bool may_refill(std::size_t publication) const;
  bool refill_one(std::size_t publication);
  // Shapes of tables (shape.h); capture_shapes.cpp.
  void load_shapes();
  adapter::SourceSpec narrowed(adapter::SourceSpec spec) const;
  bool lacks_column(const Publication& publication) const;
  std::set<std::string> carried(const std::string& table) const;
  void note_gone(const Publication& publication, const adapter::TableInfo& info);
  void look_if_due();
  void look_at(const std::set<std::size_t>& tables, bool count);
  void look_before(std::size_t publication);
  void look_after(const adapter::Changes& changes);
  std::optional<Shape> judge(std::size_t publication, const adapter::TableInfo& info, Turn& turn);
  void judge_tables(const adapter::Changes& changes);
  TableProgress progress_of(std::size_t publication) const;
  void keep_progress();
  std::string progress_text(const std::string& topic) const;
  void report_shapes(std::vector<Notice>& notices) const;
  bool refills_rows() const;
  Selection select_refill(std::size_t publication, const std::vector<Column>& columns, const GroupSet& groups,
                          Turn& turn);
  void commit(const Turn& turn);
  void collect_quarantine(const Publication& publication, const Read& read, const Selection& selection,
                          const std::vector<Column>& source, const StreamWriter& writer, Turn& turn);
  void retry_rows();
  // Comparison beside capture (reconcile.h); capture_reconcile.cpp.
  void make_reconciles();
  void keep_track(std::size_t publication, StreamWriter& writer, Turn& turn);
  bool may_walk(std::size_t publication) const;
  bool is_due(std::size_t publication) const;
  bool reconcile_some();
  bool reconcile_step(std::size_t publication);
  void seal_found(std::size_t publication, Reconcile::Found found);
  bool abandon_walks();
  // Subscribers who compare their targets with this source; capture_compare.cpp.
  bool answer_some();
  bool answer_step(std::size_t publication);
  void keep_unsent(std::size_t publication, std::vector<Line>& again) const;
  void seal_again(std::size_t publication);
  void take_letter(std::size_t publication, const wire::Comparison& letter);
  void put_off(const wire::Comparison& asked, const std::string& code);
  void write_letter(const wire::Comparison& content);
  void note_sealed(const Publication& publication, const Selection& selection);
  void report_answer(std::vector<Notice>& notices) const;
  Micros patience(bool refilling) const;
  void report_walks(std::vector<Notice>& notices) const;
  // That the source is alive; capture_alive.cpp.
  void make_canary();
  void watch(const adapter::Changes& changes);
  void judge_times(const adapter::Changes& changes);
  void beat();
  void note_looks(const adapter::Changes& changes);
  Micros pulse(std::size_t publication) const;
  void prove_alive(std::size_t publication, store::AliveBy by, Micros look = 0);
  void report_silence(std::vector<Notice>& notices);
  void report_canary(std::vector<Notice>& notices) const;
  void report();
  SourcePosition high_water() const;
  const std::string& id() const { return source_config_.database.id; }

  config::SourceConfig source_config_;
  std::vector<config::PublicationConfig> publication_configs_;
  CaptureParts parts_;
  adapter::Connection connection_;
  Micros began_;  // this object

  std::shared_ptr<const Directory> compiled_for_;
  std::vector<Publication> publications_;
  std::vector<Read> reads_;
  struct Watched {
    std::optional<Shape> known;  // as stored
    std::string seen;            // what the last look showed; nothing is judged twice
    Micros looked = 0;           // when; steady
    std::string stop;            // why its table does not fit, as of the last look
    std::int64_t rows = -1;      // estimate, as of the last count
    Pace pace;                   // of the refill or comparison under way
  };
  std::vector<Watched> watched_;                        // one a publication
  std::set<std::pair<std::string, std::string>> gone_;  // table, column: mapped and not there
  bool recompile_ = false;                              // gone_ changed what is to be read
  bool must_look_ = true;
  bool counted_ = false;
  Micros look_again_ = 0;
  Micros cure_again_ = 0;
  std::vector<Notice> refused_;  // publications the directory does not allow
  adapter::SourceSpec spec_;
  std::unique_ptr<adapter::Source> source_;
  DiffSource* diff_ = nullptr;  // source_, if it captures by comparison
  SourcePosition checkpoint_;
  std::string regressed_;
  std::vector<Notice> attention_;  // what the adapter wants a person to see, as of the last read
  std::map<std::string, std::set<std::string>> aside_keys_;  // topic -> keys in quarantine
  std::size_t next_refill_ = 0;
  std::vector<std::unique_ptr<Reconcile>> reconciles_;  // one a publication; nothing where none is wanted
  std::vector<ReconcileReport> reports_;                // likewise; as stored
  std::unique_ptr<ComparisonAnswer> answer_;
  std::vector<bool> sent_as_;  // of each row of the chunk that is looked at for it, whether it was sent as it is
  Throttle throttle_;
  Canary canary_;
  bool has_canary_ = false;                  // the adapter knows it
  std::map<std::string, Micros> sealed_at_;  // by topic, steady: its last batch, since the start
  std::map<std::string, Micros> noted_at_;   // likewise: when its source was last noted as alive
  Since since_;
  Micros source_ahead_ = 0;  // by how much a change lay ahead of our clock; 0: less than counts
  Micros began_steady_;
  mutable std::mutex progress_mutex_;
  std::vector<TableProgress> progress_;  // written by capture's thread only
  Micros progress_again_ = 0;
  Micros rest_until_ = 0;  // a walk takes no more than half of the source's time
};

}  // namespace qianzhi::flow

// All parts of the desk on one database: rules, base records, and the work that findings bring.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "agent/desk/app/desk_file.h"
#include "agent/desk/data/desk_store.h"
#include "agent/desk/data/part_log.h"
#include "agent/desk/records/records.h"
#include "agent/desk/records/reviewed.h"
#include "agent/desk/records/suggestions.h"
#include "agent/desk/rules/judge.h"
#include "agent/desk/rules/rounds.h"
#include "agent/desk/work/desk_work.h"

namespace qianzhi::desk {

// What rules compare by: the standard forms of agent/desk/standard.
Normalisers standard_normalisers();

// One thread, the one writer of desk.db.
class Desk {
 public:
  // Reads the configuration and opens what it names; what is wrong is told on standard error, then is_open() is false.
  // Throws what the parts throw.
  Desk(const std::filesystem::path& config, const Clock& clock, Random& random);

  bool is_open() const { return judge_.has_value(); }
  const DeskFile& file() const { return file_; }
  DeskStore& store() { return *store_; }
  Judge& judge() { return *judge_; }
  DeskWork& work() { return *work_; }

  // One turn of everything: rules that are due, then records, then work. A part that fails is logged and tried again
  // the next time; only a damaged database (Error of kind corrupt) ends it.
  void turn();

 private:
  void open_work(const Clock& clock, Random& random);
  bool open_records(yaml::Diagnostics& diagnostics);
  void keep_records();
  void suggest();
  template <typename Work>
  void attempt(const char* part, const Work& work);
  void note_parts();

  const Clock& clock_;
  Micros worked_ = 0;  // steady time of the last whole look
  DeskFile file_;
  records::RecordsConfig records_config_;
  std::optional<DeskStore> store_;
  std::optional<DeskWork> work_;
  std::optional<Judge> judge_;
  std::optional<Rounds> rounds_;
  std::optional<records::Records> records_;
  std::optional<match::Decisions> decisions_;
  std::optional<match::Candidates> candidates_;
  std::vector<std::unique_ptr<records::Suggestions>> suggestions_;
  std::optional<records::Reviewed> reviewed_;
  std::optional<PartLog> parts_;
};

// "unregistered: 涉及 touched 3, 新增 opened 1, ..."
std::string told(const Judgement& judgement);
// "立案 opened 2, 通知 sent 1"; empty: nothing was done.
std::string told(const WorkTurn& turn);

}  // namespace qianzhi::desk

// Answerer: what others ask of one source, through its adapter, under the grants of the directory in force. It reads
// and nothing else; what it cannot answer now waits until the deadline. A service whose statement cannot be run stands
// alone, is told and tried again; the others answer.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/api/lookup.h"
#include "agent/config/config.h"
#include "agent/flow/answer_lookup.h"
#include "agent/flow/directory_keeper.h"
#include "agent/flow/requests.h"
#include "agent/flow/stage.h"

namespace qianzhi::flow {

struct AnswererParts {
  adapter::Adapter& adapter;
  Requests& requests;
  DirectoryKeeper& directory;
  const Clock& clock;
};

class Answerer final : public Stage {
 public:
  // answers: of this source; not empty.
  Answerer(std::string agent, const config::SourceConfig& source, std::vector<config::AnswerConfig> answers,
           AnswererParts parts, adapter::Connection connection);

  std::string name() const override { return "answer " + source_; }
  Progress run_once() override;

  // Whether what is configured can be answered, as the adapter says.
  static adapter::LookupSpec spec_of(const std::string& agent, const config::SourceConfig& source,
                                     const std::vector<config::AnswerConfig>& answers, const Catalogue& catalogue,
                                     adapter::Connection connection);

 private:
  struct Minute {
    Micros began = 0;  // steady
    std::uint64_t questions = 0;
  };

  // Why a service does not answer.
  struct Fault {
    Error error;
    Micros until = 0;  // steady time from which it is tried again; 0: never with this catalogue and configuration
    Micros wait = 0;
  };

  void open(const Directory& directory);
  // Why it is refused; empty: it is not.
  std::string refusal_of(const AskedRequest& asked, const Directory& directory) const;
  const config::AnswerConfig* answer_to(const std::string& service) const;  // null: none of ours
  bool is_within_rate(const store::KeptRequest& request, const config::AnswerConfig& answer);
  void give_back(const store::KeptRequest& request);
  bool stands(const std::string& service) const;
  void note_fault(const std::string& service, const Error& error);
  void note_success(const std::string& service);
  bool settle(const AskedRequest& asked, const Directory& directory);
  void answer(const AskedRequest& asked, const Directory& directory);
  void report(bool has_waited);

  std::string agent_;
  std::string source_;
  config::SourceConfig config_;
  std::vector<config::AnswerConfig> answers_;
  AnswererParts parts_;
  adapter::Connection connection_;
  AnswerLookup lookup_;                                          // of the services that the catalogue knows
  Catalogue catalogue_;                                          // the one that it was opened under
  bool is_open_ = false;                                         // so
  std::map<std::string, Fault> faults_;                          // by service
  std::map<std::pair<std::string, std::string>, Minute> asked_;  // by asker and service
};

}  // namespace qianzhi::flow

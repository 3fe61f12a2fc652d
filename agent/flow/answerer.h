// Answerer: what others ask of one source, through its adapter, under the grants of the directory in force. It reads
// and nothing else; what it cannot answer now waits until the deadline.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/api/lookup.h"
#include "agent/config/config.h"
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

  void open(const Directory& directory);
  // Why it is refused; empty: it is not.
  std::string refusal_of(const AskedRequest& asked, const Directory& directory) const;
  const config::AnswerConfig* answer_to(const std::string& service) const;  // null: none of ours
  bool is_within_rate(const store::KeptRequest& request, const config::AnswerConfig& answer);
  void settle(const AskedRequest& asked, const Directory& directory);

  std::string agent_;
  std::string source_;
  config::SourceConfig config_;
  std::vector<config::AnswerConfig> answers_;
  AnswererParts parts_;
  adapter::Connection connection_;
  std::unique_ptr<adapter::Lookup> lookup_;
  std::map<std::string, std::size_t> statements_;                // by service; those that the catalogue knows
  Catalogue catalogue_;                                          // the one that the lookup was opened under
  std::map<std::pair<std::string, std::string>, Minute> asked_;  // by asker and service
};

}  // namespace qianzhi::flow

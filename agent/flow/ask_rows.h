// Rows of the answer table of a request table: what is told of an inquiry, or of a request that was refused here. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "adapters/api/adapter.h"
#include "agent/config/config.h"
#include "agent/flow/ask_drafts.h"
#include "agent/flow/requests.h"

namespace qianzhi::flow {

class AskRows {
 public:
  // table: answer_table(). Both must outlive it.
  AskRows(const config::AskConfig& ask, const adapter::TargetTable& table);

  // All rows of one question of the inquiry: of each provider, and of the whole.
  void add(const Inquiry& inquiry, std::size_t question);
  void add(const RefusedRequest& refused, Micros now);

  std::size_t rows() const { return step_.meta.size(); }
  std::size_t octets() const;
  // Of one transaction; empty again afterwards.
  adapter::RowsStep take();

 private:
  void begin(const std::string& request, const std::string& provider, std::size_t line, const std::string& state);
  void put(const char* column, const std::string& text);
  void put(const std::string& column, const Column& values, std::size_t row);
  void put_code(const std::string& code, const std::string& detail);
  void end();
  void add_provider(const Inquiry& inquiry, const ProviderAnswer& answer, std::size_t question);
  void add_whole(const Inquiry& inquiry, std::size_t question);

  const config::AskConfig& ask_;
  const adapter::TargetTable& table_;
  adapter::RowsStep step_;
};

}  // namespace qianzhi::flow

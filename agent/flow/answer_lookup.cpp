#include "agent/flow/answer_lookup.h"

#include <optional>

#include "hub-protocol/base/error.h"

namespace qianzhi::flow {

namespace {

// Nothing: it can be opened.
std::optional<Error> fault_of_statement(adapter::Adapter& adapter, const adapter::LookupSpec& spec,
                                        const adapter::LookupStatement& statement) {
  adapter::LookupSpec alone = spec;
  alone.statements = {statement};
  try {
    adapter.open_lookup(alone);
  } catch (const Error& error) {
    if (!adapter::is_of_statement(error)) throw;
    return error;
  }
  return std::nullopt;
}

}  // namespace

AnswerLookup open_answers(adapter::Adapter& adapter, const adapter::LookupSpec& spec) {
  AnswerLookup opened;
  adapter::LookupSpec good = spec;
  if (!spec.statements.empty()) {
    try {
      opened.lookup = adapter.open_lookup(spec);
    } catch (const Error& error) {
      if (!adapter::is_of_statement(error)) throw;
      good.statements.clear();
      for (const adapter::LookupStatement& statement : spec.statements) {
        const std::optional<Error> fault = fault_of_statement(adapter, spec, statement);
        if (fault)
          opened.refused.emplace(statement.id, *fault);
        else
          good.statements.push_back(statement);
      }
      if (!good.statements.empty()) opened.lookup = adapter.open_lookup(good);
    }
  }
  for (std::size_t i = 0; i < good.statements.size(); ++i) opened.statements[good.statements[i].id] = i;
  return opened;
}

std::vector<adapter::Finding> preflight_answers(adapter::Adapter& adapter, const adapter::LookupSpec& spec) {
  const AnswerLookup opened = open_answers(adapter, spec);
  std::vector<adapter::Finding> findings;
  if (opened.lookup) findings = opened.lookup->preflight();
  for (const auto& [service, error] : opened.refused)
    findings.push_back({adapter::Severity::error, error.code(), service + ": " + error.detail(), error.hint()});
  return findings;
}

}  // namespace qianzhi::flow

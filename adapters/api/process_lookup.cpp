#include "adapters/api/process_lookup.h"

#include "adapters/api/process_worker.h"

namespace qianzhi::adapter {

namespace {

constexpr Micros connecting = 60'000'000;  // beside the statements' own time

class ProcessLookup final : public Lookup {
 public:
  ProcessLookup(const Program& program, const Clock& clock, LookupSpec spec)
      : spec_(std::move(spec)), worker_(program, clock, open_request()) {}

  Found find(std::size_t statement, const std::vector<Column>& questions, std::size_t rows_each,
             const ReadLimits& limits) override {
    check_call(spec_, statement, questions, rows_each);
    wire::Request request;
    wire::Find& find = *request.mutable_find();
    find.set_statement(statement);
    const std::size_t asked = encode_questions(questions, find);
    find.set_rows_each(rows_each);
    find.mutable_limits()->set_rows(limits.rows);
    find.mutable_limits()->set_octets(limits.octets);
    const auto take = [&](const wire::Reply& reply) {
      need(reply.has_found());
      return decode(reply.found(), asked, spec_.statements[statement].columns.size());
    };
    return worker_.call(request, take, 2 * spec_.timeout + connecting);
  }

  std::vector<Finding> preflight() override {
    wire::Request request;
    request.mutable_preflight();
    return worker_.call(request, take_findings);
  }

 private:
  wire::Request open_request() const {
    wire::Request request;
    encode(spec_, *request.mutable_open_lookup());
    return request;
  }

  LookupSpec spec_;
  Worker worker_;
};

}  // namespace

std::unique_ptr<Lookup> make_process_lookup(const Program& program, const Clock& clock, const LookupSpec& spec) {
  return std::make_unique<ProcessLookup>(program, clock, spec);
}

}  // namespace qianzhi::adapter

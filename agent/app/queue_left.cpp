// qianzhi-queue-left [CONFIG]: what of the agent's queue the hub has not taken, for the scripts of a package, which
// must not remove that. Reads the queue beside a stopped or running agent and changes nothing. Prints "BATCHES ROWS
// REQUESTS"; REQUESTS are asks and answers that are not sent yet. Exit status: 0 if all are zero or there is no queue,
// 1 if something is left, 78 or 69 (with the error on standard error) if that cannot be told.
#include <cinttypes>
#include <cstdio>
#include <limits>

#include "agent/app/agent.h"
#include "agent/app/kept.h"
#include "agent/config/loader.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/service/process.h"

namespace {

struct Left {
  std::uint64_t batches = 0;
  std::uint64_t rows = 0;
  std::uint64_t requests = 0;
};

Left left_in(const qianzhi::config::Config& config) {
  using qianzhi::store::RequestState;
  Left left;
  if (!std::filesystem::exists(config.queue.path)) return left;
  qianzhi::SystemRandom random;
  const qianzhi::store::Store store(qianzhi::app::store_options(config, true),
                                    qianzhi::from_hex(qianzhi::config::read_secret(config.queue.key)), random);
  for (const std::string& topic : store.topics()) {
    const auto waiting = store.waiting_after(topic, store.stream(topic)->receipted);
    left.batches += waiting.batches;
    left.rows += waiting.rows;
  }
  constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
  for (const RequestState state : {RequestState::to_send, RequestState::to_answer, RequestState::answer_to_send})
    left.requests += store.requests(state, all).size();
  return left;
}

}  // namespace

int main(int count, char** values) {
  try {
    const Left left = left_in(qianzhi::app::load_or_throw(count > 1 ? values[1] : "/etc/qianzhi/agent.yaml"));
    std::printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", left.batches, left.rows, left.requests);
    return left.batches + left.rows + left.requests == 0 ? 0 : 1;
  } catch (const qianzhi::Error& error) {
    const int status = qianzhi::service::tell(error);
    return status == 1 ? 78 : status;
  }
}

// What the agent's side of every opened thing shares: the process behind it.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/api/adapter.pb.h"
#include "adapters/api/child_process.h"
#include "adapters/api/codec.h"

namespace qianzhi::adapter {

inline constexpr Micros answer_timeout = 300'000'000;

struct Program {
  std::filesystem::path path;
  ProcessLimits limits;
};

// A process that is started when it is needed, opened alike each time.
class Worker {
 public:
  Worker(Program program, const Clock& clock, wire::Request open)
      : program_(std::move(program)), clock_(clock), open_(std::move(open)) {}

  // take turns the reply into what is returned; it throws malformed, and then the process is ended as well.
  template <class Take>
  auto call(const wire::Request& request, Take take, Micros timeout = answer_timeout) {
    ensure();
    return guarded([&] {
      hold();
      return take(process_->call(request, timeout));
    });
  }

  // Asks and does not wait: the adapter works while the caller does something else. What is asked in between waits for
  // the answer and keeps it.
  // question: what the answer depends on.
  void ask_ahead(const wire::Request& request, Bytes question) {
    guarded([&] { process_->send(request, answer_timeout); });
    ahead_ = std::move(question);
  }

  // The answer to this question if it was asked ahead; to another it is thrown away.
  template <class Take>
  auto answer_ahead(const Bytes& question, Take take) -> std::optional<decltype(take(wire::Reply()))> {
    if (ahead_.empty()) return std::nullopt;
    return guarded([&]() -> std::optional<decltype(take(wire::Reply()))> {
      hold();
      const wire::Reply reply = std::move(held_);
      const bool is_this = ahead_ == question;
      ahead_.clear();
      if (!is_this) return std::nullopt;
      if (reply.has_failure()) throw decode(reply.failure());
      return take(reply);
    });
  }

  const wire::Reply& greeting() {
    ensure();
    return process_->greeting();
  }

  bool is_running() const { return process_ != nullptr; }

 private:
  template <class Work>
  auto guarded(const Work& work) -> decltype(work()) {
    try {
      return work();
    } catch (const Error& error) {
      if (process_ == nullptr || !process_->is_usable() || error.code() == "QZ-ADP-004") {
        process_.reset();
        ahead_.clear();
        held_.Clear();
      }
      throw;
    }
  }

  void hold() {
    if (!ahead_.empty() && held_.result_case() == wire::Reply::RESULT_NOT_SET)
      held_ = process_->receive(answer_timeout);
  }

  void ensure() {
    if (process_ != nullptr) return;
    auto fresh = std::make_unique<ChildProcess>(program_.path, clock_, program_.limits);
    // An adapter of before would take this request for a breach of the protocol.
    if (open_.has_open_lookup() && !fresh->greeting().greeting().lookup())
      throw Error(ErrorKind::misuse, "QZ-ADP-021", "this adapter answers no questions");
    if (open_.call_case() != wire::Request::CALL_NOT_SET) fresh->call(open_, answer_timeout);
    process_ = std::move(fresh);
  }

  Program program_;
  const Clock& clock_;
  wire::Request open_;
  std::unique_ptr<ChildProcess> process_;
  Bytes ahead_;       // the question that was asked ahead; empty: none
  wire::Reply held_;  // its answer, if that has come
};

inline void need(bool there) {
  if (!there) malformed("a reply of another kind");
}

inline void take_done(const wire::Reply& reply) { need(reply.has_done()); }

inline std::vector<Finding> take_findings(const wire::Reply& reply) {
  need(reply.has_findings());
  return decode(reply.findings());
}

}  // namespace qianzhi::adapter

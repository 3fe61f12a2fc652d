// The agent's TLS certificate, renewed by itself at two thirds of its life with a new key: made here, asked for with
// the present one, tried out, and only then put in its place. Killed at any step it goes on at the next start.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "agent/flow/stage.h"
#include "hub-protocol/client/hub_link.h"

namespace qianzhi::identity {

// PEM files; both may be one file, which then changes as one.
struct IdentityFiles {
  std::filesystem::path certificate;
  std::filesystem::path private_key;  // empty: not a file that this program may replace
};

// Finishes a switch that was cut off between two files. Before anything reads them.
// Throws Error(misuse, QZ-BASE-011).
void finish_switch(const IdentityFiles& files);

struct RenewalParts {
  std::string agent;
  IdentityFiles files;
  HubLink* link = nullptr;  // with the present certificate; null: keys are renewed by hand
  // One call with the identity in this file (key and certificates). Throws what the link throws.
  std::function<void(const std::filesystem::path& identity)> try_out;
  const Clock& clock;
  std::function<void(std::string_view)> breakpoint;
  std::function<void()> on_interrupt;
  std::function<void()> on_cured = {};  // a good certificate took the place of one that had expired
};

class Renewal final : public flow::Stage {
 public:
  explicit Renewal(RenewalParts parts) : parts_(std::move(parts)) {}

  std::string name() const override { return "certificate"; }
  flow::Progress run_once() override;
  void interrupt() override {
    if (parts_.on_interrupt) parts_.on_interrupt();
  }
  // From any thread: renew at the next run, however young the certificate is.
  void want() { wanted_ = true; }

  // When a certificate of this life is due: two thirds of it, earlier or later by up to a thirtieth, so that agents of
  // one day do not come in one minute.
  static Micros due(const std::string& agent, Micros not_before, Micros not_after);

 private:
  std::filesystem::path next_file() const { return parts_.files.certificate.string() + ".next"; }
  void reach(std::string_view point) const {
    if (parts_.breakpoint) parts_.breakpoint(point);
  }
  void renew();
  void tell(Micros now, const std::string& trouble);

  RenewalParts parts_;
  std::atomic<bool> wanted_ = false;
  Micros try_after_ = 0;  // steady
  std::string trouble_;
  std::string told_;
};

}  // namespace qianzhi::identity

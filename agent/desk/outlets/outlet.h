// One way out of the desk.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "agent/desk/outlets/notice.h"
#include "agent/desk/outlets/outlet_config.h"

namespace qianzhi::desk {

struct Delivery {
  enum class Verdict {
    sent,       // it is there
    later,      // it is not there; try again
    refused,    // it is not there and never will be
    uncertain,  // it may be there, and this outlet cannot ask
  };
  Verdict verdict = Verdict::later;
  std::string result;     // code and words, without values of the notice
  Micros not_before = 0;  // later: the other side's wish, from now; 0: none
};

// One thread.
class Outlet {
 public:
  virtual ~Outlet() = default;
  // Sending one notice again has no further effect, so a notice whose fate is unknown is simply sent again.
  virtual bool is_repeatable() const = 0;
  // What must be remembered before the first try; called once a notice.
  virtual std::string place() { return {}; }
  // Returns within about the configured timeout. Throws nothing but what also stops the desk.
  virtual Delivery send(const Notice& notice) = 0;
};

// Secrets are read and programs looked for when a notice is sent. Times are taken from the clock.
std::unique_ptr<Outlet> make_outlet(const OutletConfig& config, const Clock& clock);

// The JSON object that webhooks, commands and files get: id, event, subject, made and fields.
std::string json_of(const Notice& notice);

}  // namespace qianzhi::desk

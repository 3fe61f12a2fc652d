// A hub whose keys, batches and identities are the same in every run, so that what was signed for the corpus holds.
#pragma once

#include <fstream>
#include <optional>
#include <sstream>

#include "tests/fuzz/quiet.h"
#include "tests/support/seal_samples.h"
#include "tests/unit/hub_support.h"

namespace qianzhi::test {

inline seal::SigningKey fixed_key(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(std::string(QIANZHI_GOLDEN) + "/keys/" + name + ".pem").rdbuf();
  return seal::SigningKey::from_pem(text.str());
}

class FixedHub {
 public:
  FixedHub() {
    world.hub.reset();
    world.directory = {};
    world.key = fixed_key("provider");
    world.hub_key = world.directory_key = fixed_key("hub");
    world.tax_key = world.other_key = fixed_key("stranger");
    world.options.directory_key = world.directory_key.record();
    world.make_directory();
    world.install();
    stream.emplace(StreamId{"commerce-01", firms}, world.key, salts);
    batches = {stream->begin(), stream->rows({"440103", "440104"}), stream->end(), stream->change()};
    next = stream->change({"440103"});
    restart();
  }

  // The hub as at first: its store holds the four batches, and nothing else happened.
  void restart() {
    world.hub.reset();
    for (const char* suffix : {"", "-wal", "-shm"})
      std::filesystem::remove(world.dir / (std::string("fixed.db") + suffix));
    world.options.store = world.dir / "fixed.db";
    identities = {};
    world.sessions.clear();
    world.hub = std::make_unique<hub::Exchange>(world.options, world.clock, identities, world.hub_key, world.directory,
                                                world.sealed);
    QZ_ASSERT(world.post(batches).outcome() == wire::ACCEPTED);
    changes = world.hub->changes();
  }

  bool is_as_at_first() const {
    const std::vector<hub::StreamStatus> status = world.hub->status();
    return world.hub->stopped().code.empty() && status.size() == 1 && status[0].batches == batches.size() &&
           !status[0].halted && status[0].evidence == 0;
  }

  HubWorld world;
  CountingRandom salts;
  CountingRandom identities;
  std::optional<Chain> stream;
  std::vector<seal::Sealed> batches;  // in the hub
  seal::Sealed next;                  // not yet
  std::uint64_t changes = 0;
};

}  // namespace qianzhi::test

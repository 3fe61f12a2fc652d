// The hub's box for parcels (PROTOCOL.md section 17): what one agent sent waits here, durably, until the other has it.
// A SQLite file of its own beside the hub's log. What was taken is remembered by id and digest until its deadline, so
// that a late repeat is known. The box verifies nothing and judges nobody's rights: give it what seal::open_head()
// gave.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/seal/parcel.h"

namespace qianzhi::hub {

// Of what waits. `pair`: from one agent to one other, so that a reader who takes nothing shuts out nobody but those who
// write to him. A parcel that would go beyond one is refused and may be sent again later.
struct ParcelBoxLimits {
  std::uint64_t pair_octets = 64ULL << 20U;
  std::uint64_t sender_octets = 1ULL << 30U;
  std::uint64_t box_octets = 8ULL << 30U;
  std::uint64_t sender_remembered = 2'000'000;  // parcels of one sender, taken ones too
};

enum class PutOutcome {
  kept,           // durably
  repeated,       // this very parcel is or was here: as kept, nothing changed
  contradiction,  // another one of this sender and id is: an agent asks once, and answers or refuses once
  late,           // its deadline has passed
  sender_full,    // of sender or pair: later
  box_full,       // later
};

// Empty for kept and repeated. Else QZ-SEAL-110 contradiction, 111 late, 112 sender_full, 113 box_full.
std::string_view code_of(PutOutcome outcome);

struct OfferedParcel {
  const seal::ParcelHead& head;
  std::string_view octets;  // a serialised wire::Parcel
};

struct WaitingParcel {
  std::uint64_t place = 0;  // grows with each parcel put, never used twice
  Digest digest;            // of the head: its name
  Bytes octets;
};

// What the box knows of a parcel until its deadline.
struct RememberedParcel {
  seal::ParcelKind kind = seal::ParcelKind::ask;
  std::string from;
  std::string to;
  std::string service;
  std::uint32_t questions = 0;
  Micros deadline = 0;
  bool taken = false;
};

struct ParcelBoxTotals {
  std::uint64_t waiting = 0;
  std::uint64_t waiting_octets = 0;
  std::uint64_t remembered = 0;  // waiting ones included
};

// Safe to call from many threads; one call at a time is served. Throws as hub-protocol/sqlite does; after `corrupt`
// the box must not be used any more and the process must end (pitfall 36).
class ParcelBox {
 public:
  // Makes the file if it is not there. Throws Error(misuse, QZ-HUB-029): a file of something else; Error(corrupt,
  // QZ-HUB-032): damaged, which is looked for when it was not closed in order. vfs: empty but in simulations.
  explicit ParcelBox(const std::filesystem::path& file, const ParcelBoxLimits& limits = {},
                     const std::string& vfs = {});
  ~ParcelBox();
  ParcelBox(const ParcelBox&) = delete;
  ParcelBox& operator=(const ParcelBox&) = delete;

  // One outcome each, in order; all of a call in one durable commit. A repeat is known even after its deadline as long
  // as expire() has not let go of it.
  std::vector<PutOutcome> put(std::span<const OfferedParcel> parcels, Micros now);
  PutOutcome put(std::string_view octets, const seal::ParcelHead& head, Micros now);

  // Oldest first, behind `after` (0: from the first), until they would be more than most_octets; one always fits.
  // Those whose deadline has passed are left out.
  std::vector<WaitingParcel> waiting_for(std::string_view agent, std::uint64_t most_octets, std::uint64_t after,
                                         Micros now) const;
  bool waits_for(std::string_view agent, Micros now) const;

  // The agent has these durably: their content goes. Others' parcels and unknown ones are passed over. Gives what was
  // let go of now.
  std::vector<RememberedParcel> taken(std::string_view agent, std::span<const Digest> digests);

  std::optional<RememberedParcel> find(const Digest& digest) const;

  // Forgets all whose deadline has passed. Gives those that nobody took.
  std::vector<RememberedParcel> expire(Micros now);

  ParcelBoxTotals totals() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianzhi::hub

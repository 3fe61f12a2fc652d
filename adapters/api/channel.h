// Frames over a stream socket: four octets of length, big-endian, then that many octets.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::adapter {

// Frozen: a longer frame is refused before memory is taken for it.
inline constexpr std::size_t longest_frame = 64U << 20U;

// Owns nothing: whoever made the descriptor closes it. One thread at a time.
class Channel {
 public:
  explicit Channel(int descriptor) : descriptor_(descriptor) {}

  // Throws Error(rejected, QZ-ADP-005) if it is too long, Error(unavailable, QZ-ADP-002) if the other side is gone,
  // Error(unavailable, QZ-ADP-003) when it has not taken the whole frame in time. No clock: waits for ever.
  void send(std::string_view frame, const Clock* clock, Micros timeout);
  // The frame, valid until the next call. Nothing: the other side closed between two frames. clock and timeout: throws
  // Error(unavailable, QZ-ADP-003) when the whole frame has not come in time; no clock: waits for ever. Throws
  // Error(corrupt, QZ-ADP-005) for a frame that is too long, Error(unavailable, QZ-ADP-002) for half a frame.
  std::optional<std::string_view> receive(const Clock* clock, Micros timeout);
  // Whenever this side waits without a clock, what comes here is taken meanwhile. descriptor: -1: nothing comes now.
  // take: false: enough until the next wait. Neither throws.
  struct Input {
    std::function<int()> descriptor;
    std::function<bool()> take;
  };
  void set_input(Input input) { input_ = std::move(input); }
  // Something has come that was not received yet.
  bool has_unread() const;

 private:
  // Returns how many octets came before the other side closed.
  std::size_t fill(char* data, std::size_t size, const Clock* clock, Micros deadline);

  void wait_ready(short events, const Clock* clock, Micros deadline);
  void send_all(const char* data, std::size_t size, const Clock* clock, Micros deadline);

  int descriptor_;
  Input input_;
  Bytes buffer_;
};

}  // namespace qianzhi::adapter

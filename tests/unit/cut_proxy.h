// Between a client and a server: passes TCP octets on, counts them, and cuts the connection after the N-th.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>

namespace qianzhi::test {

enum class Way { to_server, to_client };

class CutProxy {
 public:
  // Listens on loopback.
  explicit CutProxy(std::uint16_t server_port);
  ~CutProxy();
  CutProxy(const CutProxy&) = delete;
  CutProxy& operator=(const CutProxy&) = delete;

  std::uint16_t port() const { return port_; }
  // Once so many more octets went this way both ends are closed: orderly, or with a reset. Then so many connections
  // are ended as soon as they are made. Everything later passes until the next call.
  void cut_after(Way way, std::uint64_t octets, bool reset, int refused_then);
  // Octets that passed since the last call.
  std::uint64_t passed(Way way) const;
  bool has_cut() const { return has_cut_; }
  void pass_all();

 private:
  struct Cut {
    Way way;
    bool reset;
    std::uint64_t left;
    int refused_then;
  };
  struct Pair {
    int client;
    int server;
  };
  void run();
  bool refuses();
  bool pass(const Pair& pair, Way way);
  void close_pair(const Pair& pair, bool reset);

  std::uint16_t server_port_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::array<int, 2> stop_{};
  mutable std::mutex mutex_;
  std::optional<Cut> cut_;
  int refused_ = 0;  // connections still to be ended at once
  std::array<std::uint64_t, 2> passed_{};
  std::atomic<bool> has_cut_{false};
  std::thread thread_;
};

}  // namespace qianzhi::test

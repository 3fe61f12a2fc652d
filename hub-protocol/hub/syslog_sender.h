// Sends lines to a syslog collector without ever waiting for it. What could not be sent is asked for again later: the
// audit trail itself is the queue.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace qianzhi::hub {

// Neither: nothing is sent.
struct SyslogPlace {
  std::filesystem::path socket;  // datagrams to this Unix socket: /dev/log
  std::string host;              // or TCP to this IP address, octet-counted (RFC 6587, 3.4.1)
  std::uint16_t port = 0;
  bool is_set() const { return !socket.empty() || !host.empty(); }
};

// Belongs to one thread at a time.
class SyslogSender {
 public:
  explicit SyslogSender(SyslogPlace place) : place_(std::move(place)) {}
  ~SyslogSender();
  SyslogSender(const SyslogSender&) = delete;
  SyslogSender& operator=(const SyslogSender&) = delete;

  // False: not now, try the same line later. Over TCP true means that it is on its way: what was under way when a
  // connection broke may be lost there. Lines over 8,000 octets are cut.
  bool send(std::string_view line);

 private:
  bool is_open();
  bool flush();
  void close();

  const SyslogPlace place_;
  int socket_ = -1;
  bool connecting_ = false;
  std::string pending_;  // of a line over TCP, not written yet
};

}  // namespace qianzhi::hub

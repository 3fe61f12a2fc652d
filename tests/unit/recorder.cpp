#include "recorder.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zstd.h>

#include <array>
#include <stdexcept>

#include "hub-protocol/base/error.h"

namespace qianzhi::test {

namespace {
constexpr Micros call_patience = 40'000'000;
}

void Recorder::connect() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  inet_pton(AF_INET, address_.c_str(), &address.sin_addr);
  address.sin_port = htons(port_);
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("the hub does not listen");
  stream_ = std::make_unique<TlsStream>(std::make_shared<const TlsContext>(files_, TlsRole::client), fd_, clock_,
                                        address_ == "127.0.0.1" ? "localhost" : address_);
  stream_->handshake(clock_.steady() + call_patience);
}

void Recorder::hang_up() {
  stream_.reset();
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

bool Recorder::read_more() {
  std::array<char, 8192> piece{};
  std::size_t got = 0;
  if (stream_->read(piece.data(), piece.size(), got, clock_.steady() + call_patience) != TlsResult::ok) return false;
  record_.append(piece.data(), got);
  return true;
}

std::string Recorder::call(const std::string& path, const std::string& body) {
  if (stream_ == nullptr || stream_->hung_up(true)) {
    hang_up();
    connect();
  }
  status_ = 0;
  const std::size_t begins = record_.size();
  const std::string request = "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: ";
  stream_->write(request + std::to_string(body.size()) + "\r\n\r\n" + body, clock_.steady() + call_patience);
  std::size_t end = std::string::npos;
  while ((end = record_.find("\r\n\r\n", begins)) == std::string::npos)
    if (!read_more()) return hang_up(), std::string();
  const std::string head = record_.substr(begins, end - begins);
  heads_ += head + "\n";
  status_ = std::stoi(head.substr(9));
  const std::size_t size = std::stoul(head.substr(head.find("Content-Length: ") + 16));
  while (record_.size() < end + 4 + size)
    if (!read_more()) return hang_up(), std::string();
  if (head.find("Connection: close") != std::string::npos) hang_up();
  return record_.substr(end + 4, size);
}

void Recorder::refuse(const std::string& body) const {
  wire::Problem problem;
  if (!problem.ParseFromString(body)) problem.Clear();
  throw Error(ErrorKind::rejected, problem.code().empty() ? "QZ-LINK-007" : problem.code(), std::to_string(status_));
}

std::string unpacked(const std::string& octets) {
  constexpr std::string_view magic = "\x28\xb5\x2f\xfd";
  constexpr unsigned long long most = 64U << 20U;
  std::string all = octets;
  for (std::size_t at = octets.find(magic); at != std::string::npos; at = octets.find(magic, at + 1)) {
    const unsigned long long size = ZSTD_getFrameContentSize(octets.data() + at, octets.size() - at);
    const std::size_t frame = ZSTD_findFrameCompressedSize(octets.data() + at, octets.size() - at);
    if (ZSTD_isError(frame) != 0 || size > most) continue;
    std::string raw(size, '\0');
    if (ZSTD_isError(ZSTD_decompress(raw.data(), raw.size(), octets.data() + at, frame)) == 0) all += raw;
  }
  return all;
}

}  // namespace qianzhi::test

// The smallest HTTP client that tests of the desk need: one request, one answer, then the end.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>

namespace qianzhi::test {

struct DeskReply {
  int status = 0;
  std::string head;
  std::string body;

  // Empty: it is not there.
  std::string header(const std::string& name) const {
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const std::size_t begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

class DeskHttp {
 public:
  explicit DeskHttp(std::uint16_t port) : port_(port) {}

  std::string host() const { return "127.0.0.1:" + std::to_string(port_); }

  DeskReply get(const std::string& path) const {
    return raw("GET " + path + " HTTP/1.1\r\nHost: " + host() + "\r\n\r\n");
  }

  // headers: each with its line end.
  DeskReply post(const std::string& path, const std::string& body, const std::string& headers) const {
    const bool has_type = headers.find("Content-Type") != std::string::npos;
    return raw("POST " + path + " HTTP/1.1\r\nHost: " + host() + "\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n" + (has_type ? "" : "Content-Type: application/x-www-form-urlencoded\r\n") + headers + "\r\n" +
               body);
  }

  DeskReply raw(const std::string& request) const {
    const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string answer;
    if (connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      send(connection, request.data(), request.size(), MSG_NOSIGNAL);
      std::array<char, 4096> buffer{};
      for (;;) {
        const ssize_t size = recv(connection, buffer.data(), buffer.size(), 0);
        if (size <= 0) break;
        answer.append(buffer.data(), static_cast<std::size_t>(size));
      }
    }
    close(connection);
    return taken_apart(answer);
  }

  static DeskReply taken_apart(const std::string& answer) {
    DeskReply reply;
    const std::size_t end = answer.find("\r\n\r\n");
    if (end == std::string::npos) return reply;
    reply.head = answer.substr(0, end + 2);
    reply.body = answer.substr(end + 4);
    reply.status = std::stoi(answer.substr(answer.find(' ') + 1, 3));
    return reply;
  }

 private:
  std::uint16_t port_;
};

}  // namespace qianzhi::test

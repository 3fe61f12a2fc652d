// Real servers that a test talks to: HTTP and HTTPS, and SMTP with and without TLS, on loopback.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace qianzhi::test {

struct SeenRequest {
  std::string target;
  std::string body;
  std::map<std::string, std::string> headers;
};

struct WebReply {
  int status = 200;
  std::string retry_after = {};
  std::string location = {};
  bool cut = false;  // the connection ends without an answer
};

class WebServer {
 public:
  // answers: one a request, the last one for all further ones. certificate: PEM without ".crt" and ".key"; empty: http.
  explicit WebServer(std::vector<WebReply> answers = {{}}, const std::filesystem::path& certificate = {});
  ~WebServer();
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

  std::string url(const std::string& host = "localhost") const;
  std::vector<SeenRequest> seen() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

enum class MailMood {
  takes,        // every mail
  busy,         // 421 instead of a greeting
  no_receiver,  // 550 to every receiver
  dies,         // after the text, before it answers
};

class MailServer {
 public:
  // starttls: offered. certificate: as above; with it and without starttls TLS from the first octet.
  explicit MailServer(MailMood mood, const std::filesystem::path& certificate = {}, bool starttls = false);
  ~MailServer();
  MailServer(const MailServer&) = delete;
  MailServer& operator=(const MailServer&) = delete;

  std::uint16_t port() const;
  std::vector<std::string> mails() const;  // their texts, as they came
  bool was_encrypted() const;              // when the newest one came

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianzhi::test

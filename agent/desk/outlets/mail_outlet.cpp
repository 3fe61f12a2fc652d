#include "agent/desk/outlets/mail_outlet.h"

#include <Poco/Exception.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/DialogSocket.h>
#include <Poco/Net/MailMessage.h>
#include <Poco/Net/MailRecipient.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SMTPClientSession.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Timespan.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <utility>

#include "agent/config/loader.h"
#include "agent/desk/outlets/cut_off.h"
#include "agent/desk/outlets/tls_client.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::desk {

namespace mail = Poco::Net;

namespace {

constexpr std::size_t longest_address = 254;
constexpr std::size_t longest_subject = 300;

std::string field_of(const Notice& notice, const std::string& name) {
  const auto found = notice.fields.find(name);
  return found == notice.fields.end() ? std::string() : found->second;
}

// A header must stay one line, whatever a row holds.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  if (text.size() <= longest_subject) return text;
  std::size_t end = longest_subject;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

std::string domain_of(const std::string& address) { return address.substr(address.find('@') + 1); }

// POCO folds a long header line anywhere, and an id that is folded is another one.
std::string message_id(const std::string& token, const std::string& domain) {
  constexpr std::size_t digits = 32;
  constexpr std::size_t longest_domain = 20;
  return "<" + token.substr(0, digits) + "@" + (domain.size() > longest_domain ? "desk.invalid" : domain) + ">";
}

// POCO's own session knows the server's name, which TLS must compare, only where it connects without a timeout.
class MailSession final : public mail::SMTPClientSession {
 public:
  using mail::SMTPClientSession::SMTPClientSession;
  int descriptor() { return socket().impl()->sockfd(); }
  bool start_tls(const std::string& host, const std::filesystem::path& trust) {
    std::string response;
    if (sendCommand("STARTTLS", response) != ready_for_tls) return false;
    socket() = mail::SecureStreamSocket::attach(socket(), host, tls_client(trust));
    return true;
  }

 private:
  static constexpr int ready_for_tls = 220;
};

// A session with its end, which must be gone first.
struct LimitedSession {
  std::unique_ptr<MailSession> session;
  std::unique_ptr<CutOff> cut_off;
};

// A session that is ready for a mail; nothing: the server cannot be spoken to as configured. Throws Poco::Exception.
LimitedSession open_session(const MailConfig& config, Micros timeout) {
  const Poco::Timespan patience(timeout);
  const mail::SocketAddress address(config.host, config.port);
  std::unique_ptr<MailSession> session;
  if (config.security == MailSecurity::tls) {
    mail::SecureStreamSocket socket(tls_client(config.trust));
    socket.setPeerHostName(config.host);
    socket.connect(address, patience);
    session = std::make_unique<MailSession>(socket);
  } else {
    mail::StreamSocket socket;
    socket.connect(address, patience);
    session = std::make_unique<MailSession>(socket);
  }
  session->setTimeout(patience);
  // A mail has a dozen questions and answers.
  auto cut_off = std::make_unique<CutOff>(session->descriptor(), 3 * timeout);
  const std::string name = domain_of(config.from);
  session->login(name);
  if (config.security == MailSecurity::starttls) {
    if (!session->start_tls(config.host, config.trust)) return {};
    session->login(name);
  }
  if (!config.user.empty()) {
    const std::string password = config::read_secret({config.password->file, config.password->credential});
    session->login(name, mail::SMTPClientSession::AUTH_PLAIN, config.user, password);
  }
  return {std::move(session), std::move(cut_off)};
}

constexpr int lowest_answer = 100;
constexpr int rejected_for_good = 500;

Delivery lost(bool handed_over, const std::string& why) {
  if (handed_over) return {Delivery::Verdict::uncertain, "QZ-DSK-103 " + why};
  return {Delivery::Verdict::later, "QZ-DSK-101 " + why};
}

}  // namespace

bool is_mail_address(std::string_view text) {
  const std::size_t at = text.find('@');
  if (text.size() > longest_address || at == std::string_view::npos || at == 0 || at + 1 == text.size()) return false;
  if (text.find('@', at + 1) != std::string_view::npos) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7F && std::string_view("<>()[],;:\\\"").find(c) == std::string_view::npos;
  });
}

MailOutlet::MailOutlet(MailConfig config, Micros timeout) : config_(std::move(config)), timeout_(timeout) {}

std::string MailOutlet::text_of(const Notice& notice, const std::vector<std::string>& receivers) const {
  mail::MailMessage message;
  message.setSender(config_.from);
  for (const std::string& receiver : receivers)
    message.addRecipient(mail::MailRecipient(mail::MailRecipient::PRIMARY_RECIPIENT, receiver));
  message.setSubject(mail::MailMessage::encodeWord(one_line(field_of(notice, config_.subject_field)), "UTF-8"));
  message.setContentType("text/plain; charset=UTF-8");
  message.setContent(field_of(notice, config_.text_field), mail::MailMessage::ENCODING_BASE64);
  message.set("Message-ID", message_id(notice.token, domain_of(config_.from)));
  message.set("Auto-Submitted", "auto-generated");
  std::ostringstream text;
  message.write(text);
  return text.str();
}

Delivery MailOutlet::send(const Notice& notice) {
  std::vector<std::string> receivers = config_.to;
  if (!config_.to_field.empty()) receivers.push_back(field_of(notice, config_.to_field));
  for (const std::string& receiver : receivers)
    if (!is_mail_address(receiver)) return {Delivery::Verdict::refused, "QZ-DSK-102 no mail address"};
  bool handed_over = false;
  try {
    const LimitedSession limited = open_session(config_, timeout_);
    MailSession* session = limited.session.get();
    if (session == nullptr) return {Delivery::Verdict::later, "QZ-DSK-101 the server offers no STARTTLS"};
    mail::SMTPClientSession::Recipients to;
    for (const std::string& receiver : receivers) to.push_back(receiver);
    session->sendAddresses(config_.from, to);
    session->sendData();
    std::istringstream text(text_of(notice, receivers));
    handed_over = true;
    session->sendMessage(text);
    // It is accepted; how the conversation ends does not matter any more.
    try {
      session->close();
    } catch (const Poco::Exception&) {
    }
    return {Delivery::Verdict::sent, "accepted"};
  } catch (const mail::SMTPException& answer) {
    if (answer.code() < lowest_answer) return lost(handed_over, "the server left");
    // The server has answered, so it says what became of it.
    const std::string said = "SMTP " + std::to_string(answer.code());
    if (answer.code() >= rejected_for_good) return {Delivery::Verdict::refused, "QZ-DSK-102 " + said};
    return {Delivery::Verdict::later, "QZ-DSK-101 " + said};
  } catch (const Poco::Exception& fault) {
    return lost(handed_over, fault.displayText());
  } catch (const Error& error) {
    return {Delivery::Verdict::later, error.code() + " " + error.detail()};
  }
}

}  // namespace qianzhi::desk

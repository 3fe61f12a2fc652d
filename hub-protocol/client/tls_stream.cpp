#include "hub-protocol/client/tls_stream.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include "hub-protocol/base/error.h"

namespace qianzhi {

namespace {

bool is_address(const std::string& host) {
  in6_addr ignored{};
  return inet_pton(AF_INET, host.c_str(), &ignored) == 1 || inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

bool expect_host(SSL* ssl, const std::string& host) {
  X509_VERIFY_PARAM* rules = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  if (is_address(host)) return X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1;
  std::string name = host;
  return SSL_set1_host(ssl, host.c_str()) == 1 &&
         SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1;
}

// OpenSSL's own socket BIO writes with write(2): whoever hangs up on us would end the process by SIGPIPE.
int quiet_write(BIO* bio, const char* octets, int size) {
  int fd = -1;
  BIO_get_fd(bio, &fd);
  BIO_clear_retry_flags(bio);
  const auto written = static_cast<int>(send(fd, octets, static_cast<std::size_t>(size), MSG_NOSIGNAL));
  if (written <= 0 && BIO_sock_should_retry(written) != 0) BIO_set_retry_write(bio);
  return written;
}

using BioMethod = std::unique_ptr<BIO_METHOD, void (*)(BIO_METHOD*)>;

BioMethod make_quiet_socket() {
  BioMethod method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR, "quiet socket"),
                   BIO_meth_free);
  const BIO_METHOD* plain = BIO_s_socket();
  const bool made = method != nullptr && BIO_meth_set_read(method.get(), BIO_meth_get_read(plain)) == 1 &&
                    BIO_meth_set_write(method.get(), quiet_write) == 1 &&
                    BIO_meth_set_ctrl(method.get(), BIO_meth_get_ctrl(plain)) == 1 &&
                    BIO_meth_set_create(method.get(), BIO_meth_get_create(plain)) == 1 &&
                    BIO_meth_set_destroy(method.get(), BIO_meth_get_destroy(plain)) == 1;
  if (!made) method.reset();
  return method;
}

Bytes der_of(const X509* certificate) {
  if (certificate == nullptr) return {};
  const int size = i2d_X509(certificate, nullptr);
  Bytes der(static_cast<std::size_t>(std::max(size, 0)), '\0');
  auto* into = reinterpret_cast<unsigned char*>(der.data());
  return size > 0 && i2d_X509(certificate, &into) == size ? der : Bytes();
}

bool use_socket(SSL* ssl, int fd) {
  static const BioMethod method = make_quiet_socket();
  BIO* bio = method == nullptr ? nullptr : BIO_new(method.get());
  if (bio == nullptr) return false;
  BIO_set_fd(bio, fd, BIO_NOCLOSE);
  SSL_set_bio(ssl, bio, bio);
  return true;
}

}  // namespace

TlsStream::TlsStream(std::shared_ptr<const TlsContext> context, int fd, const Clock& clock, const std::string& host)
    : context_(std::move(context)), ssl_(SSL_new(context_->native()), SSL_free), fd_(fd), clock_(clock) {
  const bool client = context_->role() == TlsRole::client;
  const int flags = fcntl(fd, F_GETFL);
  const bool ready = ssl_ != nullptr && flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
                     use_socket(ssl_.get(), fd) && (!client || expect_host(ssl_.get(), host));
  if (!ready) throw Error(ErrorKind::unavailable, "QZ-LINK-003", "no TLS connection object");
  if (client) {
    SSL_set_connect_state(ssl_.get());
  } else {
    SSL_set_accept_state(ssl_.get());
  }
}

TlsStream::~TlsStream() {
  // The close notice may not block and may not repeat a write that failed.
  if (reason_.empty() && SSL_is_init_finished(ssl_.get()) == 1) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
  }
  ERR_clear_error();
}

bool TlsStream::wait_for(short events, Micros deadline) {
  for (;;) {
    const Micros left = deadline - clock_.steady();
    if (left <= 0) return false;
    pollfd waited{fd_, events, 0};
    const int ready = poll(&waited, 1, static_cast<int>(std::min<Micros>(left / 1000 + 1, INT_MAX)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return true;  // the next read or write reports the fault
  }
}

TlsResult TlsStream::judge(int error) {
  const unsigned long queued = ERR_peek_error();
  const long verified = SSL_get_verify_result(ssl_.get());
  const bool no_certificate = ERR_GET_REASON(queued) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE;
  const char* text = queued != 0 ? ERR_reason_error_string(queued) : nullptr;
  if (error == SSL_ERROR_ZERO_RETURN || ERR_GET_REASON(queued) == SSL_R_UNEXPECTED_EOF_WHILE_READING ||
      (error == SSL_ERROR_SYSCALL && (queued == 0 || ERR_SYSTEM_ERROR(queued)))) {
    reason_ = error == SSL_ERROR_SYSCALL && errno != 0 ? std::strerror(errno) : "connection closed";
    return TlsResult::closed;
  }
  if (ERR_GET_LIB(queued) == ERR_LIB_SSL && ERR_GET_REASON(queued) > SSL_AD_REASON_OFFSET) {
    alert_ = ERR_GET_REASON(queued) - SSL_AD_REASON_OFFSET;
    reason_ = text != nullptr ? text : "TLS alert";
    return TlsResult::alert;
  }
  if (verified != X509_V_OK || no_certificate) {
    reason_ = no_certificate ? "no certificate" : X509_verify_cert_error_string(verified);
    if (verified == X509_V_ERR_CERT_NOT_YET_VALID || verified == X509_V_ERR_CERT_HAS_EXPIRED)
      reason_ += ": by this machine's clock it is " + to_text(clock_.now());
    return TlsResult::certificate;
  }
  reason_ = text != nullptr ? text : "TLS failed";
  return TlsResult::failed;
}

// What a call that returned `returned` means: ok to repeat it, or its end.
TlsResult TlsStream::settle(int returned, Micros deadline) {
  const int error = SSL_get_error(ssl_.get(), returned);
  if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return judge(error);
  if (wait_for(error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline)) return TlsResult::ok;
  reason_ = "deadline passed";
  return TlsResult::timed_out;
}

TlsResult TlsStream::handshake(Micros deadline) {
  for (;;) {
    ERR_clear_error();
    errno = 0;
    const int returned = SSL_do_handshake(ssl_.get());
    if (returned == 1) return TlsResult::ok;
    if (const TlsResult result = settle(returned, deadline); result != TlsResult::ok) return result;
  }
}

TlsResult TlsStream::read(char* into, std::size_t room, std::size_t& got, Micros deadline) {
  got = 0;
  for (;;) {
    ERR_clear_error();
    errno = 0;
    if (SSL_read_ex(ssl_.get(), into, room, &got) == 1) return TlsResult::ok;
    if (const TlsResult result = settle(0, deadline); result != TlsResult::ok) return result;
  }
}

TlsResult TlsStream::write(std::string_view octets, Micros deadline) {
  std::size_t written = 0;
  while (!octets.empty()) {
    ERR_clear_error();
    errno = 0;
    if (SSL_write_ex(ssl_.get(), octets.data(), octets.size(), &written) == 1) {
      octets.remove_prefix(written);
    } else if (const TlsResult result = settle(0, deadline); result != TlsResult::ok) {
      return result;
    }
  }
  return TlsResult::ok;
}

bool TlsStream::hung_up(bool nothing_expected) const {
  pollfd seen{fd_, static_cast<short>(POLLIN | POLLRDHUP), 0};
  if (poll(&seen, 1, 0) <= 0) return false;
  return (seen.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0 || (nothing_expected && (seen.revents & POLLIN) != 0);
}

void TlsStream::drain(std::size_t limit, Micros deadline) {
  if (reason_.empty()) SSL_shutdown(ssl_.get());
  ERR_clear_error();
  if (reason_.empty()) reason_ = "connection ended";
  ::shutdown(fd_, SHUT_WR);
  std::array<char, 16384> thrown_away{};
  std::size_t total = 0;
  while (total < limit && wait_for(POLLIN, deadline)) {
    const ssize_t got = recv(fd_, thrown_away.data(), thrown_away.size(), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return;
    if (got > 0) total += static_cast<std::size_t>(got);
  }
}

Bytes TlsStream::peer_certificate() const { return der_of(SSL_get0_peer_certificate(ssl_.get())); }

Bytes TlsStream::anchor() const {
  STACK_OF(X509)* chain = SSL_get0_verified_chain(ssl_.get());
  const int size = chain == nullptr ? 0 : sk_X509_num(chain);
  return size == 0 ? Bytes() : der_of(sk_X509_value(chain, size - 1));
}

std::string TlsStream::refused_under(const TlsContext& context) const {
  const std::unique_ptr<X509_STORE_CTX, void (*)(X509_STORE_CTX*)> check(X509_STORE_CTX_new(), X509_STORE_CTX_free);
  X509* certificate = SSL_get0_peer_certificate(ssl_.get());
  STACK_OF(X509)* chain = SSL_get_peer_cert_chain(ssl_.get());
  X509_STORE* store = SSL_CTX_get_cert_store(context.native());
  if (check == nullptr || X509_STORE_CTX_init(check.get(), store, certificate, chain) != 1 ||
      X509_STORE_CTX_set_default(check.get(), "ssl_client") != 1) {
    return "certificate cannot be checked";
  }
  const int good = X509_verify_cert(check.get());
  const int fault = X509_STORE_CTX_get_error(check.get());
  ERR_clear_error();
  return good == 1 ? std::string() : X509_verify_cert_error_string(fault);
}

}  // namespace qianzhi

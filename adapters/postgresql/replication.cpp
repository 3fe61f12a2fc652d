#include "adapters/postgresql/replication.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "adapters/postgresql/failure.h"
#include "adapters/postgresql/names.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

constexpr Micros status_interval = 5'000'000;  // well under our wal_sender_timeout (15 s)
constexpr Micros urgent_interval = 1'000'000;
constexpr std::size_t most_ahead = 2U << 20U;  // of octets that nobody has asked for yet
constexpr std::size_t data_header = 25;        // 'w', start, end, time
constexpr std::size_t keepalive_message = 18;  // 'k', end, time, reply

std::uint64_t big_endian(const char* octets) {
  std::uint64_t bits = 0;
  for (int i = 0; i < 8; ++i) bits = bits << 8U | static_cast<unsigned char>(octets[i]);
  return bits;
}

// Waits for input; true if there is some.
bool wait_for_input(PGconn* connection, Micros wait) {
  pollfd input{PQsocket(connection), POLLIN, 0};
  const Micros milliseconds = std::clamp<Micros>((wait + 999) / 1000, 0, 60'000);
  return poll(&input, 1, static_cast<int>(milliseconds)) > 0;
}

void cancel(PGconn* connection) {
  std::array<char, 256> ignored{};
  PGcancel* handle = PQgetCancel(connection);
  PQcancel(handle, ignored.data(), static_cast<int>(ignored.size()));
  PQfreeCancel(handle);
}

}  // namespace

ReplicationStream::ReplicationStream(const adapter::Connection& connection, const Clock& clock)
    : clock_(clock), session_(connection, Purpose::replicate), buffer_(nullptr, &free_buffer) {}

ReplicationStream::~ReplicationStream() {
  // Ends the walsender at once; otherwise the slot stays busy until its next write fails.
  if (streaming_ && !session_.is_broken()) {
    PQputCopyEnd(session_.handle(), nullptr);
    PQflush(session_.handle());
  }
}

void ReplicationStream::free_buffer(char* buffer) { PQfreemem(buffer); }

ServerIdentity ReplicationStream::identify() {
  const Result found = session_.run("IDENTIFY_SYSTEM", "asking who the server is");
  ServerIdentity identity;
  const std::string_view system = found.view(0, 0);
  std::from_chars(system.data(), system.data() + system.size(), identity.system);
  identity.timeline = static_cast<std::uint32_t>(found.integer(0, 1));
  identity.flushed = lsn_of(found.view(0, 2));
  return identity;
}

void ReplicationStream::create_slot(const std::string& slot, Micros patience) {
  PGconn* connection = session_.handle();
  const std::string command = "CREATE_REPLICATION_SLOT " + quote_name(slot) + " LOGICAL pgoutput NOEXPORT_SNAPSHOT";
  const Micros deadline = clock_.steady() + patience;
  if (PQsendQuery(connection, command.c_str()) == 0) throw error_of(nullptr, connection, "creating the slot");
  bool patient = true;
  while (PQisBusy(connection) != 0) {
    const Micros left = deadline - clock_.steady();
    if (left <= 0 && patient) {
      patient = false;
      cancel(connection);
    }
    wait_for_input(connection, std::max<Micros>(left, 100'000));
    if (PQconsumeInput(connection) == 0) throw error_of(nullptr, connection, "creating the slot");
  }
  const Result created(PQgetResult(connection));
  while (const auto rest = Result(PQgetResult(connection)).handle()) static_cast<void>(rest);
  if (!created.is_ok() && !patient)
    throw Error(
        ErrorKind::unavailable, "QZ-PG-006",
        "the slot cannot be created while writing transactions stay open in this server",
        "SELECT pid, usename, xact_start FROM pg_stat_activity WHERE backend_xid IS NOT NULL ORDER BY xact_start");
  session_.check(created, "creating the slot");
}

void ReplicationStream::drop_slot(const std::string& slot) {
  const Result dropped(PQexec(session_.handle(), ("DROP_REPLICATION_SLOT " + quote_name(slot)).c_str()));
  if (sqlstate_of(dropped.handle()) == "42704") return;  // undefined_object
  session_.check(dropped, "dropping the slot");
}

void ReplicationStream::start(const std::string& slot, const std::string& publication, Lsn confirmed) {
  // A list of names inside a string literal: own_name() made it, so it holds nothing that needs escaping.
  const std::string command = "START_REPLICATION SLOT " + quote_name(slot) +
                              " LOGICAL 0/0 (proto_version '1', publication_names '" + publication +
                              "', messages 'true')";
  const Result started(PQexec(session_.handle(), command.c_str()));
  session_.check(started, "starting replication");
  streaming_ = true;
  confirmed_ = confirmed;
  last_status_ = clock_.steady();
}

ReplicationStream::Received ReplicationStream::receive(Micros deadline) {
  Received received = Received::nothing;
  if (take_message(received)) return received;
  PGconn* connection = session_.handle();
  for (;;) {
    if (PQconsumeInput(connection) == 0) throw error_of(nullptr, connection, "reading the log");
    if (take_message(received)) return received;
    const Micros now = clock_.steady();
    if (now - last_status_ >= status_interval) send_status();
    const Micros wait = std::min(deadline, last_status_ + status_interval) - now;
    if (now >= deadline) return Received::nothing;
    wait_for_input(connection, wait);
  }
}

bool ReplicationStream::split_message() {
  char* data = nullptr;
  const int size = PQgetCopyData(session_.handle(), &data, 1);
  if (size == 0) return false;
  ended_ = size < 0;
  if (ended_) return false;
  ahead_ += static_cast<std::size_t>(size);
  waiting_.push_back({Buffer(data, &free_buffer), static_cast<std::size_t>(size)});
  return true;
}

bool ReplicationStream::take_message(Received& received) {
  if (waiting_.empty() && (ended_ || !split_message())) {
    if (!ended_) return false;
    received = end_of_stream();
    return true;
  }
  ahead_ -= waiting_.front().size;
  buffer_ = std::move(waiting_.front().octets);
  const char* data = buffer_.get();
  const std::string_view message(data, waiting_.front().size);
  waiting_.pop_front();
  if (message[0] == 'w' && message.size() >= data_header) {
    payload_ = message.substr(data_header);
    received = Received::message;
    return true;
  }
  if (message[0] != 'k' || message.size() < keepalive_message)
    throw Error(ErrorKind::corrupt, "QZ-PG-015", "a message of unknown kind in the replication stream");
  log_end_ = big_endian(data + 1);
  if (message[17] != 0) answer_request();
  received = Received::keepalive;
  return true;
}

// An idle server asks for a sign of life every few seconds. One that is shutting down asks again at once, until all its
// log is confirmed, and we confirm only what is durable with us: let go, so that the DBA's restart does not wait for
// us.
void ReplicationStream::answer_request() {
  const Micros now = clock_.steady();
  const bool again = last_request_ != 0 && now - last_request_ < urgent_interval && log_end_ == requested_end_;
  last_request_ = now;
  requested_end_ = log_end_;
  if (again) throw Error(ErrorKind::unavailable, "QZ-PG-001", "the server is shutting down");
  send_status();
}

ReplicationStream::Received ReplicationStream::end_of_stream() {
  streaming_ = false;
  ended_ = false;
  const Result result(PQgetResult(session_.handle()));
  if (result.handle() != nullptr && result.is_ok())
    throw Error(ErrorKind::unavailable, "QZ-PG-001", "the server ended the stream");
  if (sqlstate_of(result.handle()) == "42704") return Received::no_publication;  // undefined_object
  throw error_of(result.handle(), session_.handle(), "reading the log");
}

int ReplicationStream::input() const { return streaming_ ? PQsocket(session_.handle()) : -1; }

bool ReplicationStream::take_input() {
  if (!streaming_ || ended_ || ahead_ >= most_ahead || PQconsumeInput(session_.handle()) == 0) return false;
  while (split_message()) {
  }
  return !ended_ && ahead_ < most_ahead;
}

void ReplicationStream::confirm(Lsn lsn) {
  if (lsn <= confirmed_ || !streaming_) return;
  confirmed_ = lsn;
  send_status();
}

void ReplicationStream::send_status() {
  // Written, flushed and applied are all what is durable with us: the server then sends a keepalive whenever its log
  // has grown beyond that, which is how our position moves while nothing of ours happens.
  std::array<char, 34> status{};
  status[0] = 'r';
  const auto put = [&status](std::size_t at, std::uint64_t value) {
    for (std::size_t i = 0; i < 8; ++i) status[at + i] = static_cast<char>((value >> (56 - 8 * i)) & 0xFFU);
  };
  put(1, confirmed_);
  put(9, confirmed_);
  put(17, confirmed_);
  put(25, static_cast<std::uint64_t>(clock_.now() - postgresql_epoch));
  PGconn* connection = session_.handle();
  if (PQputCopyData(connection, status.data(), static_cast<int>(status.size())) != 1 || PQflush(connection) != 0)
    throw error_of(nullptr, connection, "confirming to the server");
  last_status_ = clock_.steady();
}

}  // namespace qianzhi::postgresql

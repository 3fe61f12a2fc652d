// A replication connection: who the server is, our slot, and the stream of pgoutput messages with feedback.
// (PostgreSQL documentation, "Streaming Replication Protocol" and "Logical Streaming Replication Protocol".)
// One thread; throws as failure.h says. A slot in use by a walsender that has not yet noticed that its client is gone
// is unavailable QZ-PG-005: try again (pitfall 12).
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/api/adapter.h"
#include "adapters/postgresql/position.h"
#include "adapters/postgresql/session.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::postgresql {

struct ServerIdentity {
  std::uint64_t system = 0;
  std::uint32_t timeline = 0;
  Lsn flushed = 0;  // end of the durable log
};

class ReplicationStream {
 public:
  // Connects.
  ReplicationStream(const adapter::Connection& connection, const Clock& clock);
  ~ReplicationStream();

  ServerIdentity identify();

  // Before start(). The server waits for every open writing transaction to end; after `patience` this gives up with
  // unavailable QZ-PG-006 and leaves no slot behind.
  void create_slot(const std::string& slot, Micros patience);
  // No effect if there is no such slot.
  void drop_slot(const std::string& slot);

  // Streams from the slot's own confirmed position.
  void start(const std::string& slot, const std::string& publication, Lsn confirmed);

  enum class Received { message, keepalive, no_publication, nothing };
  // Waits until clock.steady() reaches deadline; a deadline in the past takes what is there.
  // message: payload() is set until the next call. keepalive: log_end() is set: everything that commits before it has
  // been sent. no_publication: the stream is over because the publication was not there when a change was made. Answers
  // the server's requests for feedback.
  Received receive(Micros deadline);
  std::string_view payload() const { return payload_; }
  Lsn log_end() const { return log_end_; }

  // Takes what the server has sent, without waiting and without an error, which receive() will tell. False: enough is
  // here, or nothing will come. input(): where it comes; -1: not streaming.
  bool take_input();
  int input() const;

  // The slot may forget what commits before lsn. Only ever something durable on our side (pitfall 3).
  void confirm(Lsn lsn);

 private:
  using Buffer = std::unique_ptr<char, void (*)(char*)>;
  struct Message {
    Buffer octets;
    std::size_t size = 0;
  };

  static void free_buffer(char* buffer);
  // One more message to waiting_, of what the client library holds.
  bool split_message();
  bool take_message(Received& received);
  Received end_of_stream();
  void answer_request();
  void send_status();

  const Clock& clock_;
  Session session_;
  Buffer buffer_;
  std::string_view payload_;
  Lsn log_end_ = 0;
  Lsn confirmed_ = 0;
  Micros last_status_ = 0;
  Micros last_request_ = 0;
  Lsn requested_end_ = 0;
  bool streaming_ = false;
  std::deque<Message> waiting_;
  std::size_t ahead_ = 0;  // octets in waiting_
  bool ended_ = false;     // after what is in waiting_
};

}  // namespace qianzhi::postgresql

// The durable outbox of what the desk tells others: one row a notice in desk.db, committed together with what caused
// it, never twice for the same (outlet, event, subject).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::desk {

// Names and texts that a notice carries.
using Fields = std::map<std::string, std::string>;

// A JSON object of texts, names in order.
std::string json_of(const Fields& fields);

enum class NoticeState {
  waiting,    // for its time, or for its turn
  sending,    // handed to the outlet; of a process that died: nobody knows what became of it
  sent,       // the outlet has it
  failed,     // the outlet will never take it, or it became too old
  uncertain,  // the outlet may have it; only a person, or a setting, lets it be sent again
  dropped,    // a person decided that it is not sent
};

std::string_view name_of(NoticeState state);

struct NewNotice {
  std::string outlet;
  std::string event;    // what happened: unique together with outlet and subject, for ever
  std::string subject;  // whom or what it is about
  std::string payload;  // a JSON object
};

struct Notice {
  std::int64_t id = 0;
  std::string outlet;
  std::string event;
  std::string subject;
  std::string token;  // handed to the outlet: 64 hexadecimal characters, the same each time, also after a restore
  std::string payload;
  Fields fields;  // of the payload; only due() fills it
  NoticeState state = NoticeState::waiting;
  int tries = 0;
  Micros made = 0;
  Micros next = 0;     // not before
  Micros tried = 0;    // last time; 0: never
  std::string place;   // what the outlet wanted remembered before its first try
  std::string result;  // code and words of the last try; no values
};

// One thread; the database is desk.db, and this its only writer.
class NoticeBox {
 public:
  // desk: id of this desk; part of every token. Creates the table if it is not there.
  NoticeBox(sqlite::Database& database, std::string desk);

  // In the caller's transaction. False: there is one of this outlet, event and subject already.
  bool add(const NewNotice& notice, Micros now);

  std::optional<Notice> find(std::int64_t id);
  // The oldest that are due at this outlet.
  std::vector<Notice> due(std::string_view outlet, Micros now, std::size_t most);
  // When the next one of this outlet is due; nothing: none waits.
  std::optional<Micros> next_due(std::string_view outlet);
  // Tries at this outlet since then.
  std::int64_t tries_since(std::string_view outlet, Micros since);
  // When it was tried last, so many tries ago; 0: there were fewer.
  Micros nth_last_try(std::string_view outlet, std::int64_t count);
  // Names of outlets that have notices in this state.
  std::vector<std::string> outlets_with(NoticeState state);
  // Of all outlets, the newest first.
  std::vector<Notice> list(std::optional<NoticeState> state, std::size_t most);
  std::map<std::string, std::int64_t> counts();  // by name of the state

  // Each in a transaction of its own.
  void start(const Notice& notice, std::string_view place, Micros now);
  void settle(const Notice& notice, NoticeState state, std::string_view result, Micros next, Micros now);
  // Those that a process which died was sending.
  std::int64_t release(std::string_view outlet, NoticeState state, std::string_view result, Micros now);
  // A person's decisions. Throw Error(rejected, QZ-DSK-107) if there is none in a state for it: failed or uncertain
  // (again), these or waiting (drop).
  void again(std::int64_t id, Micros now);
  void drop(std::int64_t id, Micros now);
  // Payloads of what was settled before then become {}: who was told what is kept no longer than needed.
  std::int64_t forget(Micros before);

 private:
  std::vector<Notice> read(sqlite::Statement& statement);

  sqlite::Database& database_;
  std::string desk_;
};

// Values of a JSON object; those that are objects and lists as JSON. Nothing if it is no object.
std::optional<Fields> fields_in(sqlite::Database& database, std::string_view json);

// SHA-256 in hexadecimal.
std::string sha256_hex(std::string_view octets);

}  // namespace qianzhi::desk

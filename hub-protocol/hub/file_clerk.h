// One request that came as a file: who signed it, is he welcome, is it the next one, and what is the answer. Reads and
// writes no folder of a gateway.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "hub-protocol/envelope/message.h"
#include "hub-protocol/envelope/party.h"
#include "hub-protocol/hub/conversations.h"
#include "hub-protocol/hub/exchange.h"
#include "hub-protocol/hub/handlers.h"

namespace qianzhi::hub {

enum class FileOutcome {
  answered,     // carried out, once
  repeated,     // answered before: the same octets again, without any effect
  dropped,      // older than what was answered: there is no reply
  unwelcome,    // the directory does not know this caller (any more)
  begins_again  // a number is missing before it, or the conversation is not known
};

struct FileAnswer {
  FileOutcome outcome = FileOutcome::answered;
  Bytes file;  // octets of the reply's file
};

// Belongs to one thread. All that is given must outlive it.
class FileClerk {
 public:
  // report hears of errors that became answers, with the agent; fatal of a store that failed.
  FileClerk(const Handlers& handlers, Conversations& conversations, const Clock& clock,
            std::function<void(const std::string& agent, const Error&)> report, std::function<void(const Error&)> fatal,
            Breakpoint breakpoint);

  // body: unframed; file: digest of the whole file. only: the one agent that this folder is for; empty: any.
  // Throws Error(rejected) for what no honest agent sends (it is set aside), Error(unavailable or full, QZ-LINK-128)
  // when the answer cannot be kept: then the file must come again, and what it did is not done twice.
  FileAnswer answer(const Party& party, const FileName& name, std::string_view body, const Digest& file,
                    const std::string& only);

 private:
  FileAnswer judge(const Party& party, const Opened& opened, const wire::FileMessage& request, const Digest& file);
  FileAnswer problem(const Party& party, const Opened& opened, const wire::FileMessage& request, const Digest& file,
                     const Error& error, FileOutcome outcome);
  FileAnswer start_again(const Party& party, const Opened& opened, const wire::FileMessage& request, const Digest& file,
                         const Error& error, Micros begin_after);
  Bytes reply_file(const Party& party, const Opened& opened, wire::FileMessage reply, const Digest& file) const;
  void reach(std::string_view point) const;

  const Handlers& handlers_;
  Conversations& conversations_;
  const Clock& clock_;
  std::function<void(const std::string&, const Error&)> report_;
  std::function<void(const Error&)> fatal_;
  Breakpoint breakpoint_;
};

}  // namespace qianzhi::hub

// The hub's way for agents that reach it by files only: folders that gateways carry requests into and replies out of
// (PROTOCOL.md, section on files). One thread; what one folder or one agent does never stops the others.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/envelope/folder.h"
#include "hub-protocol/envelope/party.h"
#include "hub-protocol/hub/file_clerk.h"

namespace qianzhi::hub {

struct FilePlace {
  std::string agent;  // only its files are taken; empty: those of any
  std::filesystem::path in;
  std::filesystem::path out;
};

struct FilePortLimits {
  std::size_t names = 10'000;              // looked at in one folder in one turn
  std::size_t requests = 8;                // of one agent in one turn
  std::size_t files = 64;                  // of one folder in one turn, those that are set aside included
  std::size_t replies = 64;                // of one agent that wait in the out folder: more requests wait, too
  std::uint64_t reply_octets = 1U << 30U;  // likewise
  Micros settle = 600'000'000;             // a file that is not whole and does not grow for so long is set aside
  Micros scan = 1'000'000;                 // how often the folders are looked at
};

struct FilePortOptions {
  std::vector<FilePlace> places;
  PartyFiles files;
  std::filesystem::path kept;  // folder of our own: Conversations
  FilePortLimits limits = {};
};

// where: folder or agent. Must not block.
using FileAudit = std::function<void(const std::string& where, const Error& reason)>;

class FilePort {
 public:
  // Reads the keys. A folder that is away is waited for. fatal, audit: as of HubServer. Throws Error(misuse,
  // QZ-LINK-009 or QZ-LINK-017), Error(unavailable or full, QZ-LINK-128) for the folder of our own.
  FilePort(FilePortOptions options, Handlers handlers, std::function<void(const Error&)> fatal, const Clock& clock,
           FileAudit audit = {}, Breakpoint breakpoint = {});
  ~FilePort();
  FilePort(const FilePort&) = delete;
  FilePort& operator=(const FilePort&) = delete;

  // Looks at all folders once; how many requests were answered. Thread-safe.
  std::size_t turn();
  // turn() in a thread of its own, again and again.
  void start();
  void stop();
  // Reads keys, trust and revocations again. Throws Error(misuse) and keeps what was in force. Thread-safe.
  void reload();
  // Lines for an operator; empty without places. Thread-safe.
  std::string status_text() const;

 private:
  struct Unready {
    FileState state;
    Micros since = 0;
  };
  struct Waiting {  // replies in the out folder
    std::size_t files = 0;
    std::uint64_t octets = 0;
  };
  struct Place {
    Place(FilePlace given, const char* code);
    FilePlace plan;
    Folder in;
    Folder out;
    std::map<std::string, Unready> unready;  // by file name
    std::string fault;                       // of the folders, told once
    std::string turned;                      // agent whose turn was last
    std::string crowded;                     // what is at its limit in this turn
    std::string last_fault;                  // of a file
    std::map<FileOutcome, std::size_t> counts;
    std::size_t set_aside = 0;
    Micros answered = 0;  // wall clock
  };

  std::size_t turn_of(Place& place);
  std::map<std::string, Waiting> waiting_in(const Folder& out) const;
  std::vector<std::pair<FileName, std::string>> requests_in(Place& place) const;
  // True if it was dealt with for good.
  bool try_to_take(Place& place, const std::string& text, const FileName& name,
                   std::map<std::string, Waiting>& waiting);
  bool take(Place& place, const std::string& text, const FileName& name, std::map<std::string, Waiting>& waiting);
  void put_aside(Place& place, const std::string& text, const Error& error);
  void report(const std::string& where, const Error& error) const;
  void run();

  const FilePortOptions options_;
  const Handlers handlers_;
  const Clock& clock_;
  const FileAudit audit_;
  const Breakpoint breakpoint_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Party> party_;
  Conversations conversations_;
  FileClerk clerk_;
  std::vector<Place> places_;
  std::mutex end_mutex_;
  std::condition_variable end_changed_;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace qianzhi::hub

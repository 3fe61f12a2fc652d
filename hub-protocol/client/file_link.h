// HubLink by files through a folder, where nothing but files passes between the department and the exchange: each
// request and each reply is one signed and encrypted file that a gateway carries (PROTOCOL.md, section on files).
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/client/hub_link.h"
#include "hub-protocol/envelope/folder.h"
#include "hub-protocol/envelope/message.h"
#include "hub-protocol/envelope/party.h"

namespace qianzhi {

struct FileLinkOptions {
  std::string agent;  // its id, which its certificate names
  std::filesystem::path out;
  std::filesystem::path in;
  PartyFiles files;
  std::filesystem::path hub_certificate;  // PEM; two while the hub's key is being replaced
  Micros poll = 30'000'000;               // least time between two looks for something new at the hub
  Micros timeout = 7'200'000'000;         // without an answer for so long a call has failed
  Micros repeat = 600'000'000;            // the same octets again if the file was collected and no answer came
  Micros look = 1'000'000;                // how often the in folder is looked at
  Micros settle = 600'000'000;            // a reply that is not whole and does not grow for so long is set aside
};

// Throws what a call would throw for its keys and certificates: Error(misuse, QZ-LINK-009, QZ-LINK-017, QZ-LINK-018).
void check_file_keys(const FileLinkOptions& options, Micros now);

// How a call is doing.
struct FileWait {
  Micros since = 0;  // wall clock; 0: nothing is waited for
  std::string file;
  bool is_collected = false;  // the gateway has taken it out of our folder
  int repeats = 0;
  std::string fault;    // of the folders, or of a reply that was set aside
  Micros answered = 0;  // wall clock of the last answer; 0: none yet
};

// One conversation at a time, and in it one call at a time; what the gateway lost is repeated octet by octet, what it
// repeats or brings late is dropped. Certificates are read again at each call. A process that starts begins a new
// conversation, so this object keeps nothing on disk but the files under way.
class FileLink final : public HubLink {
 public:
  // Waits at most so long. The one given in tests lets the world go on meanwhile.
  using Pause = std::function<void(Micros)>;

  // clock and random must outlive it. pause: empty waits in earnest, and ends early at interrupt().
  FileLink(FileLinkOptions options, const Clock& clock, Random& random, Pause pause = {});

  // All as in HubLink. Without an answer: Error(unavailable, QZ-LINK-016). Folders: Error(unavailable or full,
  // QZ-LINK-019). Keys and certificates: Error(misuse, QZ-LINK-009, QZ-LINK-017, QZ-LINK-018). The hub lost its
  // memory of us again and again: Error(unavailable, QZ-LINK-126).
  wire::SessionReply session(const wire::SessionRequest& request) override;
  wire::PostReply post(const wire::PostRequest& request) override;
  // wait_ms other than 0: the caller is in no hurry, and the poll interval is kept. The hub answers at once.
  wire::FetchReply fetch(const wire::FetchRequest& request) override;
  wire::DirectoryReply directory(const wire::DirectoryRequest& request) override;
  wire::AppliedReply applied(const wire::AppliedRequest& request) override;
  wire::MattersReply matters(const wire::MattersRequest& request) override;
  wire::ParcelsReply parcels(const wire::ParcelsRequest& request) override;
  void interrupt() override;

  // Thread-safe.
  FileWait waiting() const;
  // Steady time of the last sign of life of a call under way.
  Micros last_sign() const { return sign_; }

 private:
  struct Sent {
    FileName name;
    Bytes file;
    Digest digest;
    std::vector<Digest> hubs;  // public keys that may sign the answer
    Party party;               // as it was when the request was sealed
  };
  struct Unready {  // a reply that is not whole
    FileState state;
    Micros since = 0;
  };

  template <typename Answer, typename Question>
  Answer ask(const char* call, const Question& question);
  wire::FileMessage exchange(const char* call, const std::string& body);
  void begin_conversation(Micros after);
  Sent seal(const char* call, const std::string& body);
  wire::FileMessage await(const Sent& sent);
  void repeat(const Sent& sent);
  std::optional<wire::FileMessage> look(const Sent& sent);
  wire::FileMessage open(const Sent& sent, std::string_view body, const FileName& name) const;
  [[noreturn]] void abandon(const Sent& sent, const char* code, const std::string& detail);
  void rest_until(Micros steady);
  void pause(Micros time);
  void sweep();
  void tell(const std::function<void(FileWait&)>& change);

  const FileLinkOptions options_;
  const Clock& clock_;
  Random& random_;
  const Pause given_pause_;
  const Folder out_;
  const Folder in_;
  Bytes conversation_;
  Micros begun_ = 0;
  std::uint64_t number_ = 0;
  std::optional<Unready> unready_;
  Micros fetch_at_ = 0;     // steady: before it no fetch that is in no hurry
  Micros session_at_ = 0;   // steady: before it no session
  Micros quiet_until_ = 0;  // steady: the hub refused a call, before it none at all
  Micros sweep_at_ = 0;
  std::atomic<Micros> sign_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable interrupted_changed_;
  bool interrupted_ = false;
  FileWait wait_;
};

}  // namespace qianzhi

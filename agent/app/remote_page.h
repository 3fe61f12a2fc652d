// The status page for other machines (status.remote): its accounts, and a TLS listener that is open as long as there is
// one. Internal to this folder.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "agent/config/config.h"
#include "agent/status/tls_page.h"
#include "hub-protocol/service/control.h"

namespace qianzhi::app {

struct RemotePageParts {
  config::RemoteStatusConfig config;
  std::filesystem::path accounts;  // their file
  const Clock* clock = nullptr;
  Random* random = nullptr;
  status::SiteParts site;  // what is shown and done; without door, entrance and hosts
};

// Thread-safe.
class RemotePage {
 public:
  // Throws Error if the file of the accounts cannot be used. A listener that cannot be opened is told in the log and by
  // fault(); nothing else of the agent waits for it.
  explicit RemotePage(RemotePageParts parts);

  // account-add NAME viewer|operator and account-password NAME, with the password attached; account-remove NAME;
  // accounts; accounts-json. Sessions of an account end with its password or itself. Throws as PageAccounts does, and
  // Error(rejected, QZ-AGT-070) for other words.
  std::string command(const service::Call& call);
  // Reads the certificate again; a listener that is not open but should be is tried again.
  void look();
  // Why it is not open; empty: it is.
  std::string fault() const;
  void stop();

 private:
  void open();
  void close_if_nobody();
  void set_fault(const std::string& fault);

  const RemotePageParts parts_;
  status::PageAccounts accounts_;
  status::Door door_;
  status::Entrance entrance_;
  std::mutex lock_;  // of page_; never held while connections end, because what they wait for may need it
  std::unique_ptr<status::TlsPage> page_;
  bool has_stopped_ = false;
  mutable std::mutex fault_lock_;
  std::string fault_;
};

}  // namespace qianzhi::app

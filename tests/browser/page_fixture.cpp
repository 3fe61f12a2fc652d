// Serves the status page for each sample of a snapshot, prints "name port" lines, and ends when its standard input
// does. "signed" wants a sign-in, "remote" one with a password, through TLS. Lines that it takes: "link" and "viewer"
// (answer: the path of a new link), "stop NAME".
#include <stdlib.h>
#include <time.h>

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include "agent/status/page_server.h"
#include "agent/status/tls_page.h"
#include "hub-protocol/base/error.h"
#include "tests/browser/page_samples.h"
#include "tests/unit/https_pki.h"

namespace {

using namespace qianzhi;
using status::PageServer;
using status::Snapshot;

// What an agent would do; here nothing is behind it.
std::string pretend(const std::vector<std::string>& words) {
  if (words[0] == "test-link")
    return R"([{"step":"resolve","ok":true,"detail":"10.8.0.12"},{"step":"connect","ok":true,"detail":"port 8443"},)"
           R"({"step":"tls","ok":true,"detail":"TLS 1.3"},)"
           R"({"step":"certificate","ok":false,"detail":"14 天前到期 / expired 14 d ago","code":"QZ-LINK-004"}])";
  if (words[0] == "retry") return "将重试 / it will be tried again: " + words[1] + "\n";
  throw Error(ErrorKind::rejected, "QZ-AGT-070", words[0]);
}

const std::map<std::string, Snapshot (*)()> samples = {{"well", test::well_sample},
                                                       {"attention", test::attention_sample},
                                                       {"failed", test::failed_sample},
                                                       {"starting", test::starting_sample},
                                                       {"not_configured", test::not_configured_sample},
                                                       {"not_enrolled", test::not_enrolled_sample},
                                                       {"snapshot", test::snapshot_sample},
                                                       {"catching_up", test::catching_up_sample},
                                                       {"idle", test::idle_sample},
                                                       {"retrying", test::retrying_sample},
                                                       {"paused", test::paused_sample},
                                                       {"quarantine", test::quarantine_sample},
                                                       {"lost", test::well_sample},
                                                       {"signed", test::quarantine_sample}};

// The page for other machines, with one account.
struct Remote {
  Remote(const std::filesystem::path& place, const Clock& clock, Random& random)
      : accounts(place / "accounts", clock, random, {4, 8, 1}),
        door(clock, random),
        entrance(accounts, door, clock, [](const status::Deed&) {}) {
    test::TestCa(place, "ca").issue({"page", "DNS:localhost,IP:127.0.0.1", "serverAuth"});
    accounts.add("li", status::Role::viewer, "Yue-Xiu-2024-Tax", "root");
    status::SiteParts parts = status::open_site(test::well_sample);
    parts.door = &door;
    parts.entrance = &entrance;
    page = std::make_unique<status::TlsPage>(
        status::TlsPageOptions{"127.0.0.1", 0, place / "page.crt", place / "page.key"}, std::move(parts), clock);
  }
  status::PageAccounts accounts;
  status::Door door;
  status::Entrance entrance;
  std::unique_ptr<status::TlsPage> page;
};

void serve() {
  char folder[] = "/tmp/qianzhi-page-XXXXXX";
  const std::filesystem::path place = mkdtemp(folder);
  {
    status::History history(place / "history");
    test::fill(history);
    const SystemClock clock;
    SystemRandom random;
    status::Door door(clock, random);
    std::map<std::string, std::unique_ptr<PageServer>> servers;
    for (const auto& [name, sample] : samples) {
      status::SiteParts parts = status::open_site([snapshot = sample()] { return snapshot; });
      parts.history = &history;
      if (name == "signed") {
        parts.door = &door;
        parts.act = [](const std::vector<std::string>& words, const status::Visitor&) { return pretend(words); };
      }
      servers[name] = std::make_unique<PageServer>("127.0.0.1", std::uint16_t{0}, std::move(parts));
      std::printf("%s %d\n", name.c_str(), int{servers[name]->port()});
    }
    Remote remote(place, clock, random);
    std::printf("remote %d\n", int{remote.page->port()});
    std::fflush(stdout);
    for (std::string line; std::getline(std::cin, line);) {
      std::string answer;
      if (line == "link" || line == "viewer")
        answer = "/in?k=" + door.link_for("li", line == "link" ? status::Role::operating : status::Role::viewer);
      if (line.rfind("stop ", 0) == 0) servers.at(line.substr(5))->stop();
      std::printf("done %s\n", answer.c_str());
      std::fflush(stdout);
    }
  }
  std::filesystem::remove_all(place);
}

}  // namespace

int main() {
  setenv("TZ", "Asia/Shanghai", 1);
  tzset();
  serve();
  return 0;
}

// Serves the status page for each sample, prints "name port" lines, and ends when its standard input does.
#include <stdlib.h>
#include <time.h>

#include <cstdio>
#include <map>
#include <memory>
#include <string>

#include "agent/status/page_server.h"
#include "tests/browser/page_samples.h"

int main() {
  using namespace qianzhi;
  setenv("TZ", "Asia/Shanghai", 1);
  tzset();
  const std::map<std::string, status::Snapshot> samples = {{"well", test::well_sample()},
                                                           {"attention", test::attention_sample()},
                                                           {"failed", test::failed_sample()},
                                                           {"starting", test::starting_sample()}};
  std::map<std::string, std::unique_ptr<status::PageServer>> servers;
  for (const auto& [name, snapshot] : samples) {
    const status::Snapshot& shown = snapshot;
    servers[name] = std::make_unique<status::PageServer>("127.0.0.1", std::uint16_t{0}, [&shown] { return shown; });
    std::printf("%s %d\n", name.c_str(), int{servers[name]->port()});
  }
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}

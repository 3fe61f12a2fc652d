// Both ends of a way by files, with real certificates, and what they seal.
#pragma once

#include <vector>

#include "hub-protocol/envelope/message.h"
#include "hub-protocol/envelope/party.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/https_pki.h"

namespace qianzhi::test {

struct Parties {
  Parties() {
    ca.issue({"hub", "DNS:localhost", "serverAuth"});
    ca.issue({"a", agent_uri("a")});
  }
  PartyFiles files(const std::string& name) const {
    return {dir / (name + ".crt"), dir / (name + ".key"), ca.certificate(), {}};
  }
  Party agent(const std::string& name = "a") const { return Party(files(name), PartyRole::agent); }
  Party hub() const { return Party(files("hub"), PartyRole::hub); }
  std::vector<Bytes> certificates(const std::string& name) const { return certificates_of(dir / (name + ".crt")); }
  Micros now() const { return clock.now(); }

  TempDir dir;
  TestCa ca{dir.path(), "ca"};
  SystemClock clock;
};

inline wire::FileMessage request_message(const std::string& agent, const std::vector<Bytes>& receivers) {
  wire::FileMessage message;
  message.set_version(file_version);
  message.set_direction(wire::FILE_REQUEST);
  message.set_agent(agent);
  message.set_conversation(Bytes(16, '\x11'));
  message.set_number(7);
  message.set_call("fetch");
  for (const Bytes& receiver : receivers) message.add_readers(public_key_of(receiver).bytes());
  message.set_body("a secret row");
  return message;
}

}  // namespace qianzhi::test

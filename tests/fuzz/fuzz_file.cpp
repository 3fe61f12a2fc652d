// Any octets as a file that a gateway brings: as its name, its frame, its envelope, its message; and as changes to an
// envelope that is good. What opens is what was sealed.
#include <cstdint>
#include <string>

#include "hub-protocol/base/error.h"
#include "hub-protocol/envelope/der_form.h"
#include "hub-protocol/envelope/message.h"
#include "hub-protocol/envelope/party.h"
#include "tests/fuzz/quiet.h"
#include "tests/unit/file_parties.h"

using namespace qianzhi;

namespace {

constexpr const char* sealed_text = "what was sealed";

struct Ends {
  Ends() : agent(parties.agent()), hub(parties.hub()), good(agent.seal(sealed_text, parties.certificates("hub"))) {}

  test::Parties parties;
  Party agent;
  Party hub;
  Bytes good;
};

void check_envelope(const Ends& ends, const std::string& octets) {
  try {
    QZ_ASSERT(ends.hub.open(octets, ends.parties.now()).content == sealed_text);
  } catch (const Error& error) {
    QZ_ASSERT(error.kind() == ErrorKind::rejected);
  }
}

void check_message(const Ends& ends, const std::string& octets) {
  const FileName name{"a", std::string(32, '1'), 7, false};
  try {
    const Digest reader = public_key_of(ends.hub.certificate());
    QZ_ASSERT(name_of(message_of("qianzhi file 1\n" + octets, name, reader)) == name);
  } catch (const Error& error) {
    QZ_ASSERT(error.kind() == ErrorKind::rejected);
  }
}

// Each three octets: a place and what becomes of it.
std::string changed(const Ends& ends, const std::string& octets) {
  std::string result = ends.good;
  for (std::size_t i = 0; i + 2 < octets.size(); i += 3) {
    const auto octet = [&](std::size_t at) { return static_cast<unsigned char>(octets[at]); };
    const std::size_t place = (octet(i) * 256U + octet(i + 1)) % result.size();
    result[place] = static_cast<char>(octet(i + 2));
  }
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Ends ends;
  const std::string octets(reinterpret_cast<const char*>(data), size);
  if (const auto name = parse_file_name(octets)) QZ_ASSERT(to_text(*name) == octets);
  if (const auto body = unframed(octets)) QZ_ASSERT(framed(*body) == octets);
  if (is_small_der(octets, 100, 10)) QZ_ASSERT(octets.size() >= 2);
  check_envelope(ends, octets);
  check_envelope(ends, changed(ends, octets));
  check_message(ends, octets);
  return 0;
}

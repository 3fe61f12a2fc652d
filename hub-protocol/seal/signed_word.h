// What letters, documents and parcels have in common: octets that an agent of the directory signed, as one or two
// signatures beside them. Internal to this folder.
#pragma once

#include <string>
#include <vector>

#include "hub-protocol/model/directory.h"
#include "hub-protocol/seal/key.h"
#include "hub-protocol/seal/signatures.h"

namespace qianzhi::seal {

// By one key, or by both of a pair.
template <typename Word>
void sign_word(Purpose purpose, const std::string& octets, const SigningKey& key, Word& word) {
  const auto sign = [&](const SigningKey& by, auto& signature) {
    signature.set_key_id(by.record().id);
    signature.set_value(by.sign(purpose, octets));
  };
  sign(key, *word.mutable_signature());
  if (key.second() != nullptr) sign(*key.second(), *word.mutable_second());
}

// Whose keys count.
enum class Signers {
  active,    // active keys of enabled agents: of what is said now
  clearing,  // all but revoked ones, of enabled agents: of what was handed in before its key retired
  ever,      // all but revoked ones: of what was said once and still holds
};

inline bool counts(const AgentEntry& agent, const KeyRecord& key, Signers signers) {
  if (signers == Signers::active) return agent.enabled && key.state == KeyState::active;
  return key.state != KeyState::revoked && (agent.enabled || signers == Signers::ever);
}

// Before anything is parsed: whether any agent's key made the first signature. Its record, or null.
const KeyRecord* first_signer(Purpose purpose, const std::string& body, const std::string& key_id,
                              const std::string& value, const Directory& directory, Signers signers);

// Empty if the octets are signed as the entry of this agent asks, else why not. Precondition: first_signer() found
// the key.
template <typename Word>
std::string fault_of_sender(Purpose purpose, const std::string& octets, const Word& word, const Directory& directory,
                            std::string_view sender, Signers signers) {
  const AgentEntry* const agent = directory.agent(sender);
  const std::string& key_id = word.signature().key_id();
  bool owns = false;
  if (agent != nullptr)
    for (const KeyRecord& key : agent->signing_keys) owns = owns || (key.id == key_id && counts(*agent, key, signers));
  if (!owns) return "signed by another agent";
  std::vector<SignatureView> signatures{{key_id, word.signature().value()}};
  const std::string& second = word.second().key_id();
  if (word.has_second()) signatures.push_back({second, word.second().value()});
  const bool holds = judge_signatures(agent->signing_keys, purpose, octets, key_id, second, signatures).holds();
  return holds ? std::string() : "not signed as its sender must";
}

}  // namespace qianzhi::seal

#include "tests/golden/golden_signatures.h"

#include <algorithm>
#include <functional>

#include "hub-protocol/base/error.h"
#include "tests/support/seal_forge.h"
#include "tests/support/seal_samples.h"

namespace qianzhi::test {

namespace {

seal::Sealed batch_of(const std::string& agent, Position position, const Digest& previous,
                      const seal::SigningKey& key) {
  seal::Header header;
  header.stream = {agent, "commerce.opening_registration"};
  header.catalogue_version = 3;
  header.position = position;
  header.previous = previous;
  header.time = golden_time + static_cast<Micros>(position.sequence);
  CountingRandom random;
  if (position.sequence != 1) return seal::seal(header, small_content(), {"1", "2"}, key, random);
  header.kind = BatchKind::begin;
  header.scope = GroupSet::every();
  return seal::seal(header, {}, {"1", ""}, key, random);
}

seal::Sealed first_of(const std::string& agent, const seal::SigningKey& key) {
  return batch_of(agent, {1, 1}, {}, key);
}

// DER of a signature in two halves, each without a leading zero.
std::pair<Bytes, Bytes> halves_of(const Bytes& der) {
  const auto size = static_cast<std::size_t>(der.at(3));
  Bytes r = der.substr(4, size), s = der.substr(6 + size);
  for (Bytes* half : {&r, &s})
    if (half->front() == '\0') half->erase(0, 1);
  return {r, s};
}

Bytes integer(Bytes magnitude) {
  if (static_cast<unsigned char>(magnitude[0]) >= 0x80) magnitude.insert(0, 1, '\0');
  return Bytes("\x02").append(1, static_cast<char>(magnitude.size())).append(magnitude);
}

Bytes der_of(const Bytes& r, const Bytes& s) {
  const Bytes content = integer(r) + integer(s);
  return Bytes("\x30").append(1, static_cast<char>(content.size())).append(content);
}

// The order of P-256 minus s: the twin that ECDSA itself would accept as well.
Bytes twin_of(Bytes s) {
  const Bytes order = from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  s.insert(0, order.size() - s.size(), '\0');
  Bytes twin(order.size(), '\0');
  int borrow = 0;
  for (std::size_t i = order.size(); i-- > 0;) {
    const int difference = static_cast<unsigned char>(order[i]) - static_cast<unsigned char>(s[i]) - borrow;
    borrow = difference < 0 ? 1 : 0;
    twin[i] = static_cast<char>(difference & 0xFF);
  }
  return twin;
}

using Change = std::function<void(wire::SealedBatch&)>;

Bytes changed(const Bytes& octets, const Change& change) {
  Forge forge(octets);
  change(forge.batch());
  return forge.batch().SerializeAsString();
}

// One batch, its only signature replaced.
Bytes with_value(const Bytes& octets, const Bytes& value) {
  return changed(octets, [&](wire::SealedBatch& batch) { batch.mutable_signatures(0)->set_value(value); });
}

void add_p256(const GoldenKeys& keys, std::map<std::string, Bytes>& out) {
  const Bytes good = first_of("commerce-p256", keys.p256).octets;
  out["good/p256.qzb"] = good;
  const Bytes der = Forge(good).batch().signatures(0).value();
  const auto [r, s] = halves_of(der);
  out["bad/p256-high-s.qzb"] = with_value(good, der_of(r, twin_of(s)));
  out["bad/p256-raw.qzb"] = with_value(good, Bytes(32 - r.size(), '\0') + r + Bytes(32 - s.size(), '\0') + s);
  out["bad/p256-long-length.qzb"] = with_value(good, Bytes("\x30\x81") + der.substr(1));
  out["bad/p256-trailing.qzb"] = with_value(good, der + '\0');
  out["bad/p256-halves-swapped.qzb"] = with_value(good, der_of(s, r));
  // The key id of one, the signature of another.
  const auto confused = [&](const seal::SigningKey& key) {
    return with_value(good, key.sign(seal::Purpose::batch, Forge(good).batch().header()));
  };
  out["bad/p256-key-ed25519-signature.qzb"] = confused(keys.provider);
  out["bad/p256-key-sm2-signature.qzb"] = confused(keys.sm2);
  out["bad/p256-receipt-as-batch.qzb"] =
      with_value(good, keys.p256.sign(seal::Purpose::receipt, Forge(good).batch().header()));
}

void add_sm2(const GoldenKeys& keys, std::map<std::string, Bytes>& out) {
  const Bytes good = first_of("commerce-sm2", keys.sm2).octets;
  out["good/sm2.qzb"] = good;
  const seal::SigningKey standard = seal::SigningKey::from_pem(keys.sm2.to_pem());
  out["bad/sm2-standard-signer-id.qzb"] = first_of("commerce-sm2", standard).octets;
  out["bad/sm2-trailing.qzb"] = with_value(good, Forge(good).batch().signatures(0).value() + '\0');
  out["bad/sm2-key-of-another-agent.qzb"] = first_of("commerce-p256", keys.sm2).octets;
  out["bad/sm2-changed-header.qzb"] = changed(good, [](wire::SealedBatch& batch) {
    const std::size_t place = batch.header().find("opening");
    (*batch.mutable_header())[place] ^= '\1';
  });
}

void add_two(const GoldenKeys& keys, std::map<std::string, Bytes>& out) {
  const Bytes good = first_of("commerce-two", keys.two).octets;
  out["good/two.qzb"] = good;
  const auto bad = [&](const std::string& name, const Change& change) {
    out["bad/two-" + name + ".qzb"] = changed(good, change);
  };
  bad("second-stripped", [](wire::SealedBatch& batch) { batch.mutable_signatures()->RemoveLast(); });
  bad("first-stripped", [](wire::SealedBatch& batch) { batch.mutable_signatures()->DeleteSubrange(0, 1); });
  bad("swapped", [](wire::SealedBatch& batch) { batch.mutable_signatures()->SwapElements(0, 1); });
  bad("first-twice", [](wire::SealedBatch& batch) { *batch.mutable_signatures(1) = batch.signatures(0); });
  bad("second-twice", [](wire::SealedBatch& batch) { *batch.mutable_signatures(0) = batch.signatures(1); });
  bad("third-added", [](wire::SealedBatch& batch) { *batch.add_signatures() = batch.signatures(1); });
  const auto first = seal::SigningKey::from_pem(keys.two.to_pem());
  out["bad/two-first-alone.qzb"] = first_of("commerce-two", first).octets;
  out["bad/two-second-alone.qzb"] = first_of("commerce-two", *keys.two.second()).octets;
  out["bad/two-second-by-stranger.qzb"] = first_of("commerce-two", first.with_second(keys.stranger)).octets;
  out["bad/two-where-one-is-asked.qzb"] = first_of("commerce-01", keys.provider.with_second(keys.stranger)).octets;
  Forge same(good);
  same.header().set_second_key_id(same.header().key_id());
  out["bad/two-one-key-named-twice.qzb"] = same.resigned(first);
}

void add_rotation(const GoldenKeys& keys, std::map<std::string, Bytes>& out) {
  std::vector<seal::Sealed> batches;
  for (const seal::SigningKey* key : {&keys.retired, &keys.p256, &keys.p256, &keys.retired})
    batches.push_back(
        batch_of("commerce-p256", {1, batches.size() + 1}, batches.empty() ? Digest{} : batches.back().digest, *key));
  for (std::size_t i = 0; i < batches.size(); ++i) {
    const std::string name = "/1." + std::to_string(i + 1) + "-p256.qzb";
    if (i < 3) out["rotated" + name] = batches[i].octets;
    out["rotated-back" + name] = batches[i].octets;
  }
}

}  // namespace

void add_signers(const GoldenKeys& keys, Directory& directory) {
  KeyRecord retired = keys.retired.record();
  retired.state = KeyState::retired;
  const auto add = [&](const std::string& id, std::vector<KeyRecord> records) {
    directory.agents[id] = {id, "commerce", {}, std::move(records), true};
  };
  add("commerce-p256", {retired, keys.p256.record()});
  add("commerce-sm2", {keys.sm2.record()});
  add("commerce-two", keys.two.records());
}

void add_signature_vectors(const GoldenKeys& keys, std::map<std::string, Bytes>& out) {
  add_p256(keys, out);
  add_sm2(keys, out);
  add_two(keys, out);
  add_rotation(keys, out);
}

bool has_random_signature(const std::string& name) {
  const auto names = {"p256", "sm2", "two"};
  return std::any_of(names.begin(), names.end(),
                     [&](const char* part) { return name.find(part) != std::string::npos; });
}

Bytes without_signature_values(const Bytes& octets) {
  wire::SealedBatch batch;
  QZ_ASSERT(batch.ParseFromString(octets));
  for (wire::Signature& signature : *batch.mutable_signatures()) signature.clear_value();
  return batch.SerializeAsString();
}

}  // namespace qianzhi::test

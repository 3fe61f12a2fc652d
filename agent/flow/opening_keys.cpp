#include "agent/flow/opening_keys.h"

#include <algorithm>

#include "agent/flow/record.pb.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/seal/parcel.h"
#include "hub-protocol/seal/secret.h"
#include "hub-protocol/wire/parcel.pb.h"

namespace qianzhi::flow {

namespace {

constexpr std::string_view opening_key_prefix = "opening-key/";
constexpr Micros tend_every = 3'600'000'000;

std::string opening_key_name(const std::string& id) { return std::string(opening_key_prefix) + id; }

bool is_sealed_to(const std::string& id, const Bytes& octets) {
  wire::Parcel parcel;
  return parcel.ParseFromString(octets) && seal::reader_key_of(parcel) == id;
}

}  // namespace

OpeningKeys::OpeningKeys(std::string agent, store::Store& store, const DirectoryKeeper& directory, const Clock& clock,
                         DigestSuite suite, const std::optional<seal::DecryptionKey>& configured)
    : agent_(std::move(agent)),
      store_(store),
      directory_(directory),
      clock_(clock),
      suite_(suite),
      is_configured_(configured.has_value()) {
  load();
  if (!configured) return;
  const std::string present = configured->record().id;
  std::vector<std::string> changed;
  if (keys_.count(present) == 0) keys_.emplace(present, Kept{*configured});
  for (auto& [id, kept] : keys_) {
    const bool is_present = id == present;
    if (kept.is_configured == is_present) continue;
    kept.is_configured = is_present;
    kept.until = 0;
    changed.push_back(id);
  }
  if (changed.empty()) return;
  std::map<std::string, Bytes> records;
  for (const std::string& id : changed) records[id] = locked(id, keys_.at(id));
  // The new key and what becomes of the one before it: one commit.
  store_.update([&](store::StoreTransaction& update) {
    for (const auto& [id, octets] : records) update.put_value(opening_key_name(id), octets);
  });
}

void OpeningKeys::load() {
  for (const auto& [name, octets] : store_.values_with_prefix(opening_key_prefix)) {
    const seal::Secret opened(store_.open_value(name, octets));
    record::OpeningKey stored;
    if (!stored.ParseFromString(std::string(opened.octets())))
      throw Error(ErrorKind::corrupt, "QZ-AGT-012", "encryption key");
    const seal::Secret pem(std::move(*stored.mutable_pem()));
    seal::DecryptionKey key = seal::DecryptionKey::from_pem(pem.octets()).in_suite(suite_);
    std::string id = key.record().id;
    keys_.emplace(std::move(id), Kept{std::move(key), stored.configured(), stored.until()});
  }
}

Bytes OpeningKeys::locked(const std::string& id, const Kept& kept) const {
  record::OpeningKey stored;
  stored.set_pem(kept.key.to_pem());
  stored.set_configured(kept.is_configured);
  stored.set_until(kept.until);
  const seal::Secret octets(stored.SerializeAsString());
  const seal::Secret wiped(std::move(*stored.mutable_pem()));
  return store_.lock_value(opening_key_name(id), octets.octets());
}

bool OpeningKeys::is_named(const Directory& directory, const std::string& id) const {
  const AgentEntry* self = directory.agent(agent_);
  return self != nullptr && std::any_of(self->encryption_keys.begin(), self->encryption_keys.end(),
                                        [&](const KeyRecord& key) { return key.id == id; });
}

seal::DecryptionKey OpeningKeys::key_of(const std::string& id) const {
  const std::lock_guard guard(lock_);
  const auto found = keys_.find(id);
  if (found != keys_.end()) return found->second.key;
  const auto directory = directory_.current();
  throw Error(ErrorKind::rejected, directory && is_named(*directory, id) ? "QZ-SEAL-102" : "QZ-SEAL-108",
              "sealed to key " + id);
}

bool OpeningKeys::is_needed(const std::string& id) const {
  using store::RequestState;
  return store_.any_request(RequestState::to_answer,
                            [&](const store::KeptRequest& request) { return is_sealed_to(id, request.ask); }) ||
         store_.any_request(RequestState::answered,
                            [&](const store::KeptRequest& request) { return is_sealed_to(id, request.answer); });
}

void OpeningKeys::tend() {
  const std::lock_guard guard(lock_);
  const Micros steady = clock_.steady();
  if (!is_configured_ || keys_.size() < 2 || steady < tend_at_) return;
  std::shared_ptr<const Directory> directory;
  try {
    directory = directory_.in_force();
  } catch (const Error&) {
    return;  // who has none knows nothing of the time
  }
  tend_at_ = steady + tend_every;
  for (auto entry = keys_.begin(); entry != keys_.end();) {
    const std::string& id = entry->first;
    Kept& kept = entry->second;
    const bool is_current = kept.is_configured || is_named(*directory, id);
    const bool is_begun = kept.until != 0;
    if (!is_current && !is_begun) {
      kept.until = directory->issued + earlier_key_life;
      const Bytes octets = locked(id, kept);
      store_.update([&](store::StoreTransaction& update) { update.put_value(opening_key_name(id), octets); });
    }
    if (is_current || !is_begun || directory->issued < kept.until || is_needed(id)) {
      ++entry;
      continue;
    }
    store_.erase_secret(opening_key_name(id));
    log(LogLevel::notice, "encryption key", id + " is erased: nothing is sealed to it any more");
    entry = keys_.erase(entry);
  }
}

std::vector<Notice> OpeningKeys::notices() const {
  std::vector<Notice> notices;
  if (!is_configured_) return notices;
  const auto directory = directory_.current();
  const AgentEntry* self = directory ? directory->agent(agent_) : nullptr;
  const KeyRecord* named = self == nullptr ? nullptr : seal::encryption_key_of(*self, suite_);
  const std::lock_guard guard(lock_);
  if (named != nullptr && keys_.count(named->id) == 0)
    notices.push_back({NoticeLevel::error, "QZ-SEAL-102", "requests", "the directory names key " + named->id});
  for (const auto& [id, kept] : keys_)
    if (!kept.is_configured && kept.until != 0)
      notices.push_back({NoticeLevel::info, "QZ-SEAL-109", "requests", id + ", at least until " + to_text(kept.until)});
  return notices;
}

}  // namespace qianzhi::flow

#include "hub-protocol/hub/directory_keys.h"

#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/hub_sections.h"
#include "hub-protocol/seal/directory.h"
#include "hub-protocol/seal/directory_trust.h"
#include "hub-protocol/service/private_file.h"

namespace qianzhi::hub {

namespace {

constexpr std::size_t longest_chain = 100;

[[noreturn]] void not_now(const std::string& what) { throw Error(ErrorKind::misuse, "QZ-HUB-239", what); }

}  // namespace

DirectoryKeys::DirectoryKeys(std::filesystem::path file)
    : file_(std::move(file)), present_(seal::directory_key_from_file(file_)) {
  read_next();
  const std::filesystem::path replacement = file_.string() + ".replacement";
  if (std::filesystem::exists(replacement)) replacement_ = read_file(replacement);
}

void DirectoryKeys::read_next() {
  next_.reset();
  if (!std::filesystem::exists(next_file())) return;
  next_ = seal::directory_key_from_file(next_file());
  if (next_->record().suite != suite()) not_now("another suite: " + next_file().string());
}

void DirectoryKeys::announce() {
  if (next_) not_now("announced already: " + next_->record().id);
  service::write_new_private(next_file(),
                             seal::SigningKey::generate(seal::algorithm_named(present_.record().algorithm)).to_pem());
  read_next();
}

void DirectoryKeys::rotate(registry::Registry& registry, const audit::Actor& actor, const Bytes& root) {
  if (!next_) not_now("nothing is announced");
  const seal::RootContent content = seal::open_root(root, present_.record());
  if (!content.next_key || content.next_key->id != next_->record().id) not_now("not announced yet");
  const std::string old = present_.record().id;
  // Kept before the old key is gone: it could not sign the way to the new one again.
  registry.change(actor, [&](registry::Change& change) {
    change.put(registry::kind::directory_key, old, root);
    change.note({{}, "directory_key.rotate", "directory key " + old, "", "", "", {{"next", next_->record().id}}});
  });
  service::move_into_place(next_file(), file_);
  present_ = *next_;
  next_.reset();
}

std::vector<Bytes> DirectoryKeys::chain_from(const registry::Registry& registry, const std::string& key) const {
  std::vector<Bytes> chain;
  std::string at = key;
  registry.read([&](const registry::View& view) {
    while (at != present_.record().id && chain.size() < longest_chain) {
      const auto record = view.find(registry::kind::directory_key, at);
      if (!record) break;
      const auto next = seal::announced_by(record->body);
      if (!next) break;
      chain.push_back(record->body);
      at = *next;
    }
  });
  if (at != present_.record().id) chain.clear();
  return chain;
}

}  // namespace qianzhi::hub

// The key that signs the directory.
#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/json_rows.h"
#include "hub-protocol/hub/verbs.h"

namespace qianzhi::hub {

namespace {

std::string announce_key(Office& office, Ask& ask) {
  ask.words.finish();
  directory_keys_of(office).announce();
  const std::string next = directory_keys_of(office).next()->id;
  office.registry.note({ask.actor, "directory_key.announce", "directory key " + next, ""});
  office.publish();
  return next + "\n一天后启用 / use it after a day: qianzhi-hub directory-key rotate\n";
}

std::string rotate_directory_key(Office& office, Ask& ask) {
  ask.words.finish();
  directory_keys_of(office).rotate(office.registry, ask.actor, office.signed_root());
  office.publish();
  return directory_keys_of(office).present().record().id + "\n";
}

std::string directory_key_status(Office& office, Ask& ask) {
  ask.words.finish();
  const KeyRecord& present = directory_keys_of(office).present().record();
  const KeyRecord* next = directory_keys_of(office).next();
  const bool is_replaced = !directory_keys_of(office).replacement().empty();
  if (ask.json)
    return json_object({{"present", present.id},
                        {"algorithm", present.algorithm},
                        {"next", next == nullptr ? "" : next->id},
                        {"replacement", is_replaced}}) +
           "\n";
  return "现用 present\t" + present.id + "\t" + present.algorithm + "\n下一把 next\t" +
         (next == nullptr ? "-" : next->id) + "\n离线替换 replacement\t" + (is_replaced ? "yes" : "-") + "\n";
}

const Verb directory_table[] = {
    {"directory-key announce", "", "产生并预告下一把目录密钥", "make the next directory key and announce it",
     Role::security, announce_key},
    {"directory-key rotate", "", "启用已预告的目录密钥，旧的作废", "use the announced key, and the old one no more",
     Role::security, rotate_directory_key},
    {"directory-key status", "", "目录密钥的状态", "which keys there are", Role::anyone, directory_key_status},
};

}  // namespace

std::span<const Verb> directory_verbs() { return directory_table; }

}  // namespace qianzhi::hub

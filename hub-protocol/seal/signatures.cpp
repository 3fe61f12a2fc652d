#include "hub-protocol/seal/signatures.h"

#include <algorithm>

namespace qianzhi::seal {

namespace {

const KeyRecord* find(std::span<const KeyRecord> keys, std::string_view id) {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const KeyRecord& key) { return key.id == id; });
  return found == keys.end() ? nullptr : &*found;
}

void add(std::string& text, const std::string& more) { text += (text.empty() ? "" : ", ") + more; }

class Judge {
 public:
  Judge(std::span<const KeyRecord> keys, Purpose purpose, std::string_view message,
        std::span<const SignatureView> signatures)
      : keys_(keys), purpose_(purpose), message_(message), signatures_(signatures) {}

  SignatureJudgement run(std::string_view key_id, std::string_view second_key_id) {
    const KeyRecord* first = find(keys_, key_id);
    if (first == nullptr || first->role == KeyRole::second) {
      judgement_.unknown = "no key " + std::string(key_id) + " that may sign first";
      return std::move(judgement_);
    }
    check(*first, 0);
    if (first->role == KeyRole::alone) {
      if (!second_key_id.empty()) add(judgement_.unknown, to_text(*first) + " signs alone");
      require_count(second_key_id.empty() ? 1 : 2);
      return std::move(judgement_);
    }
    if (second_key_id.empty()) {
      add(judgement_.broken, "the second signature that " + to_text(*first) + " requires is missing");
      return std::move(judgement_);
    }
    const KeyRecord* second = find(keys_, second_key_id);
    if (second == nullptr || second->role != KeyRole::second)
      add(judgement_.unknown, "no key " + std::string(second_key_id) + " that may sign second");
    else
      check(*second, 1);
    require_count(2);
    return std::move(judgement_);
  }

 private:
  void check(const KeyRecord& key, std::size_t place) {
    if (key.state == KeyState::revoked) add(judgement_.revoked, to_text(key));
    if (place >= signatures_.size() || signatures_[place].key_id != key.id ||
        !verify(key, purpose_, message_, signatures_[place].value))
      add(judgement_.broken, to_text(key));
  }

  void require_count(std::size_t count) {
    if (signatures_.size() > count) add(judgement_.broken, "more signatures than the header names");
  }

  std::span<const KeyRecord> keys_;
  Purpose purpose_;
  std::string_view message_;
  std::span<const SignatureView> signatures_;
  SignatureJudgement judgement_;
};

}  // namespace

SignatureJudgement judge_signatures(std::span<const KeyRecord> keys, Purpose purpose, std::string_view message,
                                    std::string_view key_id, std::string_view second_key_id,
                                    std::span<const SignatureView> signatures) {
  return Judge(keys, purpose, message, signatures).run(key_id, second_key_id);
}

}  // namespace qianzhi::seal

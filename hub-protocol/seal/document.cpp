#include "hub-protocol/seal/document.h"

#include <algorithm>
#include <iterator>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/directory_parts.h"
#include "hub-protocol/seal/signed_word.h"
#include "hub-protocol/wire/matter.pb.h"

namespace qianzhi::seal {

namespace {

[[noreturn]] void bad_document(std::string_view what) { throw Error(ErrorKind::rejected, "QZ-SEAL-061", what); }

// Verified before it is parsed, whoever's keys count.
void open_by(const wire::Document& document, const Directory& directory, Signers signers, wire::DocumentBody& content) {
  if (document.body().size() > document_limit) bad_document("too large");
  const wire::Signature& first = document.signature();
  if (first_signer(Purpose::document, document.body(), first.key_id(), first.value(), directory, signers) == nullptr)
    bad_document("no key of the directory signed it");
  if (!content.ParseFromString(document.body())) bad_document("malformed body");
  const std::string fault =
      fault_of_sender(Purpose::document, document.body(), document, directory, content.sender(), signers);
  if (!fault.empty()) bad_document(fault);
  const bool names_matter = content.matter().empty() || content.matter().size() == document_id_octets;
  if (content.id().size() != document_id_octets || !names_matter) bad_document("id");
  if (content.content_case() == wire::DocumentBody::CONTENT_NOT_SET) bad_document("no content that is known here");
}

// The department that says yes to this grant by this document; empty: none does.
std::string approver(const Bytes& approval, const Grant& grant, const Directory& directory) {
  wire::Document document;
  wire::DocumentBody content;
  if (!document.ParseFromString(approval)) return {};
  try {
    open_by(document, directory, Signers::ever, content);
  } catch (const Error&) {
    return {};
  }
  const bool says_yes =
      content.has_decision() && content.decision().approved() && covers(read_terms(content.decision().terms()), grant);
  return says_yes ? directory.agent(content.sender())->department : std::string();
}

// A grant may name several purposes, as people list them: "税源监控、市场监管".
constexpr std::string_view mark = "、";

std::string listed(const std::vector<std::string>& purposes) {
  std::string text;
  for (const std::string& purpose : purposes) text.append(text.empty() ? "" : mark).append(purpose);
  return text;
}

bool allows(const std::vector<std::string>& purposes, std::string_view named) {
  if (purposes.empty()) return true;
  while (true) {
    const std::size_t end = std::min(named.find(mark), named.size());
    if (std::find(purposes.begin(), purposes.end(), named.substr(0, end)) == purposes.end()) return false;
    if (end == named.size()) return true;
    named.remove_prefix(end + mark.size());
  }
}

}  // namespace

const KeyRecord* first_signer(Purpose purpose, const std::string& body, const std::string& key_id,
                              const std::string& value, const Directory& directory, Signers signers) {
  for (const auto& [id, agent] : directory.agents)
    for (const KeyRecord& key : agent.signing_keys)
      if (key.id == key_id && counts(agent, key, signers)) return verify(key, purpose, body, value) ? &key : nullptr;
  return nullptr;
}

void sign_document(const wire::DocumentBody& content, const SigningKey& key, wire::Document& document) {
  document.set_body(content.SerializeAsString());
  sign_word(Purpose::document, document.body(), key, document);
}

void open_document(const wire::Document& document, const Directory& directory, wire::DocumentBody& content) {
  open_by(document, directory, Signers::active, content);
}

bool covers(const Grant& wider, const Grant& grant) {
  const bool same = wider.topic == grant.topic && wider.department == grant.department &&
                    wider.purpose == grant.purpose && wider.basis == grant.basis;
  const bool items = wider.items.empty() ||
                     (!grant.items.empty() &&
                      std::includes(wider.items.begin(), wider.items.end(), grant.items.begin(), grant.items.end()));
  const bool time = wider.not_after == 0 || (grant.not_after != 0 && grant.not_after <= wider.not_after);
  return same && items && time && wider.groups.covers(grant.groups);
}

std::optional<Grant> common(const Grant& one, const Grant& other) {
  Grant both = one;
  both.groups = one.groups.intersect(other.groups);
  if (one.items.empty()) both.items = other.items;
  if (!one.items.empty() && !other.items.empty()) {
    both.items.clear();
    std::set_intersection(one.items.begin(), one.items.end(), other.items.begin(), other.items.end(),
                          std::inserter(both.items, both.items.end()));
    // No item at all would mean every one.
    if (both.items.empty()) return std::nullopt;
  }
  if (both.groups.is_empty()) return std::nullopt;
  if (one.not_after == 0 || (other.not_after != 0 && other.not_after < one.not_after)) both.not_after = other.not_after;
  return both;
}

std::string fault_of(const Grant& grant, const Directory& directory) {
  const Topic* topic = directory.catalogue.find(grant.topic);
  if (topic == nullptr) return "a grant of an unknown topic";
  if (topic->sharing == Sharing::none) return "a grant of a topic that is not shared";
  if (!allows(topic->purposes, grant.purpose))
    return "a grant for a purpose that the topic does not allow, only " + listed(topic->purposes);
  if (topic->sharing != Sharing::conditional) return {};
  std::set<std::string> approved;
  for (const Bytes& approval : grant.approvals) approved.insert(approver(approval, grant, directory));
  for (const Provision& provision : directory.provisions) {
    if (provision.topic != grant.topic || provision.area.intersect(grant.groups).is_empty()) continue;
    if (approved.count(directory.agent(provision.agent)->department) == 0)
      return "a conditional grant without the provider's approval: " + provision.agent;
  }
  return {};
}

}  // namespace qianzhi::seal

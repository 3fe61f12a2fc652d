// Documents: what agents say in matters, signed (wire/matter.proto), and the approvals that conditional grants carry.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "hub-protocol/model/directory.h"
#include "hub-protocol/seal/key.h"

namespace qianzhi::wire {
class Document;
class DocumentBody;
class GrantMessage;
}  // namespace qianzhi::wire

namespace qianzhi::seal {

inline constexpr std::size_t document_limit = 64U << 10U;  // of a body
inline constexpr std::size_t document_id_octets = 16;

// By one key, or by both of a pair. Precondition: content.sender is the key's owner.
void sign_document(const wire::DocumentBody& content, const SigningKey& key, wire::Document& document);

// Verifies, and only then reads. Throws Error(rejected, QZ-SEAL-061): larger than the limit, no active key of an
// enabled agent signed it as that agent's entry asks, its sender is another, or it has no id, no content or none that
// is known.
void open_document(const wire::Document& document, const Directory& directory, wire::DocumentBody& content);

// Terms on the wire, without id, approvals and request.
Grant read_terms(const wire::GrantMessage& message);
void write_terms(const Grant& grant, wire::GrantMessage& message);

// Whether `wider` allows all that `grant` gives: same topic, receiver, purpose and basis; items, groups and end within.
bool covers(const Grant& wider, const Grant& grant);

// What both allow, with topic, receiver, purpose and basis of `one`. Nothing if they have no item or no group in
// common.
std::optional<Grant> common(const Grant& one, const Grant& other);

// Why this grant cannot stand in this directory, in English; empty: it can. Never a topic that is not shared; only a
// purpose that the topic allows; of conditional sharing only what each provider of a part of the granted groups has
// approved: grant.approvals holds, for each of their departments, a document by one of its agents, signed by a key that
// is not revoked, that says `approved` of terms that cover the grant.
std::string fault_of(const Grant& grant, const Directory& directory);

}  // namespace qianzhi::seal

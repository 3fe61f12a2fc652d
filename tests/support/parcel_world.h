// Two agents with keys in a directory of either suite, and parcels between them.
#pragma once

#include <string>

#include "hub-protocol/seal/parcel.h"
#include "hub-protocol/seal/parcel_content.h"
#include "hub-protocol/wire/parcel.pb.h"

namespace qianzhi::test {

inline constexpr Micros parcel_hour = Micros{3600} * 1'000'000;

struct ParcelAgent {
  ParcelAgent(std::string name, DigestSuite suite)
      : id(std::move(name)),
        signing(seal::SigningKey::generate(suite == DigestSuite::sm3 ? seal::Algorithm::sm2 : seal::Algorithm::ed25519)
                    .in_suite(suite)),
        encryption(seal::DecryptionKey::generate(seal::encryption_algorithm(suite)).in_suite(suite)) {}
  AgentEntry entry() const { return {id, id, {}, signing.records(), true, {encryption.record()}}; }

  std::string id;
  seal::SigningKey signing;
  seal::DecryptionKey encryption;
};

struct SealedParcel {
  seal::ParcelHead head;
  wire::Parcel parcel;
};

struct ParcelWorld {
  explicit ParcelWorld(DigestSuite digest_suite = DigestSuite::sha256)
      : suite(digest_suite), asker("housing-01", suite), provider("tax-01", suite) {
    publish();
  }
  void publish() {
    for (const ParcelAgent* agent : {&asker, &provider}) directory.agents[agent->id] = agent->entry();
  }
  // Of a request; every field that a caller chooses is set.
  seal::ParcelHead ask_head(char id = 'i') const {
    seal::ParcelHead head;
    head.kind = seal::ParcelKind::ask;
    head.id = Bytes(seal::parcel_id_octets, id);
    head.from = asker.id;
    head.to = provider.id;
    head.service = "tax.yearly_total";
    head.made = now;
    head.deadline = now + parcel_hour;
    head.purpose = "低收入核对";
    head.basis = "社会救助暂行办法";
    head.questions = 2;
    head.directory_version = 7;
    return head;
  }
  seal::ParcelHead reply_head(const seal::ParcelHead& ask, seal::ParcelKind kind) const {
    seal::ParcelHead head;
    head.kind = kind;
    head.id = ask.id;
    head.from = ask.to;
    head.to = ask.from;
    head.service = ask.service;
    head.made = ask.made + 1;
    head.deadline = ask.deadline;
    head.ask_digest = ask.digest;
    head.questions = ask.questions;
    head.directory_version = 7;
    if (kind == seal::ParcelKind::refusal) head.code = "QZ-AGT-001";
    return head;
  }
  SealedParcel sealed(const seal::ParcelHead& head, std::string_view content, const ParcelAgent& from,
                      const ParcelAgent& to) {
    SealedParcel made;
    made.head = seal::seal_parcel(head, content, from.signing, to.encryption.record(), random, made.parcel);
    return made;
  }
  SealedParcel ask(std::string_view content = "questions", char id = 'i') {
    return sealed(ask_head(id), content, asker, provider);
  }
  SealedParcel answer(const seal::ParcelHead& ask, std::string_view content = "answers") {
    return sealed(reply_head(ask, seal::ParcelKind::answer), content, provider, asker);
  }
  SealedParcel refusal(const seal::ParcelHead& ask) const {
    SealedParcel made;
    made.head = seal::seal_refusal(reply_head(ask, seal::ParcelKind::refusal), provider.signing, made.parcel);
    return made;
  }

  DigestSuite suite;
  Micros now = 1'763'766'000'000'000;
  SystemRandom random;
  ParcelAgent asker;
  ParcelAgent provider;
  Directory directory;
};

inline seal::Questions two_questions() {
  seal::Questions questions;
  questions.items = {"uscc", "year"};
  questions.columns.resize(2);
  questions.columns[0].append("91350100M000100Y43");
  questions.columns[0].append("9144030071526726XG");
  questions.columns[1].append("2024");
  questions.columns[1].append_null();
  questions.case_number = "2025-000123";
  questions.asker = "王芳";
  return questions;
}

inline seal::Answers two_answers() {
  seal::Answers answers;
  answers.verdicts = {seal::AnswerVerdict::several, seal::AnswerVerdict::not_found};
  answers.items = {"year", "total"};
  answers.questions = {0, 0};
  answers.columns.resize(2);
  answers.columns[0].append("2023");
  answers.columns[0].append("2024");
  answers.columns[1].append("1204.50");
  answers.columns[1].append_null();
  answers.answered = 1'763'766'000'500'000;
  return answers;
}

}  // namespace qianzhi::test

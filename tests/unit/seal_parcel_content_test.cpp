// Questions and answers as they are sealed: read back as written, and refused where they are not what they must be.
#include "hub-protocol/seal/parcel_content.h"

#include <catch2/catch.hpp>
#include <functional>

#include "tests/support/parcel_world.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using namespace qianzhi::seal;
using namespace qianzhi::test;

namespace {

ParcelHead head_with(std::uint32_t questions) {
  ParcelHead head;
  head.questions = questions;
  return head;
}

void refused(const std::function<void()>& work) { check_throws("QZ-SEAL-107", work); }

}  // namespace

TEST_CASE("Questions and answers come out as they went in", "[seal]") {
  const Questions questions = two_questions();
  CHECK(decode_questions(encode_questions(questions), head_with(2)) == questions);
  const Answers answers = two_answers();
  CHECK(decode_answers(encode_answers(answers), head_with(2)) == answers);
  Answers yes_or_no;
  yes_or_no.verdicts = {AnswerVerdict::found, AnswerVerdict::too_few, AnswerVerdict::invalid,
                        AnswerVerdict::not_granted};
  yes_or_no.answered = 1;
  CHECK(decode_answers(encode_answers(yes_or_no), head_with(4)) == yes_or_no);
  wire::Questions message;
  REQUIRE(message.ParseFromString(encode_questions(questions)));
  CHECK(message.asker() == questions.asker);
  wire::ColumnBlock column;
  REQUIRE(column.ParseFromString(message.columns(1)));
  CHECK(column.data() == "2024");
}

TEST_CASE("S4.3 a thousand questions with their answers fit into one parcel each", "[seal]") {
  ParcelWorld world;
  Questions questions;
  questions.items = {"id_number", "name"};
  questions.columns.resize(2);
  Answers answers;
  answers.items = {"registered", "since", "status"};
  answers.columns.resize(3);
  answers.answered = world.now;
  for (std::uint32_t i = 0; i < most_questions; ++i) {
    questions.columns[0].append(std::to_string(440'106'199'000'000'000 + i));
    questions.columns[1].append("欧阳某某");
    answers.verdicts.push_back(AnswerVerdict::found);
    answers.questions.push_back(i);
    for (Column& column : answers.columns) column.append(std::string(100, 'v'));
  }
  ParcelHead head = world.ask_head();
  head.questions = most_questions;
  const SealedParcel ask = world.sealed(head, encode_questions(questions), world.asker, world.provider);
  CHECK(decode_questions(open_body(ask.parcel, ask.head, world.provider.encryption), ask.head) == questions);
  const SealedParcel answer = world.answer(ask.head, encode_answers(answers));
  CHECK(decode_answers(open_body(answer.parcel, answer.head, world.asker.encryption), answer.head) == answers);
}

TEST_CASE("A18 questions that are not as they must be are refused", "[seal]") {
  const auto bad = [](const std::function<void(Questions&)>& change) {
    Questions questions = two_questions();
    change(questions);
    refused([&] { encode_questions(questions); });
  };
  bad([](Questions& q) { q.items.pop_back(); });
  bad([](Questions& q) { q.items[1] = q.items[0]; });
  bad([](Questions& q) { q.items[0].clear(); });
  bad([](Questions& q) { q.columns[0].append("third"); });
  bad([](Questions& q) { q.columns[1].clear(); });
  bad([](Questions& q) { q.columns.clear(); });
  bad([](Questions& q) {
    q.columns[1].clear();
    q.columns[1].append_unchanged();
    q.columns[1].append("2024");
  });
  bad([](Questions& q) { q.case_number = std::string(most_case_octets + 1, 'c'); });
  const Bytes good = encode_questions(two_questions());
  refused([&] { decode_questions(good, head_with(1)); });
  refused([&] { decode_questions(good, head_with(3)); });
  refused([&] { decode_questions(good.substr(0, good.size() - 1), head_with(2)); });
  refused([&] { decode_questions(good + "\x2a\x01x", head_with(2)); });
  refused([&] { decode_questions("", head_with(1)); });
  Bytes many;
  for (std::size_t i = 0; i <= most_parcel_items; ++i) many += Bytes("\x0a\x00", 2);
  refused([&] { decode_questions(many, head_with(1)); });
}

TEST_CASE("A18 answers that are not as they must be are refused", "[seal]") {
  const auto bad = [](const std::function<void(Answers&)>& change) {
    Answers answers = two_answers();
    change(answers);
    refused([&] { encode_answers(answers); });
  };
  bad([](Answers& a) { a.questions = {0, 1}; });  // a row for what was not found
  bad([](Answers& a) { a.questions = {0, 2}; });
  bad([](Answers& a) {
    a.verdicts[1] = AnswerVerdict::found;
    a.questions = {1, 0};
  });
  bad([](Answers& a) { a.questions = {0}; });
  bad([](Answers& a) { a.columns.pop_back(); });
  bad([](Answers& a) { a.verdicts.clear(); });
  bad([](Answers& a) { a.answered = 0; });
  bad([](Answers& a) { a.columns[0] = Column(); });
  bad([](Answers& a) {
    a.items.clear();
    a.columns.clear();
  });
  const Bytes good = encode_answers(two_answers());
  refused([&] { decode_answers(good, head_with(1)); });
  refused([&] { decode_answers(good, head_with(3)); });
  Bytes verdict = good;
  REQUIRE(verdict[2] == static_cast<char>(AnswerVerdict::several));
  verdict[2] = 7;
  refused([&] { decode_answers(verdict, head_with(2)); });
  verdict[2] = 0;
  refused([&] { decode_answers(verdict, head_with(2)); });
  Bytes many("\x1a", 1);
  many += Bytes("\x91\x4e", 2) + Bytes(10'001, '\0');
  refused([&] { decode_answers(Bytes("\x0a\x01\x01", 3) + many, head_with(1)); });
}

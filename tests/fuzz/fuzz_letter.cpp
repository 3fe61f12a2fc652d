// Any octets as what two agents say to each other in a comparison: the first says to which of them, and how far it is.
// Only well-formed content comes to them (check_letter), and whatever it is, they stay within their bounds.
#include <cstdint>

#include "agent/flow/comparison.h"
#include "agent/flow/comparison_answer.h"
#include "hub-protocol/seal/letter.h"
#include "hub-protocol/wire/values.h"
#include "tests/fuzz/only_errors.h"
#include "tests/fuzz/quiet.h"

using namespace qianzhi;

namespace {

constexpr char conversation[] = "0123456789abcdef";
const StreamId stream{"commerce-01", "firms"};

Topic firms() {
  Topic topic;
  topic.id = "firms";
  topic.items.resize(2);
  topic.items[0].id = "number";
  topic.items[1].id = "name";
  topic.key = {"number"};
  return topic;
}

Entitlement everything() { return Entitlement({{GroupSet::every(), {"number", "name"}}}); }

adapter::SnapshotChunk target_rows() {
  adapter::SnapshotChunk chunk;
  chunk.columns.resize(4);
  for (int i = 0; i < 40; ++i) {
    chunk.columns[0].append(std::to_string(i));
    chunk.columns[1].append("n");
    chunk.columns[2].append("commerce-01");
    chunk.columns[3].append("");
  }
  chunk.done = true;
  return chunk;
}

wire::Comparison to_subscriber(wire::ComparisonStep step) {
  wire::Comparison letter;
  write_value(stream, *letter.mutable_stream());
  letter.set_from("commerce-01");
  letter.set_to("tax-01");
  letter.set_conversation(conversation);
  letter.set_step(step);
  return letter;
}

void tell_subscriber(unsigned how_far, const wire::Comparison& letter) {
  flow::Comparison comparison({stream, "tax-01", firms(), everything(), 0, DigestSuite::sha256, false}, conversation, 0,
                              0);
  const Head mark{{9, 9}, Digest::from_bytes(std::string(32, 'd'))};
  if (how_far > 0) {
    wire::Comparison ready = to_subscriber(wire::READY);
    write_value(Head{{9, 1}, mark.digest}, *ready.mutable_place());
    comparison.take(ready, 0);
    if (comparison.wants_rows(mark)) comparison.add(target_rows());
  }
  if (how_far > 1) {
    wire::Comparison differ = to_subscriber(wire::DIFFER);
    differ.add_buckets(0);
    comparison.take(differ, 0);
    if (comparison.wants_rows(mark)) comparison.add(target_rows());
  }
  comparison.take(letter, 0);
  if (comparison.wants_rows(mark)) comparison.add(target_rows());
  const auto written = comparison.letter(0, 0);
  if (written) seal::check_letter(*written);
  const auto extra = comparison.is_over() ? comparison.extra_rows("tag", {1, 1}) : std::nullopt;
  QZ_ASSERT(!extra || (extra->meta.size() <= 40 && extra->columns[0].size() == extra->meta.size()));
  QZ_ASSERT(flow::decode_comparison(encode(comparison.report())) == comparison.report());
}

void tell_provider(unsigned how_far, const wire::Comparison& letter) {
  wire::Comparison asked = letter;
  asked.set_conversation(conversation);
  flow::ComparisonAnswer answer({stream, "tax-01", firms(), everything(), letter.directory_version(), {}}, asked, {},
                                0);
  if (how_far > 0) {
    wire::Comparison sums = asked;
    sums.set_step(wire::SUMS);
    sums.set_bits(0);
    sums.set_sums(std::string(16, 's'));
    answer.take(sums, 0);
  }
  for (int turn = 0; turn < 2; ++turn) {
    while (answer.wants_chunk()) {
      adapter::SnapshotChunk chunk = target_rows();
      flow::Selection selection;
      selection.mapped.items = {chunk.columns[0], chunk.columns[1]};
      for (std::size_t row = 0; row < 40; ++row) selection.lines.push_back({row, Operation::upsert, "", 0, 0});
      answer.take(std::move(chunk));
      QZ_ASSERT(answer.compare(selection, 0).size() <= 40);
    }
    answer.take(asked, 0);
  }
  const auto written = answer.reply(0);
  QZ_ASSERT(!written || written->to() == "tax-01");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  test::errors_only(
      [&] {
        wire::Comparison letter;
        if (!letter.ParseFromArray(data + 1, static_cast<int>(size) - 1)) return;
        seal::check_letter(letter);
        letter.set_conversation(conversation);
        if (data[0] % 2 == 0) {
          letter.set_from("commerce-01");
          tell_subscriber(data[0] / 2 % 3, letter);
        } else {
          tell_provider(data[0] / 2 % 2, letter);
        }
      },
      [](const Error& error) { QZ_ASSERT(error.kind() == ErrorKind::rejected); });
  return 0;
}

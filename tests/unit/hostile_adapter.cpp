// An adapter that breaks its promises in the way its argument names. Speaks the shipped protocol otherwise.
#include <poll.h>
#include <unistd.h>

#include <string>

#include "adapters/api/adapter.pb.h"
#include "adapters/api/adapter_main.h"
#include "adapters/api/channel.h"
#include "adapters/api/codec.h"

using namespace qianzhi;
using namespace qianzhi::adapter;

namespace {

Column ones(std::size_t rows) {
  Column column;
  for (std::size_t i = 0; i < rows; ++i) column.append("1");
  return column;
}

Bytes moved(Bytes place) {
  place.push_back('x');
  return place;
}

class Hostile final : public Adapter {
 public:
  explicit Hostile(std::string mode) : mode_(std::move(mode)) {}

  Capabilities capabilities() const override { return {}; }
  std::vector<TableInfo> describe(const Connection&) override {
    return {{"firm", {{"id", "text"}, {"name", "text"}}, {"id"}, 2}};
  }
  std::unique_ptr<Source> open_source(const SourceSpec&) override { return std::make_unique<Lies>(mode_); }
  std::unique_ptr<Target> open_target(const TargetSpec&) override { return std::make_unique<Lies>(mode_); }
  Plan plan_source(const SourceSpec&) override { return {}; }
  Plan plan_target(const TargetSpec&) override { return {}; }

 private:
  class Lies final : public Source, public Target {
   public:
    explicit Lies(std::string mode) : mode_(std::move(mode)) {}

    SourcePosition present() override { return {"m", "i"}; }
    Changes read_changes(const SourcePosition& after, const SourcePosition&, const ReadLimits&, Micros) override {
      Changes changes;
      const std::size_t columns = mode_ == "other columns" ? 1 : 2;
      changes.tables.push_back({mode_ == "another table" ? 5U : 0U, {{}}, std::vector<Column>(columns, ones(1)), {}});
      changes.position = {moved(after.order), "i"};
      if (mode_ == "repeats") changes.position = after;
      if (mode_ == "back") changes.position.order.assign(1, 'a');
      return changes;
    }
    void forget(const SourcePosition&) override {}
    SnapshotChunk read_snapshot(std::size_t, const Bytes& cursor, const ReadLimits&) override {
      const std::size_t rows = mode_ == "too many rows" ? longest_rows + 1 : 10;
      return {std::vector<Column>(2, ones(rows)), mode_ == "endless" ? cursor : moved(cursor), false, {"m", "i"}};
    }
    std::vector<Finding> preflight() override { return {}; }
    std::vector<TableInfo> look(const std::vector<std::size_t>& tables, bool) override {
      TableInfo table{mode_ == "long name" ? std::string(5000, 'n') : "firm", {}, {}};
      if (mode_ == "many columns") table.columns.resize(30'000);
      return std::vector<TableInfo>(tables.size() + (mode_ == "more tables" ? 1 : 0), table);
    }
    std::vector<MarkRow> marks() override { return {}; }
    ApplyResult apply(const TargetTransaction& work) override {
      ApplyResult result;
      result.state = ApplyResult::State::pending;
      const bool step = mode_ == "unsent step";
      result.rejections.push_back({step ? work.steps.size() : 0, step ? 0U : 1U, "QZ-ADP-031", "", false});
      return result;
    }
    void commit() override {}
    void rollback() override {}
    SnapshotChunk read_rows(std::size_t, const Bytes&, const ReadLimits&) override { return {}; }

   private:
    std::string mode_;
  };

  std::string mode_;
};

// Greets, lets itself be opened and may give its marks; after that it no longer
// follows the protocol.
[[noreturn]] void stop_talking(const std::string& mode) {
  Channel channel(adapter_descriptor);
  wire::Reply reply;
  channel.receive(nullptr, 0);
  reply.mutable_greeting()->set_protocol(protocol_version);
  channel.send(reply.SerializeAsString(), nullptr, 0);
  channel.receive(nullptr, 0);
  reply.mutable_done();
  channel.send(reply.SerializeAsString(), nullptr, 0);
  channel.receive(nullptr, 0);
  if (mode != "flood" && mode != "two answers") {
    reply.mutable_marks();
    channel.send(reply.SerializeAsString(), nullptr, 0);
  }
  if (mode == "half" || mode == "drip") channel.receive(nullptr, 0);
  const std::string begun("\x03\x00\x00\x00half an answer", 18);
  if (mode == "half" && write(adapter_descriptor, begun.data(), begun.size()) < 0) _exit(1);
  if (mode == "two answers") {
    reply.mutable_position()->set_order("m");
    const std::string answer = reply.SerializeAsString();
    const std::string frame = std::string(3, '\0') + static_cast<char>(answer.size()) + answer;
    // At once, so that the second is there when the first is taken.
    if (write(adapter_descriptor, (frame + frame).data(), 2 * frame.size()) < 0) _exit(1);
  }
  if (mode == "flood") {
    const std::string frame(1U << 20U, '\0');
    while (write(adapter_descriptor, frame.data(), frame.size()) > 0) continue;
  }
  if (mode == "drip" && write(adapter_descriptor, "\x03\x00\x00\x00", 4) == 4)
    while (write(adapter_descriptor, "x", 1) == 1) poll(nullptr, 0, 1);
  for (;;) pause();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  const std::string mode = argv[1];
  for (const char* silent : {"deaf", "half", "drip", "flood", "two answers"})
    if (mode == silent) stop_talking(mode);
  Hostile adapter(mode);
  serve(adapter_descriptor, adapter);
}

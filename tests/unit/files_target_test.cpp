// Received tables as CSV files.
#include <sys/stat.h>

#include <thread>

#include "hub-protocol/base/error.h"
#include "tests/unit/files_support.h"

namespace qianzhi::test {

namespace {

class Receiver {
 public:
  explicit Receiver(Options options = {}) {
    std::filesystem::create_directory(folder());
    adapter::TargetTable table;
    table.table = "firm";
    table.columns = {{"code", "代码", {}, ItemType::code}, {"name", "名称", {}, ItemType::text}};
    table.key = {"code"};
    spec_ = {{{{"folder", folder().string()}, {"state", (directory_ / "state").string()}, {"interval", "0"}}, {}},
             "received",
             {table}};
    for (const auto& [name, value] : options) spec_.connection.options[name] = value;
    open();
  }

  void open() {
    target_.reset();
    adapter_ = adapter::make_files_adapter(clock_);
    target_ = adapter_->open_target(spec_);
    target_->marks();
  }

  // "\x01" stands for NULL.
  adapter::ApplyResult apply(const std::vector<std::pair<std::string, std::string>>& rows, bool ends = false) {
    adapter::TargetTransaction work;
    work.expected = head_;
    head_ = {{1, head_.position.sequence + 1}, Digest::from_bytes(std::string(32, static_cast<char>('a' + count_++)))};
    work.next = {"s", "tax", head_, "state"};
    adapter::Step step;
    step.rows.indexes = {0, 1};
    step.rows.columns.resize(2);
    step.rows.seen = "tag";
    for (const auto& [code, name] : rows) {
      step.rows.meta.push_back({});
      step.rows.groups.emplace_back("g");
      step.rows.columns[0].append(code);
      if (name == "\x01")
        step.rows.columns[1].append_null();
      else
        step.rows.columns[1].append(name);
    }
    work.steps.push_back(step);
    if (ends) {
      adapter::Step sweep;
      sweep.kind = adapter::Step::Kind::sweep;
      sweep.groups = GroupSet::every();
      sweep.seen = "tag";
      work.steps.push_back(sweep);
    }
    return target_->apply(work);
  }

  std::string file() const {
    std::ifstream file(folder() / "firm.csv", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::filesystem::path folder() const { return directory_ / "out"; }
  adapter::Target& target() { return *target_; }
  adapter::TargetSpec& spec() { return spec_; }

 private:
  TempDir directory_;
  SystemClock clock_;
  adapter::TargetSpec spec_;
  std::unique_ptr<adapter::Adapter> adapter_;
  std::unique_ptr<adapter::Target> target_;
  Head head_;
  int count_ = 0;
};

}  // namespace

TEST_CASE("a received table has no file before its first refill has ended, then always one that is whole") {
  Receiver receiver;
  receiver.apply({{"1", "甲"}});
  CHECK(DropFolder::names(receiver.folder()).empty());
  receiver.apply({{"2", "乙"}}, true);
  CHECK(receiver.file() == "code,name\r\n1,甲\r\n2,乙\r\n");
  receiver.apply({{"1", "丙"}});
  CHECK(receiver.file() == "code,name\r\n1,丙\r\n2,乙\r\n");
  CHECK(DropFolder::names(receiver.folder()) == std::vector<std::string>{"firm.csv"});
}

TEST_CASE("P32 what is written can be read back: NULL, empty, quotes, line ends, delimiters, rare characters") {
  for (const char* encoding : {"utf-8", "gb18030"}) {
    Receiver receiver(
        Options{{"encoding", encoding}, {"byte_order_mark", "true"}, {"delimiter", "|"}, {"titles", "true"}});
    const std::vector<std::pair<std::string, std::string>> rows{
        {"1", "\x01"}, {"2", ""}, {"3", "a|b"}, {"4", "\"q\""}, {"5", "x\r\ny"}, {"6", "㐀䶮𠮷亅"}, {"7", " z "}};
    receiver.apply(rows, true);
    DropFolder folder(Options{{"encoding", encoding}, {"delimiter", "|"}});
    folder.drop("firm.csv", receiver.file());
    folder.take();
    std::vector<std::string> expected;
    for (const auto& [code, name] : rows) expected.push_back(code + "|" + (name == "\x01" ? "<null>" : name));
    CHECK(folder.table() == expected);
  }
}

TEST_CASE("the marker comes after the file and tells its records, and is gone while the file is replaced") {
  Receiver receiver(Options{{"marker", ".done"}});
  receiver.apply({{"1", "a"}, {"2", "b"}}, true);
  std::ifstream marker(receiver.folder() / "firm.csv.done");
  int records = 0;
  CHECK(marker >> records);
  CHECK(records == 2);
}

TEST_CASE("a folder that cannot be written to keeps the rows, is told, and catches up by itself") {
  Receiver receiver;
  receiver.apply({{"1", "a"}}, true);
  const auto away = receiver.folder().parent_path() / "away";
  std::filesystem::rename(receiver.folder(), away);
  CHECK(receiver.apply({{"2", "b"}}).state == adapter::ApplyResult::State::committed);
  CHECK_THROWS_AS(receiver.target().marks(), Error);
  std::filesystem::rename(away, receiver.folder());
  CHECK(receiver.file() == "code,name\r\n1,a\r\n");
  receiver.target().marks();
  CHECK(receiver.file() == "code,name\r\n1,a\r\n2,b\r\n");
}

TEST_CASE("a file that was behind when the adapter ended is written when it starts again") {
  Receiver receiver;
  receiver.apply({{"1", "a"}}, true);
  const auto away = receiver.folder().parent_path() / "away";
  std::filesystem::rename(receiver.folder(), away);
  receiver.apply({{"2", "b"}});
  std::filesystem::rename(away, receiver.folder());
  receiver.open();
  CHECK(receiver.file() == "code,name\r\n1,a\r\n2,b\r\n");
}

TEST_CASE("with an interval files are written beside the work, and the last state is never left out") {
  Receiver receiver(Options{{"interval", "1000"}});
  receiver.apply({{"1", "a"}}, true);
  for (int i = 0; i < 20; ++i) receiver.apply({{std::to_string(10 + i), "n"}});
  const SystemClock clock;
  const Micros deadline = clock.steady() + 60'000'000;
  const auto lines = [&] {
    const std::string text = receiver.file();
    return std::count(text.begin(), text.end(), '\n');
  };
  while (lines() != 22 && clock.steady() < deadline) std::this_thread::yield();
  CHECK(lines() == 22);
}

TEST_CASE("what others have to read has the mode for it, whatever umask the service has") {
  const mode_t before = umask(0077);
  Receiver receiver(Options{{"marker", ".done"}});
  receiver.apply({{"1", "a"}}, true);
  DropFolder folder;
  folder.drop("firm.csv", "");
  folder.take();
  umask(before);
  using std::filesystem::perms;
  const perms readable = perms::owner_read | perms::owner_write | perms::group_read;
  for (const auto& file : {receiver.folder() / "firm.csv", receiver.folder() / "firm.csv.done",
                           folder.folder() / "rejected" / "firm.csv.reason.txt"})
    CHECK(std::filesystem::status(file).permissions() == readable);
}

TEST_CASE("an item that is new in the catalogue gets its column by itself") {
  Receiver receiver;
  receiver.apply({{"1", "a"}}, true);
  receiver.spec().tables[0].columns.push_back({"city", {}, {}, ItemType::text});
  receiver.open();
  receiver.apply({{"2", "b"}});
  CHECK(receiver.file() == "code,name,city\r\n1,a,\r\n2,b,\r\n");
}

}  // namespace qianzhi::test

// Files that cannot be used: nothing of them is, and a person learns why.
#include "hub-protocol/base/error.h"
#include "tests/unit/files_support.h"

namespace qianzhi::test {

namespace {

// A table of three rows, then a bad file: what is there stays, and the reason is told.
std::string rejection(const std::string& content, Options options = {}) {
  DropFolder folder(std::move(options));
  folder.drop("firm-1.csv", "code,name\n1,a\n2,b\n3,c\n");
  folder.take();
  const auto before = folder.table();
  REQUIRE(before.size() == 3);
  folder.drop("firm-2.csv", content);
  CHECK(folder.take() == 0);
  CHECK(folder.table() == before);
  CHECK(folder.waiting().empty());
  if (folder.rejected().empty()) return "accepted";
  CHECK(folder.rejected() == std::vector<std::string>{"firm-2.csv", "firm-2.csv.reason.txt"});
  const std::string reason = folder.reason("firm-2.csv");
  REQUIRE(folder.events.size() == 1);
  CHECK(folder.has(adapter::TableEventKind::attention));
  CHECK(contains(reason, folder.events[0].code));
  return reason;
}

}  // namespace

TEST_CASE("P39 a file with records that cannot be used is rejected whole, and each line is named") {
  const std::string reason = rejection("code,name\n1,a\n2\n3,c,d\n,e\n1,f\n4,g\n");
  for (const char* part : {"QZ-FIL-005", "line 3: the record has 1 fields, the header 2",
                           "line 4:", "line 5: the key is empty", "line 6: the key stands in an earlier line, too"}) {
    INFO(reason);
    CHECK(contains(reason, part));
  }
  CHECK_FALSE(contains(reason, "line 7"));
  CHECK(contains(reason, "以同名重新放入"));
  CHECK(contains(reason, "drop the file again under its name"));
}

TEST_CASE("P39 a broken form, an empty file and a header without a needed column are rejected") {
  CHECK(contains(rejection("code,name\n1,\"a\n"), "QZ-FIL-003"));
  CHECK(contains(rejection(""), "QZ-FIL-004"));
  CHECK(contains(rejection("code,title\n1,a\n"), "lacks: name; it has: code, title"));
  CHECK(contains(rejection("code,name,名称\n1,a,b\n"), "twice"));
}

TEST_CASE("a file with a thousand bad lines names the first twenty") {
  std::string text = "code,name\n";
  for (int i = 0; i < 1000; ++i) text += ",x\n";
  const std::string reason = rejection(text);
  CHECK(contains(reason, "line 21: "));
  CHECK_FALSE(contains(reason, "line 22: "));
  CHECK(contains(reason, "perhaps more"));
}

TEST_CASE("P32 a file of another encoding than configured is rejected, not guessed") {
  const std::string utf8 = "code,name\n1,广州\n2,深圳\n3,珠海\n";
  const std::string gb = "code,name\n1,\xB9\xE3\xD6\xDD\n2,\xC9\xEE\xDB\xDA\n3,\xD6\xE9\xBA\xA3\n";
  CHECK(contains(rejection(gb), "QZ-FIL-006"));
  CHECK(contains(rejection(utf8, {{"encoding", "gb18030"}}), "QZ-FIL-006"));
  CHECK(contains(rejection("\xEF\xBB\xBF" + utf8, {{"encoding", "gb18030"}}), "mark of UTF-8"));
  CHECK(contains(rejection("\x84\x31\x95\x33" + gb), "mark of GB18030"));
  CHECK(contains(rejection(std::string("\xFF\xFE") + std::string("c\0o\0", 4)), "UTF-16"));
}

TEST_CASE("P32 P39 marks at the beginning are passed over, and rare characters arrive") {
  DropFolder folder;
  folder.drop("firm-1.csv", "\xEF\xBB\xBF代码,名称\r\n1,㐀䶮𠮷\r\n");
  folder.take();
  CHECK(folder.table() == std::vector<std::string>{"1|㐀䶮𠮷"});
  DropFolder other(Options{{"encoding", "gb18030"}});
  other.drop("firm-1.csv",
             "\x84\x31\x95\x33\xB4\xFA\xC2\xEB,\xC3\xFB\xB3\xC6\r\n1,\x81\x39\xEE\x39\x95\x34\xB2\x35\r\n");
  other.take();
  CHECK(other.table() == std::vector<std::string>{"1|㐀𠮷"});
}

TEST_CASE("P32 one value that is not of the encoding sets only its row aside, with its octets") {
  DropFolder folder(Options{{"encoding", "gb18030"}});
  folder.drop("firm-1.csv", "code,name\n1," + gb_guangzhou + "\n2,\xB9\n3," + gb_guangzhou + "\n");
  folder.take();
  CHECK(folder.table() == std::vector<std::string>{"1|广州", "2|<invalid:b9>", "3|广州"});
  folder.drop("firm-2.csv", "code,name\n1,x\n\xB9,y\n");
  folder.take();
  CHECK(contains(folder.reason("firm-2.csv"), "line 3: the key is not of the encoding"));
}

TEST_CASE("P32 empty without quotes is NULL, with quotes the empty text, and another word can stand for NULL") {
  DropFolder folder;
  folder.drop("firm-1.csv", "code,name\n1,\n2,\"\"\n");
  folder.take();
  CHECK(folder.table() == std::vector<std::string>{"1|<null>", "2|"});
  DropFolder other(Options{{"null", "NULL"}});
  other.drop("firm-1.csv", "code,name\n1,\n2,NULL\n3,\"NULL\"\n");
  other.take();
  CHECK(other.table() == std::vector<std::string>{"1|", "2|<null>", "3|NULL"});
}

TEST_CASE("P39 a better file of the same name, or the next full one, mends a rejected one") {
  DropFolder folder;
  folder.drop("firm-1.csv", "code,name\n1,a\n");
  folder.take();
  folder.drop("firm-2.csv", "code\n1\n");
  folder.take();
  CHECK(folder.rejected().size() == 2);
  folder.open();
  folder.take();
  CHECK(folder.warns("QZ-FIL-004"));  // still, after a restart
  folder.drop("firm-2.csv", "code,name\n1,b\n");
  CHECK(folder.take() == 1);
  CHECK(folder.rejected().empty());
  CHECK(folder.events.empty());
  CHECK(folder.archived().size() == 3);  // the rejected one, too: nothing is deleted
}

TEST_CASE("P39 half an export does not empty the table without a person's word") {
  DropFolder folder;
  std::string all = "code,name\n";
  for (int i = 0; i < 100; ++i) all += std::to_string(1000 + i) + ",n\n";
  folder.drop("firm-1.csv", all);
  folder.take();
  folder.drop("firm-2.csv", "code,name\n");
  CHECK(folder.take() == 0);
  CHECK(contains(folder.reason("firm-2.csv"), "100 of 100 rows would be removed"));
  CHECK(folder.table().size() == 100);
  folder.drop("firm-2.csv", "code,name\n1000,n\n", false);
  std::ofstream(folder.folder() / "firm-2.csv.accept");
  folder.mark("firm-2.csv");
  CHECK(folder.take() == 99);
  CHECK(folder.waiting().empty());
  CHECK(folder.rejected().empty());
}

TEST_CASE("P39 a marker that promises another number of records rejects the file") {
  DropFolder folder;
  folder.drop("firm-1.csv", "code,name\n1,a\n2,b\n", false);
  folder.mark("firm-1.csv", "3\n");
  folder.take();
  CHECK(contains(folder.reason("firm-1.csv"), "promises another number"));
  folder.drop("firm-1.csv", "code,name\n1,a\n2,b\n3,c\n", false);
  folder.mark("firm-1.csv", "3\n");
  folder.take();
  CHECK(folder.table().size() == 3);
}

TEST_CASE("a file that two patterns match is told and left") {
  DropFolder folder(Options{{"table.firm2.full", "firm-2*.csv"}});
  folder.drop("firm-2.csv", "code,name\n1,a\n");
  folder.take();
  CHECK(folder.warns("QZ-FIL-013"));
  CHECK(folder.waiting().size() == 2);
}

TEST_CASE("options that are wrong, missing or unknown are refused by name") {
  const auto refusal = [](const std::string& name, const std::string& value) {
    try {
      DropFolder folder(Options{{name, value}});
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::misuse);
      CHECK(error.code() == "QZ-FIL-002");
      return error.detail();
    }
    return std::string("accepted");
  };
  CHECK(contains(refusal("folder", "-"), "folder is missing"));
  CHECK(contains(refusal("folder", "relative"), "absolute"));
  CHECK(contains(refusal("encoding", "latin1"), "encoding"));
  CHECK(contains(refusal("delimiter", "::"), "delimiter"));
  CHECK(contains(refusal("delimiter", "\""), "must differ"));
  CHECK(contains(refusal("quiet", "-1"), "quiet"));
  CHECK(contains(refusal("most_removed", "101"), "most_removed"));
  CHECK(contains(refusal("colour", "blue"), "colour is not known"));
  CHECK(contains(refusal("table.firm.colour", "blue"), "colour is not known"));
  CHECK(contains(refusal("table.qz_file.full", "x"), "qz_file"));
  CHECK(contains(refusal("table.firm.changes", "x"), "operation, upsert and remove"));
}

TEST_CASE("describe reads the header of the newest file, preflight finds what would be rejected") {
  DropFolder folder;
  folder.drop("firm-1.csv", "代码,名称\n", false);
  folder.drop("firm-2.csv", "\xEF\xBB\xBF代码,地址\n", false);
  const auto tables = folder.adapter().describe(folder.spec().connection);
  REQUIRE(tables.size() == 1);
  REQUIRE(tables[0].columns.size() == 2);
  CHECK(tables[0].columns[0].name == "code");
  CHECK(tables[0].columns[1].name == "地址");
  std::string found;
  for (const auto& finding : folder.source().preflight()) found += finding.code + " " + finding.detail + "\n";
  CHECK(contains(found, "QZ-FIL-004 the header of firm-2.csv lacks: name; it has: code, 地址"));
  CHECK_FALSE(contains(found, "firm-1.csv"));
}

TEST_CASE("a look at what would be sent imports, moves and writes nothing") {
  DropFolder folder;
  folder.drop("firm-1.csv", "代码,名称\n9,old\n");
  folder.drop("firm-2.csv", "\xEF\xBB\xBF代码,其他,名称\n1,x,甲\n2,x,\n3,x,\"\"\n", false);
  adapter::SourceSpec spec = folder.spec();
  spec.mode = adapter::CaptureMode::snapshot_only;
  const auto before = folder.waiting();
  std::filesystem::remove_all(folder / "state");
  const auto source = folder.adapter().open_source(spec);
  std::vector<std::string> seen;
  Bytes cursor;
  for (bool done = false; !done;) {
    const adapter::SnapshotChunk chunk = source->read_snapshot(0, cursor, {1, 1U << 20U});
    for (std::size_t row = 0; row < chunk.columns[0].size(); ++row)
      seen.push_back(std::string(chunk.columns[0].text(row)) + "|" + std::string(chunk.columns[1].text(row)));
    cursor = chunk.cursor;
    done = chunk.done;
  }
  CHECK(seen == std::vector<std::string>{"1|甲", "2|", "3|"});
  CHECK(folder.waiting() == before);
  CHECK_FALSE(std::filesystem::exists(folder / "state"));
}

}  // namespace qianzhi::test

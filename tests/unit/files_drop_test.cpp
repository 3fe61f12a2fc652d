// Which files of a drop folder are taken, and when.
#include "adapters/files/importer.h"
#include "tests/unit/files_support.h"

namespace qianzhi::test {

using adapter::TableEventKind;

TEST_CASE("P39 a file is taken once its marker is there, and goes to the archive without it") {
  DropFolder folder;
  folder.drop("firm.csv", "代码,名称\n1,甲\n", false);
  CHECK(folder.take() == 0);
  CHECK(folder.has(TableEventKind::unseen_changes));  // nothing was imported yet
  CHECK(folder.waiting() == std::vector<std::string>{"firm.csv"});
  folder.mark("firm.csv");
  folder.take();
  CHECK_FALSE(folder.has(TableEventKind::unseen_changes));
  CHECK(folder.table() == std::vector<std::string>{"1|甲"});
  CHECK(folder.waiting().empty());
  REQUIRE(folder.archived().size() == 1);
  CHECK(contains(folder.archived().front(), "-firm.csv"));
}

TEST_CASE("P39 without markers a file is taken when it was quiet for long enough, and only with its last line end") {
  DropFolder folder(Options{{"marker", "-"}, {"quiet", "60000000"}});
  folder.drop("firm.csv", "代码,名称\n1,甲\n2,", false);
  folder.take();
  folder.clock.time += 59'000'000;
  folder.take();
  CHECK(folder.waiting().size() == 1);
  folder.drop("firm.csv", "代码,名称\n1,甲\n2,乙", false);  // it grew
  folder.take();
  folder.clock.time += 59'000'000;
  folder.take();
  CHECK_FALSE(folder.warns("QZ-FIL-011"));
  folder.clock.time += 1'000'000;
  folder.take();
  CHECK(folder.warns("QZ-FIL-011"));
  CHECK(folder.has(TableEventKind::unseen_changes));
  folder.drop("firm.csv", "代码,名称\n1,甲\n2,乙二\n", false);
  folder.take();
  folder.clock.time += 60'000'000;
  folder.take();
  CHECK(folder.table() == std::vector<std::string>{"1|甲", "2|乙二"});
  CHECK_FALSE(folder.warns("QZ-FIL-011"));
}

TEST_CASE("P39 a file that is written to while it is read is read again, whole") {
  DropFolder folder;
  std::string text = "代码,名称\n";
  for (int i = 0; i < 30'000; ++i) text += std::to_string(100'000 + i) + ",n\n";
  folder.drop("firm.csv", text);
  const adapter::SourceSpec spec = folder.spec();
  const auto settings = adapter::files::source_settings(spec.connection);
  adapter::files::Spool spool(settings, spec);
  adapter::files::Importer importer(settings, spec, spool, folder.clock);
  REQUIRE(importer.work());  // begun
  REQUIRE(importer.work());  // a part is read
  {
    std::fstream file(folder.folder() / "firm.csv", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(text.find("100000,n")));
    file << "100000,m";  // what was read already
    file.seekp(0, std::ios::end);
    file << "200000,late\n";
  }
  while (importer.work()) {
  }
  CHECK(spool.looks("firm") == 1);  // what was half read was never taken
  CHECK(folder.waiting().empty());
  const auto rows = folder.table();
  CHECK(rows.size() == 30'001);
  CHECK(rows.front() == "100000|m");
}

TEST_CASE("P39 a file that is replaced by another while it is read is not archived unread") {
  DropFolder folder;
  std::string text = "代码,名称\n";
  for (int i = 0; i < 30'000; ++i) text += std::to_string(100'000 + i) + ",n\n";
  folder.drop("firm.csv", text);
  const adapter::SourceSpec spec = folder.spec();
  const auto settings = adapter::files::source_settings(spec.connection);
  adapter::files::Spool spool(settings, spec);
  adapter::files::Importer importer(settings, spec, spool, folder.clock);
  REQUIRE(importer.work());  // begun
  REQUIRE(importer.work());  // a part is read
  std::ofstream(folder.folder() / "firm.new") << text << "200000,late\n";
  std::filesystem::rename(folder.folder() / "firm.new", folder.folder() / "firm.csv");
  while (importer.work()) {
  }
  CHECK(folder.waiting().empty());
  CHECK(folder.table().size() == 30'001);
  CHECK(folder.archived().size() == 1);
}

TEST_CASE("P39 the first load comes as a refill, later files as what differs, each row once") {
  DropFolder folder;
  folder.drop("firm-1.csv", "代码,名称\n1,a\n2,b\n3,c\n");
  CHECK(folder.take() == 0);
  CHECK(folder.table().size() == 3);
  folder.drop("firm-3.csv", "代码,名称\n4,d\n2,b\n1,aa\n");
  folder.drop("firm-2.csv", "代码,名称\n1,x\n2,b\n3,c\n");
  CHECK(folder.take() == 4);
  CHECK(folder.log == std::vector<std::string>{"upsert 1 aa", "remove 3", "upsert 1 aa", "upsert 4 d"});
  CHECK(folder.table() == std::vector<std::string>{"1|aa", "2|b", "4|d"});
}

TEST_CASE("P39 the same name dropped again counts by its content") {
  DropFolder folder;
  const std::string first = "代码,名称\n1,a\n";
  folder.drop("firm.csv", first);
  folder.take();
  folder.drop("firm.csv", first);
  CHECK(folder.take() == 0);
  CHECK(folder.archived().size() == 2);
  folder.drop("firm.csv", "代码,名称\n1,b\n");
  CHECK(folder.take() == 1);
  folder.drop("firm.csv", first);  // a table may well go back
  CHECK(folder.take() == 1);
  CHECK(folder.table() == std::vector<std::string>{"1|a"});
}

TEST_CASE("P39 a dated file that is dropped again after a newer one does not take the table back") {
  DropFolder folder;
  folder.drop("firm-0101.csv", "代码,名称\n1,old\n");
  folder.take();
  folder.drop("firm-0102.csv", "代码,名称\n1,new\n");
  folder.take();
  folder.drop("firm-0101.csv", "代码,名称\n1,old\n");
  folder.take();
  CHECK(folder.table() == std::vector<std::string>{"1|new"});
  CHECK(folder.rejected() == std::vector<std::string>{"firm-0101.csv", "firm-0101.csv.reason.txt"});
  CHECK(contains(folder.reason("firm-0101.csv"), "QZ-FIL-008"));
}

TEST_CASE("P39 a file that was imported but could not be moved is not imported twice") {
  DropFolder folder(Options{{"archive", "-"}});
  folder.drop("firm-1.csv", "代码,名称\n1,a\n");
  folder.take();
  // A file stands where the folder should be: it cannot be moved there.
  std::filesystem::rename(folder.folder() / "archive", folder / "away");
  std::ofstream(folder.folder() / "archive");
  folder.drop("firm-2.csv", "代码,名称\n1,b\n");
  CHECK(folder.take() == 1);
  CHECK(folder.warns("QZ-FIL-012"));
  folder.open();
  CHECK(folder.take() == 0);
  CHECK(folder.warns("QZ-FIL-012"));
  std::filesystem::remove(folder.folder() / "archive");
  CHECK(folder.take() == 0);
  CHECK_FALSE(folder.warns("QZ-FIL-012"));
  CHECK(folder.waiting().empty());
}

TEST_CASE("a symbolic link, a folder and a hidden file are no files") {
  DropFolder folder;
  std::ofstream(folder / "secret") << "代码,名称\n1,secret\n";
  std::filesystem::create_symlink(folder / "secret", folder.folder() / "firm.csv");
  std::filesystem::create_directory(folder.folder() / "firm-2.csv");
  folder.drop(".firm-3.csv", "代码,名称\n1,hidden\n");
  for (const char* name : {"firm.csv", "firm-2.csv"}) folder.mark(name);
  CHECK(folder.take() == 0);
  CHECK(folder.has(TableEventKind::unseen_changes));
}

TEST_CASE("a drop folder that is away is told, and what was imported can still be read") {
  DropFolder folder;
  folder.drop("firm.csv", "代码,名称\n1,a\n");
  folder.take();
  std::filesystem::rename(folder.folder(), folder / "away");
  folder.take();
  CHECK(folder.warns("QZ-FIL-001"));
  CHECK(folder.table() == std::vector<std::string>{"1|a"});
  std::filesystem::rename(folder / "away", folder.folder());
  folder.take();
  CHECK(folder.events.empty());
}

TEST_CASE(
    "P28 a column that is new in the configuration waits for another full file, a new column of the file does not") {
  DropFolder folder;
  folder.drop("firm-1.csv", "代码,名称\n1,a\n");
  folder.take();
  folder.columns = {"code", "name", "city"};
  folder.open();
  folder.take();
  CHECK(folder.has(TableEventKind::unseen_changes));
  CHECK_THROWS(folder.table());
  folder.drop("firm-2.csv", "city,代码,whatever,名称\n广州,1,x,a\n");
  folder.take();
  CHECK_FALSE(folder.has(TableEventKind::unseen_changes));
  const adapter::SnapshotChunk chunk = folder.source().read_snapshot(0, {}, {});
  CHECK(chunk.columns[2].text(0) == "广州");
}

TEST_CASE("a spool that somebody deleted is not taken for an empty table") {
  DropFolder folder;
  folder.drop("firm-1.csv", "代码,名称\n1,a\n");
  folder.take();
  folder.drop("firm-2.csv", "代码,名称\n1,b\n2,b\n3,b\n4,b\n");
  folder.take();
  const SourcePosition before = folder.source().present();
  std::filesystem::remove_all(folder / "state");
  const adapter::Changes changes = folder.source().read_changes(before, {}, {}, 0);
  CHECK(changes.continuity != adapter::Continuity::good);
  CHECK_THROWS(folder.table());
}

TEST_CASE("waiting ends when a file comes, and lasts no longer than asked") {
  DropFolder folder(Options{{"look", "1000000"}});
  folder.take();
  const Micros begun = folder.clock.time;
  folder.take(10'000'000);
  CHECK(folder.clock.time - begun >= 10'000'000);
  CHECK(folder.clock.time - begun < 12'000'000);
}

}  // namespace qianzhi::test

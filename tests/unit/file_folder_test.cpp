#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "hub-protocol/envelope/file_form.h"
#include "hub-protocol/envelope/folder.h"
#include "hub-protocol/envelope/message.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::test {

namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

const std::string conversation = "0123456789abcdef0123456789abcdef";

}  // namespace

TEST_CASE("names of files are read as they are written, and no other", "[file]") {
  const FileName name{"tax-01.gz_x", conversation, 123, true};
  const std::string text = to_text(name);
  CHECK(text == "qz1-tax-01.gz_x-0123456789abcdef0123456789abcdef-000000000123-reply.qz");
  CHECK(parse_file_name(text) == name);
  CHECK(parse_file_name("qz1-a-" + conversation + "-000000000001-request.qz") == FileName{"a", conversation, 1, false});
  for (const std::string& bad :
       {std::string(), std::string("qz1-"), "qz1-a-" + conversation + "-000000000000-request.qz",
        "qz1-a-" + conversation + "-00000000001-request.qz", "qz2-a-" + conversation + "-000000000001-request.qz",
        "qz1-A-" + conversation + "-000000000001-request.qz", "qz1--" + conversation + "-000000000001-request.qz",
        "qz1-a/b-" + conversation + "-000000000001-request.qz", "qz1-" + conversation + "-000000000001-request.qz",
        "qz1-a-" + conversation + "-000000000001-request.qz.part", "qz1-a-" + conversation + "-00000000000x-reply.qz",
        "qz1-" + std::string(65, 'a') + "-" + conversation + "-000000000001-reply.qz",
        "qz1-a-" + std::string(32, 'G') + "-000000000001-reply.qz"}) {
    INFO(bad);
    CHECK_FALSE(parse_file_name(bad).has_value());
  }
}

TEST_CASE("a frame is whole or it is not: every prefix, a longer file, one not yet filled", "[file]") {
  const Bytes body = "some octets";
  const Bytes file = framed(body);
  CHECK(unframed(file) == body);
  for (std::size_t size = 0; size < file.size(); ++size)
    if (unframed(std::string_view(file).substr(0, size))) FAIL("a prefix of " << size);
  CHECK_FALSE(unframed(file + "x").has_value());
  for (std::size_t i = 0; i < file.size(); ++i) {
    Bytes zero = file;
    zero[i] = static_cast<char>(zero[i] ^ 0x40);
    if (unframed(zero)) FAIL("octet " << i);
  }
  Bytes unfilled = file;
  std::fill(unfilled.begin() + frame_head, unfilled.end(), '\0');
  CHECK_FALSE(unframed(unfilled).has_value());
  CHECK(unframed(framed("")) == "");
}

TEST_CASE("a folder shows whole files under their names and nothing else", "[file]") {
  const TempDir dir;
  const Folder folder(dir.path(), "QZ-LINK-019");
  folder.check();
  CHECK(folder.names(10).empty());
  folder.put("one", "octets");
  std::ofstream(dir / ".hidden") << "x";
  CHECK(folder.names(10) == std::vector<std::string>{"one"});
  CHECK(folder.read("one", 6) == "octets");
  CHECK_FALSE(folder.read("one", 5).has_value());
  CHECK_FALSE(folder.read("two", 5).has_value());
  CHECK(folder.state_of("one")->size == 6);
  CHECK(folder.remove("one"));
  CHECK_FALSE(folder.remove("one"));
  std::ofstream(dir / ".one.part") << "x";
  folder.remove_parts(0);
  CHECK(std::filesystem::exists(dir / ".one.part"));
  folder.remove_parts(SystemClock().now() + 1'000'000);
  CHECK_FALSE(std::filesystem::exists(dir / ".one.part"));
  CHECK(std::filesystem::exists(dir / ".hidden"));
}

TEST_CASE("links, pipes and folders with a good name are never read", "[file]") {
  const TempDir dir;
  const Folder folder(dir.path(), "QZ-LINK-019");
  std::ofstream(dir / "secret") << "secret";
  std::filesystem::create_symlink(dir / "secret", dir / "link");
  std::filesystem::create_directory(dir / "folder");
  REQUIRE(mkfifo((dir / "pipe").c_str(), 0600) == 0);
  for (const char* name : {"link", "folder", "pipe"}) {
    INFO(name);
    CHECK_FALSE(folder.read(name, 100).has_value());
    CHECK_FALSE(folder.state_of(name)->is_regular);
  }
}

TEST_CASE("what is set aside keeps its octets and says why, in both languages", "[file]") {
  const TempDir dir;
  const Folder folder(dir.path(), "QZ-LINK-019");
  folder.put("bad", "octets");
  folder.set_aside("bad", Error(ErrorKind::rejected, "QZ-LINK-122", "not for this key"), 0);
  CHECK(folder.names(10).empty());
  CHECK(text_of(dir / "reject/bad") == "octets");
  const std::string why = text_of(dir / "reject/bad.txt");
  CHECK(why.find("QZ-LINK-122 not for this key") != std::string::npos);
  CHECK(why.find("无法解密") != std::string::npos);
  CHECK(why.find("cannot be decrypted") != std::string::npos);
  // No link is followed, and no flood fills the disk.
  std::filesystem::create_symlink(dir / "reject/bad", dir / "link");
  folder.set_aside("link", Error(ErrorKind::rejected, "QZ-LINK-121", "x"), 0);
  CHECK(text_of(dir / "reject/bad") == "octets");
  for (int i = 0; i < 150; ++i) {
    folder.put("f" + std::to_string(i), "x");
    folder.set_aside("f" + std::to_string(i), Error(ErrorKind::rejected, "QZ-LINK-121", "x"), 0);
  }
  CHECK(Folder(dir / "reject", "QZ-LINK-019").names(1000).size() == reject_limit);
}

TEST_CASE("a folder that is away or full says so with its code", "[file]") {
  const TempDir dir;
  const Folder folder(dir / "gone", "QZ-LINK-019");
  CHECK(thrown_by([&] { folder.names(1); }) == "unavailable QZ-LINK-019");
  CHECK(thrown_by([&] { folder.put("x", "y"); }) == "unavailable QZ-LINK-019");
  CHECK(thrown_by([&] { folder.check(); }) == "unavailable QZ-LINK-019");
  CHECK(thrown_by([&] { folder.state_of("x"); }) == "unavailable QZ-LINK-019");
  folder.set_aside("x", Error(ErrorKind::rejected, "QZ-LINK-121", "x"), 0);
  if (access("/dev/full", W_OK) == 0) {
    std::filesystem::create_symlink("/dev/full", dir / ".x.part");
    const Folder full(dir.path(), "QZ-LINK-128");
    CHECK(thrown_by([&] { full.put("x", "y"); }) == "unavailable QZ-LINK-128");  // a link is not followed even then
  }
}

}  // namespace qianzhi::test

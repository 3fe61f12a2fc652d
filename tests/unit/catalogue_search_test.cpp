// Finding topics by words and by the first letters of their titles in pinyin.
#include <catch2/catch.hpp>

#include "hub-protocol/catalogue/initials.h"
#include "hub-protocol/catalogue/search.h"
#include "hub-protocol/yaml/catalogue.h"

using namespace qianzhi;
using catalogue::initials_of;

namespace {

struct Shipped {
  Catalogue catalogue;
  Shipped() {
    yaml::Diagnostics diagnostics;
    catalogue = yaml::load_catalogue(QIANZHI_CATALOGUE, diagnostics);
    catalogue::write_initials(catalogue);
  }
  std::vector<std::string> found(std::string_view words, std::size_t limit = 100) const {
    std::vector<std::string> ids;
    for (const catalogue::Hit& hit : catalogue::SearchIndex(catalogue).search(words, limit))
      ids.push_back(hit.topic->id);
    return ids;
  }
};

}  // namespace

TEST_CASE("S2.4 first letters in pinyin of titles, with digits and letters as they are") {
  CHECK(initials_of("开业登记信息") == "kydjxx");
  CHECK(initials_of("企业（机构）类型") == "qyjglx");
  CHECK(initials_of("12345热线A类") == "12345rxal");
  CHECK(initials_of("ＡＢ１级") == "ab1j");
  CHECK(initials_of("银行行业重新调查") == "yhhycxdc");
  CHECK(initials_of("绿色女性") == "lsnx");
  CHECK(initials_of("") == "");
  CHECK(initials_of("·—《》 ") == "");
  CHECK(initials_of("\xF0\xA0\xAE\xB7").size() <= 1);  // a rare character
}

TEST_CASE("S2.4 topics are found by id, title, English, pinyin initials and their items, best first") {
  const Shipped shipped;
  CHECK(shipped.found("开业登记").at(0) == "commerce.opening_registration");
  CHECK(shipped.found("opening_registration") == std::vector<std::string>{"commerce.opening_registration"});
  CHECK(shipped.found("OPENING Registration").at(0) == "commerce.opening_registration");
  CHECK(shipped.found("kydj").at(0) == "commerce.opening_registration");
  CHECK(shipped.found("ＫＹＤＪ").at(0) == "commerce.opening_registration");
  CHECK(shipped.found("税务登记信息", 2) ==
        std::vector<std::string>{"local_tax.tax_registration", "national_tax.tax_registration"});
  // Both words must be there: the department narrows it down.
  CHECK(shipped.found("local_tax　行政处罚") == std::vector<std::string>{"local_tax.administrative_penalty"});
  CHECK(shipped.found("没有这个").empty());
  CHECK(shipped.found("").size() == 22);
  CHECK(shipped.found("", 5).size() == 5);
  CHECK(shipped.found(std::string(10'000, 'x')).empty());
}

TEST_CASE("S2.4 a topic whose item matches is found, after those whose own name does, and says which item it was") {
  const Shipped shipped;
  const catalogue::SearchIndex index(shipped.catalogue);
  const auto hits = index.search("联系电话", 100);
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].topic->id == "commerce.opening_registration");
  REQUIRE(hits[0].items.size() == 1);
  CHECK(hits[0].items[0]->id == "contact_phone");
  CHECK(index.search("lxdh", 100).size() == 1);
  const auto by_both = index.search("吊销", 100);
  REQUIRE(by_both.size() >= 3);
  CHECK(by_both[0].topic->title.find("吊销") != std::string::npos);
  CHECK(by_both[0].score >= by_both[1].score);
}

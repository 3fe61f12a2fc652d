// The catalogue with the shipped programs: a DBA looks it up, an operator changes, imports and exports it.
#include <signal.h>

#include <catch2/catch.hpp>

#include <fstream>

#include "tests/crash/exchange.h"

using namespace qianzhi;
using crash::Exchange;
using crash::Who;

namespace {

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

void replace_in(const std::filesystem::path& file, const std::string& from, const std::string& to) {
  std::string text = crash::text_of(file);
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}

class City {
 public:
  City() {
    std::filesystem::copy(QIANZHI_SOURCE_DIR "/conf/catalogue", folder(), std::filesystem::copy_options::recursive);
    replace_in(exchange_.config(Who::hub), QIANZHI_SOURCE_DIR "/conf/catalogue", folder().string());
    exchange_.begin(3);
  }

  Exchange& exchange() { return exchange_; }
  std::filesystem::path folder() const { return exchange_.file("catalogue"); }
  crash::Output hub(std::vector<std::string> words) {
    words.insert(words.begin(), "catalogue");
    return exchange_.ask(Who::hub, std::move(words));
  }
  std::string topics(const std::string& words) { return exchange_.ask(Who::tax, {"topics", words}).text; }
  void reload() { exchange_.program(Who::hub).signal(SIGHUP); }
  void await_topic(const std::string& words, const std::string& part) {
    exchange_.await(part + " in " + words, [&] { return holds(topics(words), part); });
  }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(exchange_.file(name).parent_path());
    std::ofstream(exchange_.file(name)) << text;
  }

 private:
  Exchange exchange_;
};

}  // namespace

TEST_CASE(
    "S2.4 S2.5 with the shipped programs a catalogue is looked up, changed, refused, accepted, imported, exported") {
  City city;
  Exchange& exchange = city.exchange();
  const std::string firms = crash::firms_topic;

  CHECK(holds(city.topics("kydj"), firms));
  CHECK(holds(city.topics(firms), "catalogue version 1"));
  CHECK(exchange.ask(Who::tax, {"topics", "没有的"}).exit != 0);
  CHECK(holds(exchange.ask(Who::commerce, {"topics", firms}).text, "本部门提供 provided here"));

  // Shorter than rows in flight may be: refused, and told with what would follow.
  replace_in(city.folder() / "catalogue.yaml", "title_en: Domicile, type: text(300)",
             "title_en: Domicile, type: text(20)");
  const crash::Output diff = city.hub({"diff", city.folder().string()});
  INFO(diff.text);
  CHECK(diff.exit == 1);
  CHECK(holds(diff.text, "✕ commerce.opening_registration.domicile"));
  city.reload();
  exchange.await("the refusal", [&] { return holds(crash::text_of(exchange.file("hub.log")), "QZ-HUB-200"); });
  CHECK(holds(city.topics(firms), "catalogue version 1"));
  CHECK(city.hub({"accept"}).exit == 0);
  city.reload();
  city.await_topic(firms, "catalogue version 2");
  CHECK(holds(city.topics(firms), "住所 / Domicile  text(20)"));

  // Another department's catalogue, from a spreadsheet.
  city.write("customs/departments.csv", "id,title\r\ncustoms,海关\r\n");
  city.write("customs/topics.csv", "id,title,department,mode,key\r\ncustoms.goods,报关货物,customs,state,number\r\n");
  city.write("customs/items.csv", "topic,id,title,type\r\ncustoms.goods,number,编号,code(18)\r\n");
  const crash::Output imported = city.hub({"import", exchange.file("customs").string()});
  INFO(imported.text);
  REQUIRE(imported.exit == 0);
  CHECK(holds(imported.text, "catalogue version 3"));
  city.await_topic("bghw", "customs.goods");

  REQUIRE(city.hub({"export", exchange.file("csv").string(), "--csv"}).exit == 0);
  REQUIRE(city.hub({"export", exchange.file("yaml").string()}).exit == 0);
  for (const char* form : {"csv", "yaml"}) {
    const crash::Output same = city.hub({"diff", exchange.file(form).string()});
    CHECK(same.text.empty());
    CHECK(same.exit == 0);
    CHECK(holds(city.hub({"check", exchange.file(form).string()}).text, "23 个主题 topics"));
  }

  // A start is no way around the refusal, and acceptance works while the hub is stopped.
  exchange.stop(Who::hub);
  replace_in(city.folder() / "commerce.yaml", "      - general_business_scope\n", "");
  exchange.start(Who::hub);
  CHECK(exchange.await_end(Who::hub, [] {}).exit > 0);
  const crash::Output accepted = city.hub({"accept"});
  INFO(accepted.text);
  CHECK(accepted.exit == 0);
  CHECK(holds(accepted.text, "✕ commerce.opening_registration.general_business_scope"));
  exchange.start(Who::hub);
  city.await_topic(firms, "catalogue version 4");
  CHECK_FALSE(holds(city.topics(firms), "general_business_scope"));
  exchange.change();
  exchange.await_rest();
}

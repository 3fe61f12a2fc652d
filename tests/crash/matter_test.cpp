// Access and objections with the shipped programs, by nothing but their public commands.
#include <catch2/catch.hpp>

#include "tests/crash/exchange.h"

using namespace qianzhi;
using crash::Exchange;
using crash::Who;

namespace {

struct Desk {
  explicit Desk(bool with_quality) : exchange(choice(with_quality)) {
    exchange.make_source();
    exchange.make_target();
    exchange.start_all();
    for (int i = 0; i < 20; ++i) exchange.change();
  }
  static crash::Choice choice(bool with_quality) {
    crash::Choice choice;
    choice.restricted = with_quality;
    choice.ungranted = true;
    return choice;
  }
  // The command's answer; it must succeed.
  std::string say(Who who, const std::vector<std::string>& words) {
    const crash::Output output = exchange.ask(who, words);
    INFO(output.text);
    REQUIRE(output.exit == 0);
    return output.text;
  }
  std::string opened(Who who, const std::vector<std::string>& words) { return crash::last_line(say(who, words)); }
  void await_said(Who who, const std::vector<std::string>& words, const std::string& part) {
    exchange.await(part, [&] { return exchange.ask(who, words).text.find(part) != std::string::npos; });
  }
  std::string count(const std::string& query) {
    return exchange.rows(Who::quality, "SELECT count(*) FROM " + query)[0];
  }
  std::vector<std::string> wish(const std::string& topic, const std::string& items) {
    std::vector<std::string> words = {"request-access", topic,      "--groups", crash::granted_district,
                                      "--purpose",      "市场监管", "--basis",  "测试办法",
                                      "--reason",       "对照",     "--until",  "2099-12-31"};
    if (!items.empty()) words.insert(words.end(), {"--items", items});
    return words;
  }

  Exchange exchange;
};

}  // namespace

TEST_CASE(
    "S2.6 S2.10 a department asks for items of one district, is granted them, and gets those with their history") {
  Desk desk(true);
  Exchange& exchange = desk.exchange;
  exchange.await("the directory", [&] { return exchange.page(Who::quality).directory_version != 0; });
  CHECK(desk.count("firms") == "0|");
  const std::string items = "registration_number,enterprise_name,area_code";
  const std::string firms = desk.opened(Who::quality, desk.wish(crash::firms_topic, items));
  const std::string changes = desk.opened(Who::quality, desk.wish(crash::changes_topic, ""));
  CHECK(desk.say(Who::hub, {"access", "list", "--open"}).find(firms) != std::string::npos);
  // More than was asked for cannot be granted.
  CHECK(exchange.ask(Who::hub, {"access", "approve", firms, "--groups", "*"}).text.find("QZ-HUB-067") !=
        std::string::npos);
  const std::string grant = desk.opened(Who::hub, {"access", "approve", firms});
  desk.say(Who::hub, {"access", "approve", changes});
  exchange.await_rest();
  CHECK(exchange.difference().empty());
  CHECK(exchange.ungranted().empty());
  CHECK(desk.count("firms") != "0|");
  desk.await_said(Who::quality, {"matter", "show", firms}, "已授权");
  // Narrowed while the poll is parked: gone at once. Another item: filled in.
  desk.say(Who::hub, {"grant", "change", grant, "--items", "registration_number,area_code"});
  exchange.await("names are gone", [&] { return desk.count("firms WHERE enterprise_name IS NOT NULL") == "0|"; });
  desk.say(Who::hub, {"grant", "change", grant, "--items", items});
  exchange.await_rest();
  CHECK(exchange.difference().empty());
  desk.say(Who::hub, {"grant", "remove", grant, "--reason", "测试结束"});
  exchange.await("no rows", [&] { return desk.count("firms") == "0|"; });
  desk.await_said(Who::quality, {"matter", "show", firms}, "已终止");
  CHECK(desk.say(Who::hub, {"grant", "list", "--department", "quality"}).find(grant) == std::string::npos);
}

TEST_CASE(
    "a value that is wrong is objected to, answered, corrected by an ordinary change, and the matter ends itself") {
  Desk desk(false);
  Exchange& exchange = desk.exchange;
  exchange.sql("INSERT INTO enterprise VALUES('440103000000019', '荔湾茶行', '510000', '440103')");
  exchange.await_rest();
  const std::string matter =
      desk.opened(Who::tax, {"object", crash::firms_topic, "--key", "440103000000019", "--item", "enterprise_name",
                             "--held", "荔湾茶行", "--claimed", "荔湾茶庄", "--reason", "与执照不符"});
  desk.await_said(Who::commerce, {"status"}, "QZ-AGT-141");
  CHECK(desk.say(Who::commerce, {"matter", "show", matter}).find("荔湾茶庄") != std::string::npos);
  // The exchange's operator sees that there is one, and what it is about, but no value.
  const std::string shown = desk.say(Who::hub, {"objection", "show", matter});
  CHECK(shown.find("enterprise_name") != std::string::npos);
  CHECK(shown.find("荔湾茶") == std::string::npos);
  CHECK(exchange.ask(Who::tax, {"matter", "approve", matter}).text.find("QZ-HUB-076") != std::string::npos);
  desk.say(Who::commerce, {"matter", "approve", matter, "--reason", "属实"});
  desk.await_said(Who::tax, {"matter", "show", matter}, "等待更正");
  exchange.sql("UPDATE enterprise SET postal = '510001' WHERE reg_no = '440103000000019'");
  exchange.sql("UPDATE enterprise SET ent_name = '荔湾茶庄' WHERE reg_no = '440103000000019'");
  desk.await_said(Who::commerce, {"matter", "show", matter}, "已更正 corrected");
  CHECK(desk.say(Who::hub, {"objection", "statistics"})
            .find("commerce-01\tcommerce.opening_registration\t1\t1\t0\t0\t1\t1") != std::string::npos);
  exchange.await_rest();
}

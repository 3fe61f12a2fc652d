#include "packaging/demo/firm.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "agent/mapping/check_digits.h"

namespace qianzhi::demo {

namespace {

constexpr std::array<District, district_count> districts = {{
    {"330102", "上城区", "杭州市工商行政管理局上城分局", "杭州市上城区国家税务局", "杭州市地方税务局上城税务分局"},
    {"330103", "下城区", "杭州市工商行政管理局下城分局", "杭州市下城区国家税务局", "杭州市地方税务局下城税务分局"},
    {"330104", "江干区", "杭州市工商行政管理局江干分局", "杭州市江干区国家税务局", "杭州市地方税务局江干税务分局"},
    {"330105", "拱墅区", "杭州市工商行政管理局拱墅分局", "杭州市拱墅区国家税务局", "杭州市地方税务局拱墅税务分局"},
    {"330106", "西湖区", "杭州市工商行政管理局西湖分局", "杭州市西湖区国家税务局", "杭州市地方税务局西湖税务分局"},
    {"330108", "滨江区", "杭州市工商行政管理局滨江分局", "杭州市滨江区国家税务局", "杭州市地方税务局滨江税务分局"},
    {"330191", "经济技术开发区", "杭州市工商行政管理局经济技术开发区分局", "杭州经济技术开发区国家税务局",
     "杭州市地方税务局开发区税务分局"},
    {"330192", "高新技术产业开发区", "杭州市工商行政管理局高新区分局", "杭州高新技术产业开发区国家税务局",
     "杭州市地方税务局高新区税务分局"},
    {"330193", "之江国家旅游度假区", "杭州市工商行政管理局之江分局", "杭州之江国家旅游度假区国家税务局",
     "杭州市地方税务局之江税务分局"},
}};

// Each of these texts is cut into characters, so that a name is put together from single ones.
constexpr std::string_view first_characters =
    "华新东方大中天金宏伟恒瑞德信诚永兴隆盛泰和平安吉祥如意福星光明远达通顺利丰源润泽康健美佳雅博文思创智汇联合众志凯旋"
    "龙腾飞跃鼎立";
constexpr std::string_view second_characters =
    "江河湖海山川林森松柏竹梅兰菊春夏秋冬云雨风雷电石玉珠宝银钢铁木水火土田园草花果叶根本正直方圆长宽高深厚实诺言行知";
constexpr std::string_view surnames =
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪"
    "田任姜范方石";
constexpr std::string_view given_characters =
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国志文斌辉波宁健峰琳雪松梅荣光海燕春雷云龙凤山林宇欣怡晨"
    "阳";
// Not in GBK: names of living people that old systems lose.
constexpr std::string_view rare_characters = "㐀䶮𠮷㛃䲜𬀩";

constexpr std::array<std::string_view, 12> trades = {"贸易",     "科技",     "实业",     "建材", "纺织", "餐饮管理",
                                                     "信息技术", "机电设备", "广告策划", "物流", "食品", "生物工程"};
constexpr std::array<std::string_view, 12> industries = {"5131", "6202", "7440", "6555", "1711", "6710",
                                                         "6190", "3512", "7440", "5810", "1411", "7620"};
constexpr std::array<std::string_view, 12> scopes = {"批发、零售：日用百货，五金交电，文化用品",
                                                     "技术开发、技术服务：计算机软硬件，电子产品",
                                                     "实业投资；企业管理咨询（除证券、期货）",
                                                     "批发、零售：建筑材料，装饰材料，金属材料",
                                                     "生产、加工：丝绸，服装，针纺织品",
                                                     "服务：餐饮企业管理，会务接待",
                                                     "服务：网络工程、系统集成；批发、零售：通讯设备",
                                                     "安装、维修：机电设备；批发：仪器仪表，电线电缆",
                                                     "设计、制作、代理国内广告，企业形象策划",
                                                     "服务：仓储，装卸，货运代理",
                                                     "批发、零售：预包装食品，初级食用农产品",
                                                     "技术开发、技术咨询：生物制品（不含药品）"};
constexpr std::array<std::string_view, 5> licensed = {"卷烟零售", "图书报刊零售", "道路货物运输",
                                                      "危险化学品经营（票据）", "中式餐供应"};
constexpr std::array<std::string_view, 8> roads = {"文三路",   "解放路",   "庆春路", "莫干山路",
                                                   "天目山路", "江南大道", "凤起路", "中山北路"};
constexpr std::array<std::string_view, 5> types = {"10", "11", "13", "20", "31"};

std::vector<std::string> characters_of(std::string_view text) {
  std::vector<std::string> result;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) result.emplace_back();
    result.back() += c;
  }
  return result;
}

std::string padded(std::uint64_t value, std::size_t width) {
  std::string text = std::to_string(value);
  return std::string(width - std::min(width, text.size()), '0') + text;
}

struct Calendar {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
};

Calendar calendar_of(int day) {
  using std::chrono::year_month_day;
  constexpr year_month_day start{std::chrono::year(2004), std::chrono::month(9), std::chrono::day(1)};
  const year_month_day date{std::chrono::sys_days(start) + std::chrono::days(day)};
  return {static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())};
}

std::string citizen_id(Dice& dice) {
  std::string body(districts[dice.below(6)].code);
  body += padded(1945 + dice.below(40), 4) + padded(1 + dice.below(12), 2) + padded(1 + dice.below(28), 2);
  body += padded(1 + dice.below(998), 3);
  return body + mapping::citizen_id_check_digit(body);
}

std::string registration_number(std::uint64_t number, std::string_view area, bool old) {
  if (old) return "3301" + padded(200000000 + number % 100000000, 9);
  const std::string body = std::string(area) + "1" + padded(number, 7);
  return body + mapping::registration_number_check_digit(body);
}

std::string organisation_code(std::uint64_t number) {
  const std::string body = padded(70000000 + number, 8);
  return body + mapping::organisation_code_check_digit(body);
}

}  // namespace

Dice Dice::of(std::uint64_t seed, std::uint64_t number, std::uint64_t purpose) {
  Dice mixed(seed * 0x9E3779B97F4A7C15U + number);
  Dice result(mixed.next() + purpose * 0xD1B54A32D192ED03U);
  result.next();
  return result;
}

std::uint64_t Dice::next() {
  std::uint64_t z = state_ += 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

const District& district(std::size_t index) { return districts[index]; }

std::string iso_date(int day) {
  const Calendar c = calendar_of(day);
  return std::to_string(c.year) + "-" + padded(c.month, 2) + "-" + padded(c.day, 2);
}

std::string compact_date(int day) {
  const Calendar c = calendar_of(day);
  return std::to_string(c.year) + padded(c.month, 2) + padded(c.day, 2);
}

std::string chinese_date(int day) {
  const Calendar c = calendar_of(day);
  return std::to_string(c.year) + "年" + std::to_string(c.month) + "月" + std::to_string(c.day) + "日";
}

std::string slash_date(int day) {
  const Calendar c = calendar_of(day);
  return std::to_string(c.year) + "/" + std::to_string(c.month) + "/" + std::to_string(c.day);
}

std::string person_name(Dice& dice) {
  static const std::vector<std::string> family = characters_of(surnames);
  static const std::vector<std::string> given = characters_of(given_characters);
  static const std::vector<std::string> rare = characters_of(rare_characters);
  if (dice.in_thousand(4)) return "买买提·" + given[dice.below(given.size())] + given[dice.below(given.size())];
  std::string name = family[dice.below(family.size())];
  if (dice.in_thousand(700)) name += given[dice.below(given.size())];
  return name + (dice.in_thousand(8) ? rare[dice.below(rare.size())] : given[dice.below(given.size())]);
}

std::string firm_name(std::uint64_t seed, std::uint64_t number, unsigned version) {
  static const std::vector<std::string> first = characters_of(first_characters);
  static const std::vector<std::string> second = characters_of(second_characters);
  Dice dice = Dice::of(seed, number, for_name);
  const std::string_view trade = trades[dice.below(trades.size())];
  const bool foreign = dice.in_thousand(15);
  // Number, then version, decide the brand, so that no two names are alike.
  std::uint64_t rest = number + version * 1'000'003ULL;
  std::string brand = first[rest % first.size()];
  rest /= first.size();
  brand += second[rest % second.size()];
  rest /= second.size();
  if (rest != 0) brand += first[rest % first.size()];
  rest /= first.size();
  if (rest != 0) brand += second[rest % second.size()];
  return (foreign ? brand + "（中国）" : "杭州" + brand) + std::string(trade) + "有限公司";
}

std::string firm_address(std::uint64_t seed, std::uint64_t number, std::size_t where, unsigned version) {
  Dice dice = Dice::of(seed, number, for_address + 16 * version);
  return "杭州市" + std::string(districts[where].name) + std::string(roads[dice.below(roads.size())]) +
         std::to_string(1 + dice.below(900)) + "号" + std::to_string(1 + dice.below(20)) + "幢" +
         std::to_string(101 + dice.below(1800)) + "室";
}

Firm make_firm(std::uint64_t seed, std::uint64_t number) {
  Dice dice = Dice::of(seed, number, for_firm);
  Firm firm;
  firm.district = dice.below(district_count);
  const std::string_view area = districts[firm.district].code;
  firm.registration_number = registration_number(number, area, dice.in_thousand(20));
  firm.organisation_code = organisation_code(number);
  firm.name = firm_name(seed, number, 0);
  firm.legal_representative = person_name(dice);
  firm.document = dice.in_thousand(10) ? "E" + padded(10000000 + dice.below(89999999), 8) : citizen_id(dice);
  firm.address = firm_address(seed, number, firm.district, 0);
  firm.postal_code = "3100" + padded(1 + dice.below(30), 2);
  firm.phone = "0571-8" + padded(dice.below(10000000), 7);
  const std::size_t trade = Dice::of(seed, number, for_name).below(trades.size());
  firm.general_scope = scopes[trade];
  firm.industry = industries[trade];
  if (dice.in_thousand(150)) firm.licensed_scope = licensed[dice.below(licensed.size())];
  firm.enterprise_type = types[dice.below(types.size())];
  firm.opened = static_cast<int>(dice.below(load_days));
  firm.taxpayer_id = std::string(area) + firm.organisation_code;
  firm.plain_taxpayer_id = std::string(area) + padded(number, 11);
  return firm;
}

}  // namespace qianzhi::demo

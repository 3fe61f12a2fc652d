#include "agent/desk/standard/places.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "agent/desk/standard/characters.h"

namespace qianzhi::desk::standard {

namespace {

// A province, a colon, its cities.
constexpr auto provinces = std::to_array<std::u32string_view>({
    U"北京:",
    U"天津:",
    U"上海:",
    U"重庆:",
    U"香港:",
    U"澳门:",
    U"中国:",
    U"台湾:台北 高雄 台中 台南",
    U"河北:石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水",
    U"山西:太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁",
    U"内蒙古:呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布 阿拉善 兴安 锡林郭勒",
    U"辽宁:沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳 葫芦岛",
    U"吉林:长春 吉林 四平 辽源 通化 白山 松原 白城 延边",
    U"黑龙江:哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化",
    U"江苏:南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁",
    U"浙江:杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水",
    U"安徽:合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城",
    U"福建:福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德",
    U"江西:南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶",
    U"山东:济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城 滨州 菏泽",
    U"河南:郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店",
    U"湖北:武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施",
    U"湖南:长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 湘西",
    U"广东:广州 深圳 珠海 汕头 佛山 韶关 湛江 肇庆 江门 茂名 惠州 梅州 汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 云浮",
    U"广西:南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左",
    U"海南:海口 三亚 三沙 儋州",
    U"四川:成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳 阿坝 甘孜 凉山",
    U"贵州:贵阳 六盘水 遵义 安顺 毕节 铜仁 黔西南 黔东南 黔南",
    U"云南:昆明 曲靖 玉溪 保山 昭通 丽江 普洱 临沧 楚雄 红河 文山 西双版纳 大理 德宏 怒江 迪庆",
    U"西藏:拉萨 日喀则 昌都 林芝 山南 那曲 阿里",
    U"陕西:西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛",
    U"甘肃:兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南 临夏 甘南",
    U"青海:西宁 海东 海北 黄南 果洛 玉树 海西",
    U"宁夏:银川 石嘴山 吴忠 固原 中卫",
    U"新疆:乌鲁木齐 克拉玛依 吐鲁番 哈密 昌吉 博尔塔拉 巴音郭楞 阿克苏 喀什 和田 伊犁 塔城 阿勒泰",
});

constexpr auto known_districts = std::to_array<std::u32string_view>({
    U"广州:越秀 荔湾 海珠 天河 白云 黄埔 番禺 花都 南沙 从化 增城 萝岗 东山 芳村",
    U"杭州:上城 下城 拱墅 西湖 滨江 萧山 余杭 富阳 临安 临平 钱塘 江干",
    U"乌海:海勃湾 乌达 海南",
    U"深圳:福田 罗湖 南山 宝安 龙岗 盐田 龙华 坪山 光明 大鹏",
    U"佛山:禅城 南海 顺德 三水 高明",
    U"宁波:海曙 江北 北仑 镇海 鄞州 奉化 江东",
    U"南京:玄武 秦淮 建邺 鼓楼 浦口 栖霞 雨花台 江宁 六合 溧水 高淳 白下 下关",
    U"成都:锦江 青羊 金牛 武侯 成华 龙泉驿 青白江 新都 温江 双流 郫都",
    U"北京:东城 西城 朝阳 丰台 石景山 海淀 门头沟 房山 通州 顺义 昌平 大兴 怀柔 平谷 密云 延庆 崇文 宣武",
    U"上海:黄浦 徐汇 长宁 静安 普陀 虹口 杨浦 闵行 宝山 嘉定 浦东新 金山 松江 青浦 奉贤 崇明 卢湾 闸北",
    U"天津:和平 河东 河西 南开 河北 红桥 东丽 西青 津南 北辰 武清 宝坻 滨海新 宁河 静海 蓟州",
    U"重庆:渝中 大渡口 江北 沙坪坝 九龙坡 南岸 北碚 渝北 巴南 万州 涪陵 黔江 长寿 江津 合川 永川 南川",
});

// City and province in one.
constexpr auto municipalities = std::to_array<std::u32string_view>({U"北京", U"天津", U"上海", U"重庆"});

bool is_municipality(std::u32string_view name) {
  return std::find(municipalities.begin(), municipalities.end(), name) != municipalities.end();
}

struct Tables {
  std::map<std::u32string, std::u32string> provinces;  // itself
  std::map<std::u32string, std::u32string> cities;     // to its province
  std::map<std::u32string, std::vector<std::u32string>> districts;
};

std::pair<std::u32string, std::vector<std::u32string>> taken_apart(std::u32string_view line) {
  const std::size_t colon = line.find(U':');
  std::vector<std::u32string> words;
  for (std::size_t at = colon + 1; at < line.size();) {
    const std::size_t end = std::min(line.find(U' ', at), line.size());
    words.emplace_back(line.substr(at, end - at));
    at = end + 1;
  }
  return {std::u32string(line.substr(0, colon)), words};
}

const Tables& tables() {
  static const Tables all = [] {
    Tables made;
    for (const std::u32string_view line : provinces) {
      const auto [province, cities] = taken_apart(line);
      made.provinces[province] = province;
      for (const std::u32string& city : cities) made.cities[city] = province;
    }
    for (const std::u32string_view both : municipalities) made.cities[std::u32string(both)] = std::u32string(both);
    for (const std::u32string_view line : known_districts) {
      auto [city, districts] = taken_apart(line);
      made.districts[city] = std::move(districts);
    }
    return made;
  }();
  return all;
}

// The longest key, of at most five characters, that stands there.
template <typename Map>
typename Map::const_iterator longest(const Map& map, std::u32string_view text, std::size_t at) {
  for (std::size_t size = 5; size >= 2; --size) {
    if (at + size > text.size()) continue;
    const auto found = map.find(std::u32string(text.substr(at, size)));
    if (found != map.end()) return found;
  }
  return map.end();
}

std::size_t province_end(std::u32string_view text, std::size_t at) {
  for (const std::u32string_view word :
       {std::u32string_view(U"维吾尔自治区"), std::u32string_view(U"壮族自治区"), std::u32string_view(U"回族自治区"),
        std::u32string_view(U"特别行政区"), std::u32string_view(U"自治区"), std::u32string_view(U"省")})
    if (starts_with(text, at, word)) return word.size();
  return 0;
}

// Words behind which a two-character "city" is only the beginning of another word: 中山路, 南京东路.
bool is_road(std::u32string_view text, std::size_t at) {
  return at < text.size() && (text[at] == U'路' || text[at] == U'街' || text[at] == U'道');
}

void take_city(std::u32string_view text, std::size_t least_rest, PlaceAt& found, Changes& changes) {
  const Tables& all = tables();
  const auto city = longest(all.cities, text, found.size);
  if (city == all.cities.end()) return;
  if (!found.place.province.empty() && found.place.province != U"中国" && city->second != found.place.province) return;
  const std::size_t end = found.size + city->first.size();
  const bool marked = starts_with(text, end, U"市");
  const bool is_province_too = all.provinces.count(city->first) != 0 && !is_municipality(city->first);
  if (!marked && is_province_too) return;
  if (!marked && (text.size() < end + least_rest || is_road(text, end))) return;
  if (marked) note(changes, Change::city_word);
  found.place.city = city->first;
  found.place.province = city->second;
  found.size = end + (marked ? 1 : 0);
}

}  // namespace

PlaceAt district_at(std::u32string_view text, const std::u32string& city, std::size_t least_rest) {
  PlaceAt found;
  const auto known = tables().districts.find(city);
  if (known != tables().districts.end()) {
    for (const std::u32string& name : known->second) {
      if (!starts_with(text, 0, name)) continue;
      const bool marked = starts_with(text, name.size(), U"区") || starts_with(text, name.size(), U"市") ||
                          starts_with(text, name.size(), U"县");
      if (!marked && (text.size() < name.size() + least_rest || is_road(text, name.size()))) continue;
      found.place.district = name;
      found.place.bare_district = !marked;
      found.size = name.size() + (marked ? 1 : 0);
      return found;
    }
  }
  // 2 or 3 characters and 县; a city below a city.
  for (const std::size_t size : {2, 3})
    if (text.size() > size && text[size] == U'县') {
      found.place.district = std::u32string(text.substr(0, size + 1));
      found.size = size + 1;
      return found;
    }
  return found;
}

PlaceAt place_at(std::u32string_view text, std::size_t least_rest, Changes& changes) {
  PlaceAt found;
  const Tables& all = tables();
  const auto province = longest(all.provinces, text, 0);
  if (province != all.provinces.end() && !is_municipality(province->first)) {
    const std::size_t end = province->first.size();
    const std::size_t word = province_end(text, end);
    // 吉林市, 海南区: not the province.
    const bool is_other = starts_with(text, end, U"市") || starts_with(text, end, U"区");
    if (!is_other && (word != 0 || text.size() >= end + least_rest) && !is_road(text, end)) {
      found.place.province = province->first;
      found.size = end + word;
      if (word != 0) note(changes, Change::province_word);
    }
  }
  take_city(text, least_rest, found, changes);
  if (!found.place.city.empty()) {
    const PlaceAt district = district_at(text.substr(found.size), found.place.city, least_rest + 2);
    found.place.district = district.place.district;
    found.place.bare_district = district.place.bare_district;
    found.size += district.size;
  }
  return found;
}

bool is_region_word(std::u32string_view word, std::u32string& plain) {
  for (const std::u32string_view end : {U"省", U"市", U"区"})
    if (word.size() > 2 && ends_with(word, end)) word.remove_suffix(1);
  plain = std::u32string(word);
  const Tables& all = tables();
  return all.cities.count(plain) != 0 || all.provinces.count(plain) != 0 || plain == U"国际";
}

}  // namespace qianzhi::desk::standard

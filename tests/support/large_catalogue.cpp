#include "tests/support/large_catalogue.h"

#include <array>

namespace qianzhi::test {

namespace {

struct Word {
  const char* zh;
  const char* en;
};

constexpr std::array<Word, 23> fields = {
    {{"公安", "police"},        {"民政", "civil_affairs"},   {"人社", "labour"},      {"税务", "tax"},
     {"市场监管", "market"},    {"教育", "education"},       {"卫生健康", "health"},  {"住房", "housing"},
     {"交通运输", "transport"}, {"生态环境", "environment"}, {"自然资源", "land"},    {"城市管理", "city"},
     {"医疗保障", "medicare"},  {"应急管理", "emergency"},   {"文化旅游", "culture"}, {"农业农村", "farming"},
     {"水务", "water"},         {"商务", "trade"},           {"统计", "statistics"},  {"司法", "justice"},
     {"金融监管", "finance"},   {"海关", "customs"},         {"残联", "disabled"}}};
constexpr std::array<Word, 12> subjects = {{{"企业", "enterprise"},
                                            {"人员", "person"},
                                            {"车辆", "vehicle"},
                                            {"房屋", "house"},
                                            {"项目", "project"},
                                            {"许可证", "licence"},
                                            {"社会组织", "organisation"},
                                            {"药品", "medicine"},
                                            {"学籍", "pupil"},
                                            {"缴费", "payment"},
                                            {"设备", "equipment"},
                                            {"证照", "certificate"}}};
constexpr std::array<Word, 9> acts = {{{"登记信息", "registration"},
                                       {"变更信息", "change"},
                                       {"注销信息", "deregistration"},
                                       {"年度检验信息", "inspection"},
                                       {"行政处罚信息", "penalty"},
                                       {"资格审查结果", "review"},
                                       {"补贴发放记录", "subsidy"},
                                       {"异常名录", "abnormal"},
                                       {"信用评价", "credit"}}};
constexpr std::array<Word, 20> properties = {
    {{"名称", "name"},        {"证件号码", "number"},  {"统一社会信用代码", "credit_code"},
     {"联系电话", "phone"},   {"住址", "address"},     {"日期", "date"},
     {"金额", "amount"},      {"状态", "state"},       {"类别", "kind"},
     {"原因", "reason"},      {"机关", "authority"},   {"备注", "note"},
     {"面积", "area"},        {"数量", "count"},       {"等级", "grade"},
     {"有效期止", "expiry"},  {"经办人", "clerk"},     {"文号", "document"},
     {"银行账号", "account"}, {"行业代码", "industry"}}};

Item item_of(std::size_t number) {
  const Word& property = properties[number % properties.size()];
  const Word& subject = subjects[number / properties.size() % subjects.size()];
  Item item;
  item.id = std::string(subject.en) + "_" + property.en + "_" + std::to_string(number);
  item.title = std::string(subject.zh) + property.zh;
  item.title_en = std::string(subject.en) + " " + property.en;
  item.type = number % 20 == 5 ? ItemType::date : ItemType::text;
  item.length = item.type == ItemType::date ? 0 : 200;
  item.personal = number % 20 == 3;
  return item;
}

Topic topic_of(std::size_t number, const Department& department) {
  const Word& subject = subjects[number % subjects.size()];
  const Word& act = acts[number / subjects.size() % acts.size()];
  Topic topic;
  topic.id = department.id + "." + subject.en + "_" + act.en + "_" + std::to_string(number);
  topic.title =
      department.title.substr(0, department.title.size() - std::string("部门一").size()) + subject.zh + act.zh;
  topic.title_en = std::string(subject.en) + " " + act.en;
  topic.department = department.id;
  topic.code = std::to_string(307'000'000 + number);
  topic.sharing = number % 5 == 0 ? Sharing::conditional : Sharing::must;
  topic.basis = "政务数据共享条例";
  topic.purposes = {"业务协同"};
  topic.update_cycle = 86'400'000'000;
  topic.contact = department.title + "信息中心";
  return topic;
}

}  // namespace

Directory large_catalogue() {
  Directory directory;
  std::vector<Department> departments;
  for (std::size_t i = 0; i < large_departments; ++i) {
    const Word& field = fields[i % fields.size()];
    const bool second = i >= fields.size();
    departments.push_back({field.en + std::string(second ? "_2" : "_1"),
                           field.zh + std::string(second ? "部门二" : "部门一"),
                           std::string(field.en) + " department"});
    directory.departments.emplace(departments.back().id, departments.back());
  }
  std::size_t next_item = 0;
  for (std::size_t i = 0; i < large_topics; ++i) {
    Topic topic = topic_of(i, departments[i % departments.size()]);
    // Each its share; the first ones have one more.
    const std::size_t items = large_items / large_topics + (i < large_items % large_topics ? 1 : 0);
    for (std::size_t k = 0; k < items; ++k) topic.items.push_back(item_of(next_item++));
    topic.key = {topic.items.front().id};
    topic.items.front().required = true;
    directory.catalogue.topics.emplace(topic.id, std::move(topic));
  }
  directory.catalogue.version = 1;
  return directory;
}

}  // namespace qianzhi::test

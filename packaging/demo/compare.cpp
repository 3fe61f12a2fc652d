#include "packaging/demo/compare.h"

#include <algorithm>
#include <cstdio>

#include "packaging/demo/expected.h"

namespace qianzhi::demo {

namespace {

const Member& member_of(const std::vector<Member>& members, std::string_view id) {
  return *std::find_if(members.begin(), members.end(), [&](const Member& member) { return member.id == id; });
}

// Items that any grant gives this department. Grants of the demonstration hold for the whole city.
std::set<std::string> granted_items(const Directory& directory, const Topic& topic, const std::string& department) {
  std::set<std::string> items;
  for (const Grant& grant : directory.grants) {
    if (grant.topic != topic.id || grant.department != department) continue;
    items.insert(topic.key.begin(), topic.key.end());
    for (const Item& item : topic.items)
      if (grant.items.empty() || grant.items.count(item.id) != 0) items.insert(item.id);
  }
  return items;
}

Rows without(Rows rows, const Topic& topic, const std::set<std::string>& set_aside) {
  if (topic.id != "commerce.opening_registration") return rows;
  for (const std::string& number : set_aside) rows.erase(number + "\x1f");
  return rows;
}

Comparison compare_one(const Topic& topic, const std::string& receiver, const Rows& source, const Rows& entitled,
                       const Rows& target, const std::set<std::string>& items) {
  Comparison line{topic.id, receiver, source.size(), entitled.size(), target.size()};
  for (const auto& [key, row] : target) {
    const auto wanted = entitled.find(key);
    if (wanted == entitled.end()) ++line.extra;
    bool differs = false;
    for (std::size_t i = 0; i < topic.items.size(); ++i) {
      if (items.count(topic.items[i].id) == 0) {
        line.leaked += row[i] ? 1U : 0U;
      } else if (wanted != entitled.end() && row[i] != wanted->second[i]) {
        differs = true;
      }
    }
    line.differing += differs ? 1U : 0U;
  }
  for (const auto& entry : entitled) line.missing += target.count(entry.first) == 0 ? 1U : 0U;
  return line;
}

// Live changes are dated from 2005 on, so what the load was like can still be told.
void count_firms(const Place& statistics, Report& report) {
  const std::string firms =
      "SELECT count(*) FROM commerce_opening_registration AS f WHERE f.establishment_date < '2004-12-01'";
  const auto none = [](const std::string& table, const std::string& date, const char* sign) {
    return " AND NOT EXISTS (SELECT 1 FROM " + table +
           " AS t WHERE t.registration_number = f.registration_number AND t." + date + " " + sign + " '2005-01-01')";
  };
  std::string no_tax;
  for (const std::string bureau : {"national_tax", "local_tax"})
    no_tax += none(bureau + "_tax_registration", "tax_registration_date", "<") +
              none(bureau + "_tax_deregistration", "deregistration_date", ">=");
  const std::unique_ptr<Database> database = open(statistics);
  const auto count = [&](const std::string& sql) {
    return static_cast<std::size_t>(std::stoull(database->rows(sql)[0][0].value()));
  };
  report.firms = count(firms);
  report.without_tax = count(firms + no_tax);
  // A code that was annulled since has left the certificates. Its annulment has no registration number, but the name of
  // a firm that commerce had closed, and such a name stays.
  report.without_code =
      count(firms + none("quality_code_certificate_issue", "issue_date", "<") +
            " AND NOT EXISTS (SELECT 1 FROM quality_code_annulment AS a WHERE a.annulment_date >= '2005-01-01'"
            " AND a.organisation_name = f.enterprise_name)");
}

}  // namespace

std::map<std::string, std::vector<std::string>> receivers_of(const Directory& directory) {
  std::map<std::string, std::vector<std::string>> receivers;
  for (const Grant& grant : directory.grants) {
    const Topic* topic = directory.catalogue.find(grant.topic);
    if (topic == nullptr || topic->mode == TopicMode::answer) continue;  // asked, not delivered
    std::vector<std::string>& of_topic = receivers[grant.topic];
    if (std::find(of_topic.begin(), of_topic.end(), grant.department) == of_topic.end())
      of_topic.push_back(grant.department);
  }
  return receivers;
}

Report compare(const std::vector<Member>& members, const Directory& directory, const std::set<std::string>& set_aside) {
  std::map<std::string, std::unique_ptr<Database>> sources;
  std::map<std::string, std::unique_ptr<Database>> targets;
  for (const Member& member : members) {
    if (member.provider) sources[member.id] = open(member.business);
    targets[member.id] = open(member.received);
  }
  Report report;
  for (const auto& [id, receivers] : receivers_of(directory)) {
    const Topic& topic = *directory.catalogue.find(id);
    const Rows source = expected_rows(*sources.at(id.substr(0, id.find('.'))), topic);
    const Rows entitled = without(source, topic, set_aside);
    for (const std::string& receiver : receivers)
      report.lines.push_back(compare_one(topic, receiver, source, entitled, received_rows(*targets.at(receiver), topic),
                                         granted_items(directory, topic, receiver)));
  }
  count_firms(member_of(members, "statistics").received, report);
  return report;
}

bool Report::is_good() const {
  return !lines.empty() &&
         std::all_of(lines.begin(), lines.end(), [](const Comparison& line) { return line.is_good(); });
}

std::string Report::text() const {
  std::string text;
  char buffer[256];
  const auto add = [&](const std::string& topic, const std::string& receiver, const auto&... numbers) {
    const auto columns = [&](auto... values) {
      std::snprintf(buffer, sizeof buffer, "%-36s %-13s %8zu %8zu %8zu %9zu %8zu %6zu %6zu\n", topic.c_str(),
                    receiver.c_str(), values...);
    };
    columns(numbers...);
    text += buffer;
  };
  std::snprintf(buffer, sizeof buffer, "%-36s %-13s %8s %8s %8s %9s %8s %6s %6s\n", "topic", "receiver", "source",
                "entitled", "target", "differing", "missing", "extra", "leaked");
  text += buffer;
  Comparison all;
  for (const Comparison& line : lines) {
    add(line.topic, line.receiver, line.source, line.entitled, line.target, line.differing, line.missing, line.extra,
        line.leaked);
    all.source += line.source;
    all.entitled += line.entitled;
    all.target += line.target;
    all.differing += line.differing;
    all.missing += line.missing;
    all.extra += line.extra;
    all.leaked += line.leaked;
  }
  add("合计 total", std::to_string(lines.size()) + " targets", all.source, all.entitled, all.target, all.differing,
      all.missing, all.extra, all.leaked);
  return text;
}

}  // namespace qianzhi::demo

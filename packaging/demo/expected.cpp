#include "packaging/demo/expected.h"

#include <algorithm>
#include <string_view>

#include "hub-protocol/base/error.h"
#include "packaging/demo/firm.h"

namespace qianzhi::demo {

namespace {

using Text = std::optional<std::string>;

// How a department's way of writing becomes the catalogue's.
//   as      as it is                         tidy    half-width, without spaces around
//   code    without hyphens                  day     numbers of a date, in any form
//   year    its four digits                  kind    enterprise type
//   area    where in the city: code, district name or office name; or the first six digits of a registration number
struct Rule {
  std::string_view item;
  std::string_view column;
  std::string_view how;
};

// item=column:how, separated by spaces.
struct TopicRules {
  std::string_view topic;
  std::string_view rules;
};

constexpr TopicRules all_rules[] = {
    {"commerce.opening_registration",
     "registration_number=reg_no:tidy enterprise_name=ent_name:tidy legal_representative=legal_rep:tidy "
     "identity_document_number=cert_no:tidy domicile=dom:tidy postal_code=postal:tidy contact_phone=tel:tidy "
     "licensed_business_scope=lic_scope:as general_business_scope=gen_scope:as industry_code=industry:as "
     "enterprise_type=ent_type:kind establishment_date=est_date:day registration_authority=reg_org:as "
     "area_code=district:area"},
    {"commerce.change_registration",
     "source_row_id=id:as registration_number=reg_no:tidy enterprise_name=ent_name:tidy changed_item=chg_item:as "
     "content_after_change=chg_after:tidy approval_date=appr_date:day area_code=district:area"},
    {"commerce.deregistration",
     "registration_number=reg_no:tidy enterprise_name=ent_name:tidy deregistration_cause=cause:as "
     "deregistration_date=cancel_date:day deregistration_authority=cancel_org:as area_code=cancel_org:area"},
    {"commerce.licence_revocation",
     "registration_number=reg_no:tidy enterprise_name=ent_name:tidy revocation_reason=reason:as "
     "revocation_date=revoke_date:day area_code=district:area"},
    {"commerce.annual_inspection",
     "registration_number=reg_no:tidy enterprise_name=ent_name:tidy inspection_year=insp_year:year "
     "inspection_result=result:as area_code=reg_no:area"},
    {"quality.code_certificate_issue",
     "organisation_code=org_code:code registration_number=reg_no:tidy organisation_name=org_name:tidy "
     "organisation_type=org_type:kind issue_date=issue_time:day area_code=area:area"},
    {"quality.code_change",
     "source_row_id=serial_no:as organisation_code=org_code:code organisation_name=org_name:tidy "
     "changed_item=chg_item:as change_content=chg_content:tidy change_date=chg_time:day area_code=area:area"},
    {"quality.code_annulment",
     "organisation_code=org_code:code organisation_name=org_name:tidy annulment_date=annul_time:day "
     "area_code=area:area"},
    {"tax_registration",
     "organisation_code=zzjg_dm|org_no:code registration_number=gszc_hm|licence_no:tidy "
     "taxpayer_id=nsrsbh|taxpayer_no:tidy taxpayer_name=nsrmc|taxpayer_name:tidy "
     "legal_representative=fddbr_xm|corporation_rep:tidy registered_address=zcdz|address:tidy "
     "tax_registration_date=djrq|registered_on:day tax_registration_authority=swjg_mc|office:as "
     "area_code=xzqh_dm|district_name:area"},
    {"tax_deregistration",
     "organisation_code=zzjg_dm|org_no:code registration_number=gszc_hm|licence_no:tidy "
     "taxpayer_id=nsrsbh|taxpayer_no:tidy taxpayer_name=nsrmc|taxpayer_name:tidy deregistration_reason=zxyy|reason:as "
     "deregistration_date=zxrq|closed_on:day deregistration_authority=swjg_mc|office:as "
     "area_code=swjg_mc|district_name:area"},
    {"certificate_check",
     "organisation_code=zzjg_dm|org_no:code registration_number=gszc_hm|licence_no:tidy "
     "taxpayer_id=nsrsbh|taxpayer_no:tidy taxpayer_name=nsrmc|taxpayer_name:tidy "
     "certificate_check_date=yhzrq|checked_on:day area_code=swjg_mc|district_name:area"},
    {"abnormal_taxpayer",
     "organisation_code=zzjg_dm|org_no:code registration_number=gszc_hm|licence_no:tidy "
     "taxpayer_id=nsrsbh|taxpayer_no:tidy taxpayer_name=nsrmc|taxpayer_name:tidy "
     "abnormal_since_date=rdrq|since_day:day abnormal_lifted_date=jcrq|lifted_day:day "
     "area_code=swjg_mc|district_name:area"},
    {"revocation_request",
     "registration_number=gszc_hm|licence_no:tidy enterprise_name=qymc|firm_name:tidy "
     "revocation_request_reason=tqyy|reason:as revocation_request_date=tqrq|requested_on:day "
     "area_code=swjg_mc|district_name:area"},
    {"administrative_penalty",
     "source_row_id=xh|penalty_id:as organisation_code=zzjg_dm|org_no:code "
     "registration_number=gszc_hm|licence_no:tidy taxpayer_id=nsrsbh|taxpayer_no:tidy "
     "taxpayer_name=nsrmc|taxpayer_name:tidy violation_means=wfsd|violation:as penalty_result=cfjg|decision:as "
     "penalty_date=cfrq|decided_on:day area_code=swjg_mc|district_name:area"},
    {"unlicensed_business",
     "source_row_id=xh|record_id:as enterprise_name=qymc|firm_name:tidy domicile=dz|address:tidy "
     "area_code=xzqh_dm|district_name:area"},
};

// national|local: the two tax bureaus have the same classes and other column names.
std::vector<Rule> rules_of(std::string_view topic) {
  const bool is_local = topic.rfind("local_tax.", 0) == 0;
  const bool is_tax = is_local || topic.rfind("national_tax.", 0) == 0;
  const std::string_view wanted = is_tax ? topic.substr(topic.find('.') + 1) : topic;
  const auto* found = std::find_if(std::begin(all_rules), std::end(all_rules),
                                   [&](const TopicRules& entry) { return entry.topic == wanted; });
  QZ_ASSERT(found != std::end(all_rules));
  std::vector<Rule> rules;
  std::string_view rest = found->rules;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view rule = rest.substr(0, end);
    const std::size_t equals = rule.find('=');
    const std::size_t colon = rule.find(':');
    std::string_view column = rule.substr(equals + 1, colon - equals - 1);
    if (const std::size_t bar = column.find('|'); bar != std::string_view::npos)
      column = is_local ? column.substr(bar + 1) : column.substr(0, bar);
    rules.push_back({rule.substr(0, equals), column, rule.substr(colon + 1)});
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return rules;
}

// U+FF01 to U+FF5E stand 0xFEE0 above ASCII; U+3000 is the wide space.
std::string tidy(const std::string& text) {
  std::string narrow;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; };
    const unsigned point = ((octet(i) & 0x0FU) << 12U) | ((octet(i + 1) & 0x3FU) << 6U) | (octet(i + 2) & 0x3FU);
    const bool has_three = octet(i) >= 0xE0 && octet(i) < 0xF0;
    if (has_three && (point == 0x3000 || (point >= 0xFF01 && point <= 0xFF5E))) {
      narrow += point == 0x3000 ? ' ' : static_cast<char>(point - 0xFEE0);
      i += 2;
    } else {
      narrow += text[i];
    }
  }
  const std::size_t start = narrow.find_first_not_of(' ');
  return start == std::string::npos ? "" : narrow.substr(start, narrow.find_last_not_of(' ') - start + 1);
}

std::string day(const std::string& text) {
  std::vector<std::string> numbers(1);
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      numbers.back() += c;
    } else if (!numbers.back().empty()) {
      numbers.emplace_back();
    }
  }
  if (numbers[0].size() == 8)
    return numbers[0].substr(0, 4) + "-" + numbers[0].substr(4, 2) + "-" + numbers[0].substr(6);
  if (numbers.size() < 3) return "not a date";
  const auto two = [](const std::string& number) { return number.size() == 1 ? "0" + number : number; };
  return numbers[0] + "-" + two(numbers[1]) + "-" + two(numbers[2]);
}

Text area(const std::string& text) {
  for (std::size_t i = 0; i < district_count; ++i) {
    const District& where = district(i);
    for (const std::string_view sign :
         {where.code, where.name, where.authority, where.national_office, where.local_office})
      if (text == sign) return std::string(where.code);
  }
  // Only the numbers of fifteen digits begin with the area.
  return text.size() == 15 ? Text(text.substr(0, 6)) : std::nullopt;
}

Text kind(const std::string& text) {
  static const std::map<std::string, std::string, std::less<>> kinds = {
      {"10", "1000"}, {"11", "1100"}, {"13", "1130"}, {"20", "2000"}, {"31", "3100"}};
  const auto found = kinds.find(text.rfind("QY", 0) == 0 ? text.substr(2) : text);
  return found == kinds.end() ? std::nullopt : Text(found->second);
}

Text value_of(const Rule& rule, const Text& source) {
  if (!source) return std::nullopt;
  if (rule.how == "tidy") return tidy(*source);
  if (rule.how == "code") {
    std::string plain = *source;
    plain.erase(std::remove(plain.begin(), plain.end(), '-'), plain.end());
    return plain;
  }
  if (rule.how == "day") return day(*source);
  if (rule.how == "year") return source->substr(0, 4);
  if (rule.how == "kind") return kind(*source);
  if (rule.how == "area") return area(tidy(*source));
  return source;
}

}  // namespace

std::string key_of(const Topic& topic, const Row& row) {
  std::string key;
  for (const std::string& item : topic.key) key += row[topic.index_of(item)].value_or("") + "\x1f";
  return key;
}

Rows expected_rows(Database& source, const Topic& topic) {
  const std::vector<Rule> rules = rules_of(topic.id);
  QZ_ASSERT(rules.size() == topic.items.size());
  std::string sql;
  for (const Rule& rule : rules)
    sql += (sql.empty() ? "SELECT CAST(" : ", CAST(") + std::string(rule.column) + " AS TEXT)";
  sql += " FROM " + std::string(table_of(topic.id).name);
  if (topic.id == "commerce.opening_registration") sql += " WHERE status IN ('1', '2', '3')";
  Rows result;
  for (const Row& read : source.rows(sql)) {
    Row row(topic.items.size());
    for (std::size_t i = 0; i < rules.size(); ++i) row[topic.index_of(rules[i].item)] = value_of(rules[i], read[i]);
    result[key_of(topic, row)] = row;
  }
  return result;
}

Rows received_rows(Database& target, const Topic& topic) {
  std::string sql;
  for (const Item& item : topic.items) sql += (sql.empty() ? "SELECT CAST(" : ", CAST(") + item.id + " AS TEXT)";
  std::string table = topic.id;
  std::replace(table.begin(), table.end(), '.', '_');
  Rows result;
  for (Row& row : target.rows(sql + " FROM " + table)) {
    const std::string key = key_of(topic, row);
    result[key] = std::move(row);
  }
  return result;
}

}  // namespace qianzhi::demo

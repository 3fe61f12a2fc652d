#include "packaging/demo/city.h"

namespace qianzhi::demo {

namespace {

const Table& certificates() { return table_of("quality.code_certificate_issue"); }
const Table& code_changes() { return table_of("quality.code_change"); }
const Table& annulled() { return table_of("quality.code_annulment"); }

// As it is printed on the certificate.
std::string with_hyphen(const std::string& code) { return code.substr(0, 8) + "-" + code.substr(8); }

// This bureau keeps days in a column for points in time.
std::string midnight(int day) { return iso_date(day) + " 00:00:00"; }

std::string area_of(const City& city, std::size_t number) {
  return std::string(district(city.firms[number].district).code);
}

Statement certificate_row(const City& city, std::size_t number, int day) {
  const Firm firm = city.firm(number);
  return insert_into(certificates(),
                     {with_hyphen(firm.organisation_code), city.name(number, city.firms[number].code_names),
                      "QY" + firm.enterprise_type, firm.registration_number, midnight(day), area_of(city, number)});
}

Statement code_change_row(const City& city, std::size_t number, const std::string& record, const std::string& what,
                          const std::string& content, int day) {
  return insert_into(code_changes(), {record, with_hyphen(city.firm(number).organisation_code),
                                      city.name(number, city.firms[number].code_names), what, content, midnight(day),
                                      area_of(city, number)});
}

Statement annul_row(const Firm& firm, const std::string& name, const std::string& area, int day) {
  return insert_into(annulled(), {with_hyphen(firm.organisation_code), name, midnight(day), area});
}

Statement annul_row(const City& city, std::uint64_t gone, const std::string& area, int day) {
  const Firm firm = make_firm(city.seed, gone);
  return annul_row(firm, firm.name, area, day);
}

std::vector<Assignment> by_code(const City& city, std::size_t number) {
  return {{"org_code", with_hyphen(city.firm(number).organisation_code)}};
}

Change change_certificate(City& city, std::size_t number) {
  FirmState& state = city.firms[number];
  if (state.code_names == state.names)
    return {"地址变更备案 " + city.name(number),
            {code_change_row(city, number, city.next_record(), "机构地址", city.address(number), city.today()),
             update(certificates(), {{"area", area_of(city, number)}}, by_code(city, number))}};
  state.code_names = state.names;
  const std::string name = city.name(number);
  return {"组织机构名称变更 " + name,
          {update(certificates(), {{"org_name", name}}, by_code(city, number)),
           code_change_row(city, number, city.next_record(), "机构名称", name, city.today())}};
}

}  // namespace

void load_quality(const City& city, const Sink& sink) {
  const std::size_t count = city.firms.size();
  for (std::size_t n = 0; n < count; ++n)
    if (city.firms[n].code) sink(certificate_row(city, n, city.firm(n).opened + 2));
  for (std::size_t n = 0; n < count; ++n)
    if (city.firms[n].code && city.firms[n].names != 0)
      sink(code_change_row(city, n, std::to_string(n + 1), "机构名称", city.name(n), load_days - 3));
  for (std::size_t i = 0; i < gone_firms(city); ++i) {
    const std::uint64_t number = first_gone_firm + i;
    sink(annul_row(city, number, std::string(district(make_firm(city.seed, number).district).code), 10));
  }
}

Change quality_change(City& city) {
  const std::size_t chance = city.dice.below(100);
  if (chance < 50) {
    const auto number = city.pick([](const FirmState& s) { return s.open && !s.code && !s.code_left; });
    if (number) {
      city.firms[*number].code = true;
      city.firms[*number].code_is_new = true;
      city.firms[*number].code_names = city.firms[*number].names;
      return {"颁发组织机构代码证 " + city.name(*number), {certificate_row(city, *number, city.today())}};
    }
  }
  if (chance >= 90) {
    // The registers are tidied after firms that commerce closed.
    const auto number =
        city.pick([](const FirmState& s) { return s.code && !s.open && !s.code_is_new && s.code_names == s.names; });
    if (number) {
      city.firms[*number].code = false;
      city.firms[*number].code_left = true;
      return {"废置组织机构代码 " + city.name(*number),
              {remove_from(certificates(), by_code(city, *number)),
               annul_row(city.firm(*number), city.name(*number), area_of(city, *number), city.today())}};
    }
  }
  auto number = city.pick([](const FirmState& s) { return s.code && s.code_names != s.names; });
  if (!number) number = city.pick([](const FirmState& s) { return s.code; });
  if (number) return change_certificate(city, *number);
  const std::uint64_t old_firm = first_gone_firm + gone_firms(city) + ++city.records;
  return {"废置历史组织机构代码", {annul_row(city, old_firm, std::string(district(0).code), city.today())}};
}

}  // namespace qianzhi::demo

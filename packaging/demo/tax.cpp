#include "packaging/demo/city.h"

namespace qianzhi::demo {

namespace {

using Values = std::vector<std::optional<std::string>>;

constexpr std::array<std::string_view, 4> violations = {"虚开增值税专用发票", "未按规定期限办理纳税申报",
                                                        "隐瞒销售收入", "未按规定保管发票"};
constexpr std::array<std::string_view, 4> penalties = {"罚款50000元，追缴税款", "责令限期改正，罚款2000元",
                                                       "追缴税款及滞纳金，处少缴税款一倍罚款", "罚款1000元"};

// One of the two bureaus: the same seven classes, each written down in its own way.
struct Bureau {
  Provider department;

  std::size_t place() const { return department == Provider::national_tax ? 0 : 1; }
  bool is_national() const { return place() == 0; }
  const Table& table(const std::string& topic) const { return table_of(std::string(id_of(department)) + "." + topic); }
  TaxState& state(City& city, std::size_t number) const { return city.firms[number].tax[place()]; }
  const TaxState& state(const City& city, std::size_t number) const { return city.firms[number].tax[place()]; }

  // Local tax writes by hand: half with characters, half with slashes; `number` settles which, so a key stays a key.
  std::string day(std::size_t number, int day) const {
    if (is_national()) return compact_date(day);
    return number % 2 == 0 ? chinese_date(day) : slash_date(day);
  }
  std::string office(std::size_t where) const {
    return std::string(is_national() ? district(where).national_office : district(where).local_office);
  }
  // What closes most rows, and tells their area: the office's name at national tax, the district's at local tax.
  std::string area_hint(std::size_t where) const {
    return is_national() ? office(where) : std::string(district(where).name);
  }
};

// Full-width brackets at commerce, half-width at national tax, padded text at local tax; and a few names that really
// differ.
std::string written_name(const Bureau& bureau, const City& city, std::size_t number) {
  const TaxState& tax = bureau.state(city, number);
  std::string name = city.name(number, tax.names);
  if (tax.differs)
    name = name.rfind("杭州", 0) == 0 ? "杭州市" + name.substr(std::string("杭州").size()) : "杭州" + name;
  if (!bureau.is_national()) return name + std::string(number % 5, ' ');
  const std::string wide = "（中国）";
  const std::size_t bracket = name.find(wide);
  if (bracket != std::string::npos) name.replace(bracket, wide.size(), "(中国)");
  return name;
}

// Organisation code, registration number, taxpayer id and name: how most rows begin.
Values payer(const Bureau& bureau, const City& city, std::size_t number) {
  const Firm firm = city.firm(number);
  const bool plain = bureau.state(city, number).plain_id;
  std::optional<std::string> code;
  if (!plain) code = firm.organisation_code;
  return {code, firm.registration_number, plain ? firm.plain_taxpayer_id : firm.taxpayer_id,
          written_name(bureau, city, number)};
}

Values with(Values values, const Values& more) {
  values.insert(values.end(), more.begin(), more.end());
  return values;
}

Statement registration_row(const Bureau& bureau, const City& city, std::size_t number, int day) {
  const std::size_t where = bureau.state(city, number).district;
  const std::string last(bureau.is_national() ? district(where).code : district(where).name);
  return insert_into(bureau.table("tax_registration"),
                     with(payer(bureau, city, number), {city.firm(number).legal_representative, city.address(number),
                                                        bureau.day(number, day), bureau.office(where), last}));
}

Statement deregistration_row(const Bureau& bureau, Values payer, std::size_t where, const std::string& day) {
  Values more = {"企业注销", day, bureau.office(where)};
  if (!bureau.is_national()) more.emplace_back(std::string(district(where).name));
  return insert_into(bureau.table("tax_deregistration"), with(std::move(payer), more));
}

Statement check_row(const Bureau& bureau, const City& city, std::size_t number, int day) {
  const std::string hint = bureau.area_hint(bureau.state(city, number).district);
  return insert_into(bureau.table("certificate_check"),
                     with(payer(bureau, city, number), {bureau.day(number, day), hint}));
}

Statement abnormal_row(const Bureau& bureau, const City& city, std::size_t number, std::optional<int> lifted) {
  const TaxState& tax = bureau.state(city, number);
  std::optional<std::string> end;
  if (lifted) end = bureau.day(number, *lifted);
  return insert_into(
      bureau.table("abnormal_taxpayer"),
      with(payer(bureau, city, number), {bureau.day(number, tax.abnormal_since), end, bureau.area_hint(tax.district)}));
}

Statement request_row(const Bureau& bureau, const City& city, std::size_t number, int day) {
  const TaxState& tax = bureau.state(city, number);
  return insert_into(bureau.table("revocation_request"),
                     {city.firm(number).registration_number, written_name(bureau, city, number),
                      "连续六个月未申报且查无下落", bureau.day(number, day), bureau.area_hint(tax.district)});
}

Statement penalty_row(const Bureau& bureau, const City& city, std::size_t number, const std::string& record, int day) {
  const std::size_t kind = number % violations.size();
  Values row = {record};
  row = with(row, payer(bureau, city, number));
  return insert_into(bureau.table("administrative_penalty"),
                     with(row, {std::string(violations[kind]), std::string(penalties[kind]), bureau.day(number, day),
                                bureau.area_hint(bureau.state(city, number).district)}));
}

Statement unlicensed_row(const Bureau& bureau, const City& city, const std::string& record, std::uint64_t number) {
  const Firm firm = make_firm(city.seed, number);
  const District& where = district(firm.district);
  return insert_into(bureau.table("unlicensed_business"),
                     {record, firm.name.substr(0, firm.name.rfind("有限公司")) + "经营部", firm.address,
                      std::string(bureau.is_national() ? where.code : where.name)});
}

std::string_view id_column(const Bureau& bureau) { return bureau.is_national() ? "nsrsbh" : "taxpayer_no"; }

std::vector<Assignment> by_payer(const Bureau& bureau, const City& city, std::size_t number) {
  return {{id_column(bureau), payer(bureau, city, number)[2]}};
}

Change register_payer(const Bureau& bureau, City& city, std::size_t number) {
  const FirmState& firm = city.firms[number];
  TaxState& tax = bureau.state(city, number);
  tax.registered = true;
  tax.is_new = true;
  tax.plain_id = !firm.code;
  tax.names = firm.names;
  tax.district = firm.district;
  return {"税务登记 " + city.name(number), {registration_row(bureau, city, number, city.today())}};
}

Change deregister_payer(const Bureau& bureau, City& city, std::size_t number) {
  TaxState& tax = bureau.state(city, number);
  const Values who = payer(bureau, city, number);
  tax.registered = false;
  tax.left = true;
  return {"注销税务登记 " + city.name(number),
          {remove_from(bureau.table("tax_registration"), by_payer(bureau, city, number)),
           deregistration_row(bureau, who, tax.district, bureau.day(number, city.today()))}};
}

// Takes over what commerce changed since: name, address, district.
Change follow_commerce(const Bureau& bureau, City& city, std::size_t number) {
  TaxState& tax = bureau.state(city, number);
  tax.names = city.firms[number].names;
  tax.district = city.firms[number].district;
  tax.differs = false;
  const District& where = district(tax.district);
  const std::string name = written_name(bureau, city, number);
  std::vector<Assignment> set;
  if (bureau.is_national()) {
    set = {{"nsrmc", name},
           {"zcdz", city.address(number)},
           {"swjg_mc", bureau.office(tax.district)},
           {"xzqh_dm", std::string(where.code)}};
  } else {
    set = {{"taxpayer_name", name},
           {"address", city.address(number)},
           {"office", bureau.office(tax.district)},
           {"district_name", std::string(where.name)}};
  }
  return {"变更税务登记 " + city.name(number),
          {update(bureau.table("tax_registration"), set, by_payer(bureau, city, number))}};
}

Change find_abnormal(const Bureau& bureau, City& city, std::size_t number) {
  TaxState& tax = bureau.state(city, number);
  tax.abnormal = true;
  tax.abnormal_since = static_cast<std::uint16_t>(city.today());
  return {"认定非正常户 " + city.name(number), {abnormal_row(bureau, city, number, std::nullopt)}};
}

Change lift_abnormal(const Bureau& bureau, City& city, std::size_t number) {
  TaxState& tax = bureau.state(city, number);
  tax.abnormal = false;
  std::vector<Assignment> where = by_payer(bureau, city, number);
  where.emplace_back(bureau.is_national() ? "rdrq" : "since_day", bureau.day(number, tax.abnormal_since));
  const Assignment end = {bureau.is_national() ? "jcrq" : "lifted_day", bureau.day(number, city.today())};
  return {"解除非正常户 " + city.name(number), {update(bureau.table("abnormal_taxpayer"), {end}, where)}};
}

}  // namespace

void load_tax(const City& city, Provider department, const Sink& sink) {
  const Bureau bureau{department};
  const std::size_t count = city.firms.size();
  const auto each = [&](const std::function<void(std::size_t, const TaxState&)>& row) {
    for (std::size_t n = 0; n < count; ++n)
      if (bureau.state(city, n).registered) row(n, bureau.state(city, n));
  };
  each([&](std::size_t n, const TaxState&) { sink(registration_row(bureau, city, n, city.firm(n).opened + 20)); });
  for (std::size_t i = 0; i < gone_firms(city); ++i) {
    const Firm firm = make_firm(city.seed, first_gone_firm + i);
    const Values who = {firm.organisation_code, firm.registration_number, firm.taxpayer_id, firm.name};
    sink(deregistration_row(bureau, who, firm.district, bureau.day(i, 12)));
  }
  each([&](std::size_t n, const TaxState& tax) {
    if (tax.checked != 0) sink(check_row(bureau, city, n, tax.checked));
  });
  each([&](std::size_t n, const TaxState& tax) {
    if (tax.abnormal_since != 0)
      sink(abnormal_row(bureau, city, n, tax.abnormal ? std::nullopt : std::optional<int>(tax.abnormal_since + 15)));
  });
  each([&](std::size_t n, const TaxState& tax) {
    if (tax.requested != 0) sink(request_row(bureau, city, n, tax.requested));
  });
  each([&](std::size_t n, const TaxState&) {
    if (n % 90 == 11) sink(penalty_row(bureau, city, n, std::to_string(n + 1), 70));
  });
  for (std::size_t i = 0; i < gone_firms(city); ++i)
    sink(unlicensed_row(bureau, city, std::to_string(i + 1), first_gone_firm + 100'000 * (1 + bureau.place()) + i));
}

Change tax_change(City& city, Provider department) {
  const Bureau bureau{department};
  const std::size_t chance = city.dice.below(100);
  const auto today = static_cast<std::uint16_t>(city.today());
  // A firm that this bureau has and that fits besides.
  const auto pick = [&](const std::function<bool(const FirmState&, const TaxState&)>& fits) {
    return city.pick([&](const FirmState& firm) {
      const TaxState& tax = firm.tax[bureau.place()];
      return tax.registered && fits(firm, tax);
    });
  };
  std::optional<std::size_t> n;
  if (chance < 35) {
    n = city.pick([&](const FirmState& firm) {
      const TaxState& tax = firm.tax[bureau.place()];
      return firm.open && !tax.registered && !tax.left;
    });
    if (n) return register_payer(bureau, city, *n);
  } else if (chance < 42) {
    n = pick([](const FirmState& firm, const TaxState& tax) { return !firm.open && !tax.is_new; });
    if (n) return deregister_payer(bureau, city, *n);
  } else if (chance < 60) {
    n = pick([](const FirmState& firm, const TaxState& tax) {
      return tax.names != firm.names || tax.district != firm.district;
    });
    if (n) return follow_commerce(bureau, city, *n);
  } else if (chance < 70) {
    n = pick([&](const FirmState&, const TaxState& tax) { return !tax.abnormal && tax.abnormal_since < today; });
    if (n) return find_abnormal(bureau, city, *n);
  } else if (chance < 77) {
    n = pick([](const FirmState&, const TaxState& tax) { return tax.abnormal; });
    if (n) return lift_abnormal(bureau, city, *n);
  } else if (chance < 80) {
    n = pick([&](const FirmState&, const TaxState& tax) { return tax.abnormal && tax.requested < today; });
    if (n) {
      bureau.state(city, *n).requested = today;
      return {"提请吊销营业执照 " + city.name(*n), {request_row(bureau, city, *n, today)}};
    }
  } else if (chance < 88) {
    n = pick([](const FirmState&, const TaxState&) { return true; });
    if (n) return {"行政处罚 " + city.name(*n), {penalty_row(bureau, city, *n, city.next_record(), today)}};
  } else if (chance < 95) {
    n = pick([&](const FirmState&, const TaxState& tax) { return tax.checked < today; });
    if (n) {
      bureau.state(city, *n).checked = today;
      return {"税务登记验证 " + city.name(*n), {check_row(bureau, city, *n, today)}};
    }
  }
  const std::string record = city.next_record();
  return {"发现无照经营户", {unlicensed_row(bureau, city, record, first_gone_firm + 300'000 + city.records % 600'000)}};
}

}  // namespace qianzhi::demo

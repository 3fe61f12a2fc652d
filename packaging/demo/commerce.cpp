#include "packaging/demo/city.h"

namespace qianzhi::demo {

namespace {

const Table& enterprises() { return table_of("commerce.opening_registration"); }
const Table& changes() { return table_of("commerce.change_registration"); }
const Table& cancelled() { return table_of("commerce.deregistration"); }
const Table& revoked() { return table_of("commerce.licence_revocation"); }
const Table& inspections() { return table_of("commerce.annual_inspection"); }

std::string text(std::string_view view) { return std::string(view); }

std::string district_of(const City& city, std::size_t number) {
  return text(district(city.firms[number].district).name);
}

std::string stamp(int day) { return iso_date(day) + " 09:30:00"; }

// Some clerks type with a Chinese input method: digits and hyphens come out full-width.
std::string full_width(const std::string& digits) {
  std::string wide;
  for (const char c : digits) {
    if (c >= '0' && c <= '9') {
      wide += "\xEF\xBC";
      wide += static_cast<char>(0x90 + (c - '0'));
    } else {
      wide += "－";
    }
  }
  return wide;
}

std::string status_of(const FirmState& state) {
  if (!state.open) return "2";
  return state.revoked ? "3" : "1";
}

Statement enterprise_row(const City& city, std::size_t number, const std::string& postal_code, int opened) {
  const Firm firm = city.firm(number);
  const FirmState& state = city.firms[number];
  std::optional<std::string> licensed;
  if (!firm.licensed_scope.empty()) licensed = firm.licensed_scope;
  return insert_into(
      enterprises(),
      {firm.registration_number, city.name(number) + (number % 40 == 7 ? "　" : ""), firm.legal_representative,
       firm.document, city.address(number), postal_code, number % 25 == 3 ? full_width(firm.phone) : firm.phone,
       licensed, firm.general_scope, firm.industry, firm.enterprise_type, iso_date(opened),
       text(district(state.district).authority), district_of(city, number), status_of(state), stamp(opened)});
}

Statement change_row(const City& city, std::size_t number, const std::string& record, const std::string& what,
                     const std::string& content, int day) {
  return insert_into(changes(), {record, city.firm(number).registration_number, city.name(number), what, content,
                                 iso_date(day), district_of(city, number)});
}

Statement cancel_row(const City& city, std::size_t number, int day) {
  return insert_into(cancelled(), {city.firm(number).registration_number, city.name(number), "股东会决议解散",
                                   iso_date(day), text(district(city.firms[number].district).authority)});
}

Statement revoke_row(const City& city, std::size_t number, int day) {
  return insert_into(revoked(), {city.firm(number).registration_number, city.name(number), "逾期不参加年度检验",
                                 iso_date(day), district_of(city, number)});
}

Statement inspect_row(const City& city, std::size_t number, int year) {
  return insert_into(inspections(),
                     {city.firm(number).registration_number, city.name(number), std::to_string(year) + "年度", "通过"});
}

std::vector<Assignment> by_number(const City& city, std::size_t number) {
  return {{"reg_no", city.firm(number).registration_number}};
}

Change open_firm(City& city, bool faulty) {
  FirmState state;
  const std::size_t number = city.firms.size();
  Firm firm = city.firm(number);
  state.district = static_cast<std::uint8_t>(firm.district);
  city.firms.push_back(state);
  const std::string postal = faulty ? "31OO" + firm.postal_code.substr(4) : firm.postal_code;
  return {(faulty ? "开业登记（邮政编码有误） " : "开业登记 ") + firm.name,
          {enterprise_row(city, number, postal, city.today())}};
}

Change rename_firm(City& city, std::size_t number) {
  ++city.firms[number].names;
  const std::string name = city.name(number);
  return {"名称变更 " + name,
          {update(enterprises(), {{"ent_name", name}, {"updated_at", stamp(city.today())}}, by_number(city, number)),
           change_row(city, number, city.next_record(), "名称", name, city.today())}};
}

Change move_firm(City& city, std::size_t number, bool far) {
  FirmState& state = city.firms[number];
  ++state.addresses;
  if (far)
    state.district =
        static_cast<std::uint8_t>((state.district + 1 + city.dice.below(district_count - 1)) % district_count);
  const std::string address = city.address(number);
  std::vector<Assignment> set = {{"dom", address}, {"updated_at", stamp(city.today())}};
  if (far) {
    set.emplace_back("district", district_of(city, number));
    set.emplace_back("reg_org", text(district(state.district).authority));
  }
  return {(far ? "迁往" + district_of(city, number) + " " : "住所变更 ") + city.name(number),
          {update(enterprises(), set, by_number(city, number)),
           change_row(city, number, city.next_record(), "住所", address, city.today())}};
}

Change end_firm(City& city, std::size_t number, bool by_force) {
  FirmState& state = city.firms[number];
  (by_force ? state.revoked : state.open) = by_force;
  const Statement status = update(enterprises(), {{"status", status_of(state)}, {"updated_at", stamp(city.today())}},
                                  by_number(city, number));
  return {(by_force ? "吊销营业执照 " : "注销登记 ") + city.name(number),
          {status, by_force ? revoke_row(city, number, city.today()) : cancel_row(city, number, city.today())}};
}

Change inspect(City& city, std::size_t number, bool withdraw) {
  FirmState& state = city.firms[number];
  if (withdraw) --state.inspected;
  const int year = 2004 + state.inspected;
  if (withdraw)
    return {"撤销年检记录 " + city.name(number),
            {remove_from(inspections(), {{"reg_no", city.firm(number).registration_number},
                                         {"insp_year", std::to_string(year) + "年度"}})}};
  ++state.inspected;
  return {"年检 " + city.name(number), {inspect_row(city, number, year)}};
}

bool is_active(const FirmState& state) { return state.open && !state.revoked; }

}  // namespace

void load_commerce(const City& city, const Sink& sink) {
  const std::size_t count = city.firms.size();
  for (std::size_t n = 0; n < count; ++n) {
    const Firm firm = city.firm(n);
    sink(enterprise_row(city, n, firm.postal_code, firm.opened));
  }
  for (std::size_t n = 0; n < count; ++n) {
    const FirmState& state = city.firms[n];
    const std::string record = std::to_string(2 * n + 1);
    if (state.names != 0) sink(change_row(city, n, record, "名称", city.name(n), load_days - 5));
    if (state.addresses != 0)
      sink(change_row(city, n, std::to_string(2 * n + 2), "住所", city.address(n), load_days - 4));
  }
  for (std::size_t n = 0; n < count; ++n)
    if (!city.firms[n].open) sink(cancel_row(city, n, load_days - 3));
  for (std::size_t n = 0; n < count; ++n)
    if (city.firms[n].revoked) sink(revoke_row(city, n, load_days - 2));
  for (std::size_t n = 0; n < count; ++n)
    if (city.firms[n].inspected != 0) sink(inspect_row(city, n, 2004));
}

Change commerce_change(City& city) {
  const std::size_t chance = city.dice.below(100);
  const auto active = [&] { return chance >= 30 && chance < 90 ? city.pick(is_active) : std::nullopt; }();
  const auto few_changes = [](const FirmState& s) { return s.names < 200 && s.addresses < 200 && s.inspected < 200; };
  if (active && few_changes(city.firms[*active])) {
    if (chance < 45) return rename_firm(city, *active);
    if (chance < 55) return move_firm(city, *active, false);
    if (chance < 67) return move_firm(city, *active, true);
    if (chance < 74) return end_firm(city, *active, false);
    if (chance < 77) return end_firm(city, *active, true);
    return inspect(city, *active, false);
  }
  if (chance >= 90) {
    const auto inspected = city.pick([](const FirmState& s) { return is_active(s) && s.inspected != 0; });
    if (inspected) return inspect(city, *inspected, true);
  }
  return open_firm(city, false);
}

Change faulty_commerce_change(City& city) { return open_firm(city, true); }

}  // namespace qianzhi::demo

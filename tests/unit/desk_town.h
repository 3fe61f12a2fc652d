// A bureau's desk with a small town of firms at a day that the test owns, worked and served as the programs do, for
// tests of its pages: firms without tax registration in two districts, cases in every stage, notices that failed, pairs
// to be reviewed.
#pragma once

#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <string>

#include "agent/desk/app/desk.h"
#include "agent/desk/app/served_desk.h"
#include "hub-protocol/base/calendar.h"
#include "hub-protocol/sqlite/database.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::test {

class TownClock final : public Clock {
 public:
  Micros now() const override { return time_; }
  Micros steady() const override { return time_; }
  void pass(Micros time) { time_ += time; }
  // Half past ten in Beijing.
  void set_day(const std::string& date) { time_ = begin_of(*day_from(date)) + 10 * 3'600'000'000 + 1'800'000'000; }

 private:
  Micros time_ = 0;
};

inline constexpr const char* town_yaml = R"(version: 1
desk: {id: national-tax, language: zh-CN, timezone: Asia/Shanghai}
database: desk.db
received: [{name: received, file: received.db}]
poll: 5s
tables:
  - {id: commerce.opening, table: received.opening, key: [registration]}
  - {id: tax.taxpayer, table: received.tax, key: [id]}
  - {id: trade.unlicensed, table: received.unlicensed, key: [number]}
rules:
  - id: no_tax
    kind: missing
    title: 应办未办税务登记
    title_en: Firms without tax registration
    on_change: true
    base: {table: commerce.opening, subject: registration, since: since, name: name, area: area,
           detail: [legal_representative, domicile, contact_phone]}
    parties: [{party: national_tax, table: tax.taxpayer, join: registration}]
    notice: 20d
    warning: 30d
reports:
  - id: slipped
    title: 漏管户统计
    title_en: Firms that slipped through
    base: {table: commerce.opening, subject: registration, since: since}
    by: [{item: area, title: 区划, title_en: area}]
    measures:
      - {id: firms, title: 新设企业, title_en: new firms}
      - {id: missing, title: 未办税务登记, title_en: without tax, lacks: [{table: tax.taxpayer, join: [registration]}]}
      - {id: share, title: 占比 %, title_en: share %, share: {part: missing, whole: firms}}
outlets:
  - {id: list, kind: file, file: list.csv, format: csv, columns: [text]}
  - {id: gone, kind: command, program: [/bin/false]}
cases:
  - rule: no_tax
    deadline: 30
    offices: {"440103": 荔湾税务所, "440104": 越秀税务所}
    notice: {outlet: list, fields: {text: "提醒 {title}"}}
    warning: {outlet: list, fields: {text: "预警 {title}"}}
    urge: {outlet: gone, fields: {text: "催办 {title}"}}
    purpose: 税源监控
    basis: 税收征收管理法
    appeal_days: 60
case_staff:
  - {user: wang, role: head, review: true}
  - {user: li, role: officer, offices: [荔湾税务所]}
  - {user: zhao, role: viewer}
records:
  firm:
    base: commerce
    match: {name: name, person: person, address: domicile}
    sources:
      commerce: {table: commerce.opening, time: since, codes: {registration_number: registration},
                 items: {name: name, person: legal_representative, domicile: domicile}}
      unlicensed: {table: trade.unlicensed, items: {name: name, person: person, domicile: address}}
    items:
      name: {from: [commerce, unlicensed], rule: ordered, standard: name}
      person: {from: [commerce, unlicensed], rule: ordered, standard: person}
      domicile: {from: [commerce, unlicensed], rule: ordered, standard: address}
lookup:
  limits: {characters: 2, hits: 3, searches: 40}
  subjects:
    firm:
      title: 企业
      title_en: Firms
      table: commerce.opening
      name: name
      codes: [registration]
      titles: {registration: 注册号, name: 企业名称, legal_representative: 法定代表人}
  roles:
    counter: {subjects: [firm], search: [code, name, initials], items: [registration, name],
              masked: [legal_representative]}
    codes: {subjects: [firm], search: [code], items: [name]}
serve:
  listen: 127.0.0.1:0
  accounts:
    wang: {token: {file: wang.token}, lookup: counter}
    li: {token: {file: li.token}}
    zhao: {token: {file: zhao.token}, lookup: codes}
    chen: {token: {file: chen.token}, lookup: counter}
    nobody: {token: {file: nobody.token}}
)";

inline constexpr const char* town_rows = R"sql(
CREATE TABLE opening(registration TEXT PRIMARY KEY, name TEXT, since TEXT, area TEXT, legal_representative TEXT,
                     domicile TEXT, contact_phone TEXT);
CREATE TABLE tax(id TEXT PRIMARY KEY, registration TEXT);
CREATE TABLE unlicensed(number TEXT PRIMARY KEY, name TEXT, person TEXT, address TEXT);
INSERT INTO opening VALUES
 ('440103000000016', '广州市启航贸易有限公司', '2008-01-02', '440103', '陈志明', '荔湾区中山七路12号', '020-81230001'),
 ('440103000000024', '广州市宏达五金制品有限公司', '2008-01-20', '440103', '黄国强', '荔湾区康王路8号', '020-81230002'),
 ('440103000000032', '广州恒通物流有限公司', '2008-01-31', '440103', '李东', '荔湾区芳村大道3号', '020-81230003'),
 ('440103000000049', '<b>"注入"</b>贸易有限公司', '2008-02-09', '440103', '张三', '', ''),
 ('440104000000019', '广州越秀锦绣服装店', '2008-01-05', '440104', '何小燕', '越秀区北京路66号', '020-83330001'),
 ('440104000000027', '广州市东山百货有限公司', '2008-01-11', '440104', '周丽', '越秀区东华西路2号', '020-83330002'),
 ('440104000000035', '广州明诚会计师事务所', '2008-02-10', '440104', '吴明', '越秀区东风中路9号', '020-83330003'),
 ('440104000000043', '广州天成印刷有限公司', '2008-01-15', '440104', '郑天', '越秀区大南路1号', '020-83330004');
INSERT INTO tax VALUES('T1', '440104000000043');
INSERT INTO unlicensed VALUES('1', '广州启航贸易', '陈志明', '荔湾区中山七路12号'),
 ('2', '东山百货', '周丽', '越秀区东华西路2号');
)sql";

struct Town {
  explicit Town(const std::string& more = {}) {
    std::ofstream(dir / "desk.yaml", std::ios::binary) << town_yaml << more;
    for (const char* name : {"wang", "li", "zhao", "chen", "nobody"}) {
      std::ofstream(dir / (std::string(name) + ".token")) << token(name) << "\n";
      chmod((dir / (std::string(name) + ".token")).c_str(), 0600);
    }
    received.execute(town_rows);
    clock.set_day("2008-03-03");
    // What the DBA does first.
    received.execute(desk::Desk(dir / "desk.yaml", clock, random).judge().changes().plan());
    desk = std::make_unique<desk::Desk>(dir / "desk.yaml", clock, random);
    desk->turn();
  }
  static std::string token(const std::string& name) { return name + "-0123456789012345678901234567"; }
  // The configuration with one text in the place of another.
  void rewrite(const std::string& from, const std::string& to) {
    std::string text = town_yaml;
    text.replace(text.find(from), from.size(), to);
    std::ofstream(dir / "desk.yaml", std::ios::binary | std::ios::trunc) << text;
  }
  // What the running desk does next.
  void turn() {
    clock.pass(61'000'000);
    desk->turn();
  }
  void serve() {
    served = std::make_unique<desk::ServedDesk>(dir / "desk.yaml", random, clock);
    if (served->is_open()) served->service().turn();
  }
  std::int64_t number(const std::string& sql) { return own.scalar(sql).value_or(-1); }
  std::int64_t case_of(const std::string& subject) {
    return number("SELECT max(id) FROM case_file WHERE subject = '" + subject + "'");
  }

  TempDir dir;
  TownClock clock;
  SystemRandom random;
  sqlite::Database received{dir / "received.db", {}};
  std::unique_ptr<desk::Desk> desk;
  sqlite::Database own{dir / "desk.db", {}};
  std::unique_ptr<desk::ServedDesk> served;
};

}  // namespace qianzhi::test

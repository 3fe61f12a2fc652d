# A desk as INSTALL.md leaves it, with what its department received: twelve firms without tax registration, whose
# cases are overdue, and a role for lookups. What was received is written by hand here, not by an agent.
cat >/etc/qianzhi/desk.yaml <<'YAML'
version: 1
desk: {id: local-tax, language: zh-CN, timezone: Asia/Shanghai}
database: /var/lib/qianzhi-data/desk.db
received:
  - {name: received, file: /var/lib/qianzhi-data/received.db}
poll: 5s
tables:
  - {id: opening, table: received.opening, key: [registration_number]}
  - {id: tax, table: received.tax, key: [registration_number]}
rules:
  - id: no_tax_registration
    kind: missing
    title: 应办未办税务登记
    on_change: true
    base: {table: opening, subject: registration_number, since: establishment_date, name: enterprise_name}
    parties: [{party: local_tax, table: tax, join: registration_number}]
    warning: 30d
outlets:
  - {id: list, kind: file, file: /var/lib/qianzhi-data/notices.csv, format: csv, columns: [number]}
cases:
  - rule: no_tax_registration
    deadline: 30
    default_office: 荔湾税务所
    urge: {outlet: list, fields: {number: "{number}"}}
lookup:
  subjects:
    firm:
      title: 企业
      title_en: Firms
      table: opening
      name: enterprise_name
      codes: [registration_number]
      titles: {enterprise_name: 企业名称, registration_number: 注册号}
  roles:
    counter: {subjects: [firm], search: [code, name, initials], items: [enterprise_name, registration_number]}
YAML
sudo install -o qianzhi -g qianzhi-data -m 0660 /dev/null /var/lib/qianzhi-data/received.db
sudo install -o qianzhi-desk -g qianzhi-data -m 0660 /dev/null /var/lib/qianzhi-data/desk.db
sudo -u qianzhi sqlite3 /var/lib/qianzhi-data/received.db "PRAGMA journal_mode=WAL;
  CREATE TABLE opening(registration_number TEXT PRIMARY KEY, enterprise_name TEXT, establishment_date TEXT);
  CREATE TABLE tax(registration_number TEXT PRIMARY KEY);
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12)
  INSERT INTO opening SELECT 440103000000000 + i, '广州市启航' || i || '号贸易有限公司', '2020-01-02' FROM n"
sudo -u qianzhi-desk qianzhi-desk plan |
  sudo -u qianzhi sqlite3 /var/lib/qianzhi-data/received.db
# It looks at everything at least once before it ends.
sudo systemctl start qianzhi-desk
sudo systemctl stop qianzhi-desk

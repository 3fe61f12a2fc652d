# A desk as INSTALL.md leaves it, at a department that received from the one of START.md: twelve firms without tax
# registration, whose cases are overdue, and a role for lookups. Who is registered is the department's own table.
source "$(dirname "${BASH_SOURCE[0]}")/machine.sh"
cat >/etc/qianzhi/desk.yaml <<'YAML'
version: 1
desk: {id: local-tax, language: zh-CN, timezone: Asia/Shanghai}
database: /var/lib/qianzhi-data/desk.db
received:
  - {name: received, file: /var/lib/qianzhi-data/received.db}
poll: 5s
tables:
  - {id: opening, table: received.commerce_opening_registration, key: [registration_number]}
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
sudo -u qianzhi sqlite3 /var/lib/qianzhi-data/received.db 'PRAGMA journal_mode=WAL;
  CREATE TABLE tax(registration_number TEXT PRIMARY KEY)'
sudo -u qianzhi sqlite3 /srv/qianzhi/business.db "DELETE FROM t_qyjbxx;
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12)
  INSERT INTO t_qyjbxx SELECT 440103000000000 + i, '广州市启航' || i || '号贸易有限公司', '陈志明', '体育西路', '2020-01-02',
    '440103' FROM n"
machine local-tax local_tax 8423 'targets: {received: {type: sqlite, file: /var/lib/qianzhi-data/received.db}}
subscriptions:
  - {topic: commerce.opening_registration, target: received}'
sudo -u qianzhi qianzhi plan -c /etc/at/local-tax/agent.yaml --catalogue /usr/share/qianzhi/catalogue |
  sudo -u qianzhi sqlite3 /var/lib/qianzhi-data/received.db
until_said commerce.opening_registration sudo -u qianzhi qianzhi topics -c /etc/at/local-tax/agent.yaml
sudo -u qianzhi qianzhi request-access -c /etc/at/local-tax/agent.yaml commerce.opening_registration \
  --purpose 税源监控 --basis 税收征收管理法第十五条 --reason 漏管户比对 >asked
until_said local_tax sudo qianzhi-hub access list --open
sudo qianzhi-hub access approve "$(grep -oE '\b[0-9a-f]{12}\b' asked | head -n 1)"
until_said 12 sudo -u qianzhi sqlite3 /var/lib/qianzhi-data/received.db \
  'SELECT count(*) FROM commerce_opening_registration'
sudo -u qianzhi-desk qianzhi-desk plan |
  sudo -u qianzhi sqlite3 /var/lib/qianzhi-data/received.db
# It looks at everything at least once before it ends.
sudo systemctl start qianzhi-desk
sudo systemctl stop qianzhi-desk

# Beside the department of START.md another one, which receives into a file and has been granted nothing.
source "$(dirname "${BASH_SOURCE[0]}")/machine.sh"
sudo -u qianzhi sqlite3 /srv/qianzhi/business.db \
  "INSERT INTO t_qyjbxx VALUES('440103000000019', '荔湾茶行', '陈志明', '体育西路 3 号', '2020-01-02', '440103')"
machine quality quality 8422 'targets: {received: {type: sqlite, file: /srv/qianzhi/received.db}}
subscriptions:
  - {topic: commerce.opening_registration, target: received}'
sudo -u qianzhi qianzhi plan -c /etc/at/quality/agent.yaml --catalogue /usr/share/qianzhi/catalogue |
  sudo -u qianzhi sqlite3 /srv/qianzhi/received.db
until_said commerce.opening_registration sudo -u qianzhi qianzhi topics -c /etc/at/quality/agent.yaml

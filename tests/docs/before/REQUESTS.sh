# The catalogue's services; the department of START.md with records to answer from, its page elsewhere; the office of
# car licences, which may ask, also by its page.
source "$(dirname "${BASH_SOURCE[0]}")/machine.sh"
cp /usr/share/qianzhi/examples/services.yaml /usr/share/qianzhi/catalogue/
sudo systemctl reload qianzhi-hub
until_said 'check.person_standing' sudo qianzhi-hub provision add check.person_standing commerce-01
sudo qianzhi-hub provision add check.yearly_tax commerce-01
sudo qianzhi-hub grant add check.person_standing transport --purpose 小客车指标资格审核 --basis 小客车指标调控管理办法第十条
sudo -u qianzhi sqlite3 /srv/qianzhi/own.db "PRAGMA journal_mode=WAL;
  CREATE TABLE person(id_no TEXT, name TEXT, ok BOOLEAN, reason TEXT, no TEXT, PRIMARY KEY(id_no, name));
  INSERT INTO person VALUES('11010519491231002X', '张三', 1, NULL, 'A-1');
  CREATE TABLE payment(reg_no TEXT, year INTEGER, amount DECIMAL(18,2))"
sed -i 's/^sources:$/&\n  own-db: {type: sqlite, file: \/srv\/qianzhi\/own.db}/; s/127.0.0.1:8420/127.0.0.1:8421/' \
  /etc/qianzhi/agent.yaml
sudo systemctl restart qianzhi
sudo -u qianzhi sh -c 'umask 077; openssl rand -hex 32 > /var/lib/qianzhi/service-hall.token'
sudo -u qianzhi sqlite3 /srv/qianzhi/lottery.db 'PRAGMA journal_mode=WAL'
machine transport transport 8420 'sources: {lottery-db: {type: sqlite, file: /srv/qianzhi/lottery.db}}
targets: {lottery-answers: {type: sqlite, file: /srv/qianzhi/lottery.db}}
api:
  callers:
    - name: service-hall
      token: {file: /var/lib/qianzhi/service-hall.token}
      services: [check.person_standing]
      purposes: [小客车指标资格审核]'
printf 'citizen_number,person_name\n11010519491231002X,张三\n11010519491231002X,李四\n' >清单.csv

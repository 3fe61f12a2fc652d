# The table of the business system, as REQUESTS.md names its columns.
sudo -u qianzhi sqlite3 /srv/qianzhi/lottery.db \
  'CREATE TABLE check_request(id INTEGER PRIMARY KEY, status TEXT NOT NULL, id_no TEXT, name TEXT, case_number TEXT)'

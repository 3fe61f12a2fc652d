# What a DBA does with the script that plan printed.
sudo -u qianzhi sqlite3 -bail /srv/qianzhi/lottery.db <answers.sql

# A server for as long as the sandbox lives, as Debian's package sets one up: root by its socket. Kept in memory, so
# without waiting for disks.
id -u mysql >/dev/null 2>&1 || useradd --system --home-dir /nonexistent --shell /usr/sbin/nologin mysql
install -d -o mysql -g mysql /run/mysqld
rm -rf /var/lib/mysql
mariadb-install-db --no-defaults --user=mysql --datadir=/var/lib/mysql --auth-root-authentication-method=socket \
  --skip-test-db >/dev/null
setsid mariadbd --no-defaults --user=mysql --datadir=/var/lib/mysql --socket=/run/mysqld/mysqld.sock \
  --bind-address=127.0.0.1 --character-set-server=utf8mb4 --innodb-flush-method=nosync >/run/mysqld/log 2>&1 &
mariadb-admin --no-defaults --socket=/run/mysqld/mysqld.sock --wait=60 ping

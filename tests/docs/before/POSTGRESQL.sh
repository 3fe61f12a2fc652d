# A server as Debian's package makes it, for as long as the sandbox lives; kept in memory, so without waiting for disks.
version="$(ls /usr/lib/postgresql | sort -n | tail -n 1)"
pg_createcluster --port 5432 --encoding UTF8 --locale C.UTF-8 "$version" sandbox -- --no-sync
echo 'fsync = off' >>"/etc/postgresql/$version/sandbox/postgresql.conf"
pg_ctlcluster "$version" sandbox start

# The format is the same: the older version goes on.
step downgrade
check "it is the older version" test "$(dpkg-query -W -f '${Version}' qianzhi)" = 0.1.0
check "the agent runs" is_property qianzhi ActiveState active
add 10
want=$(rows)
within 60 "and goes on" hub_has "$want"

# newer FILE UNIT USER: as a later version would leave it.
newer() {
  systemctl stop "$2"
  runuser -u "$3" -- sqlite3 "$1" 'PRAGMA user_version=99; PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
}
older() { runuser -u "$3" -- sqlite3 "$1" "PRAGMA user_version=$4; PRAGMA wal_checkpoint(TRUNCATE)" >/dev/null; }
# refuses FILE UNIT USER FORMAT
refuses() {
  newer "$@"
  local before
  before=$(sum_of "$1")
  systemctl reset-failed "$2"
  refuse "$2 does not start on a store of a newer format" systemctl start "$2"
  check "$2 ends with 78" is_property "$2" ExecMainStatus 78
  check "$2 is not started again" is_property "$2" NRestarts 0
  check "$2 names QZ-PKG-001" bash -c "journalctl -u $2 -o cat -n 20 | grep -q QZ-PKG-001"
  check "$2 left the file as it was" test "$before" = "$(sum_of "$1")"
  older "$@"
  systemctl reset-failed "$2"
  check "$2 starts again" systemctl start "$2"
}
refuses $data/queue.db qianzhi qianzhi 1
refuses /var/lib/qianzhi-hub/hub.db qianzhi-hub qianzhi-hub 2
refuses /var/lib/qianzhi-data/desk.db qianzhi-desk qianzhi-desk 1

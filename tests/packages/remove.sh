# E6: purge leaves a queue without receipts, and says so; it leaves nothing of an empty one.
traces() {
  find /etc /run /usr /var \( -path /var/log -o -path /var/lib/dpkg -o -path /run/systemd -o -path /var/tmp \
    -o -path /var/lib/systemd \) -prune -o -name '*qianzhi*' -print
}
systemctl stop qianzhi-hub
add 20
within 60 "something is left" has_left
step remove
check "remove keeps the queue" test -s $data/queue.db
refuse "remove takes the program" test -e /usr/bin/qianzhi
check "purge" run apt-get purge -y qianzhi qianzhi-adapter-sqlite
check "E6: purge says what is left" says "not receipted yet"
check "E6: purge leaves the queue" test -s $data/queue.db
check "and what opens and sends it" ls $data/identity/queue.key $data/identity/tls.pem /etc/qianzhi/agent.yaml
grep -E 'receipted|kept|not wanted' /test/told.out

systemctl start qianzhi-hub
check "installed again" apt-get install -y --no-install-recommends \
  /media/usb/qianzhi_*.deb /media/usb/qianzhi-adapter-sqlite_*.deb
want=$(rows)
within 60 "it sends what it kept" hub_has "$want"
within 60 "nothing is left" is_left "0 0 0"

step purge
check "purge says that the hub's log stays" says "kept: /var/lib/qianzhi-hub"
check "the hub's log is there" test -s /var/lib/qianzhi-hub/hub.db
check "E6: nothing of the agent is left" test ! -e $data -a ! -e /etc/qianzhi/agent.yaml
check "received files stay" test -e /var/lib/qianzhi-data/received.db
rm -rf /var/lib/qianzhi-hub /var/backups/qianzhi-hub /etc/qianzhi/hub.yaml /var/lib/qianzhi-data
rm -rf /etc/qianzhi/credentials
[ ! -d /etc/qianzhi ] || rmdir /etc/qianzhi
traces >/test/traces
check "E6: purge leaves nothing else" test ! -s /test/traces

check "installed and never configured" apt-get install -y --no-install-recommends /media/usb/qianzhi*.deb
check "purged" apt-get purge -y 'qianzhi*'
traces >/test/traces
cat /test/traces
check "E6: purge of what was never configured leaves nothing" test ! -s /test/traces

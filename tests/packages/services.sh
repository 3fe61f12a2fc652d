# S3.2: hub, agent and desk from their packages, as their users, under systemd with all of their hardening.
step hub-init
block hub.yaml >/etc/qianzhi/hub.yaml
# What is in a backup is told at the next exchange of heads, ten minutes later where nothing is sent: this does not
# wait for that.
sed -i 's/^  backups:/  secured: log\n&/' /etc/qianzhi/hub.yaml
step hub-start
token=$(grep -oE '^([0-9A-Z]{6}-)+[0-9A-Z]+$' /test/told.out)
check "the hub says that it is ready (Type=notify)" is_property qianzhi-hub ActiveState active
check "the hub runs as its user" test "$(ps -o user= -p "$(property qianzhi-hub MainPID)")" = qianzhi-hub

export TOKEN="$token"
step agent-enrol
block agent.yaml >/etc/qianzhi/agent.yaml
step example-table
step agent-start
check "the agent says that it is ready (Type=notify)" is_property qianzhi ActiveState active
check "the agent runs as its user" test "$(ps -o user= -p "$(property qianzhi MainPID)")" = qianzhi
add 100
within 60 "a row of the department is receipted by the hub" hub_has 100
within 20 "nothing is left in the queue" is_left "0 0 0"
step queue-left

step desk-files
block desk.yaml >/etc/qianzhi/desk.yaml
step desk-start
check "the desk says that it is ready (Type=notify)" is_property qianzhi-desk ActiveState active
check "desk.db keeps its mode" mode_of /var/lib/qianzhi-data/desk.db "660 qianzhi-desk qianzhi-data"
refuse "E7: others do not read the queue" runuser -u nobody -- cat $data/queue.db
refuse "the desk cannot read the agent's keys" runuser -u qianzhi-desk -- cat $data/identity/signing.key

step look
for unit in qianzhi qianzhi-hub qianzhi-desk qianzhi-desk-serve; do
  check "E6: $unit is exposed by 2.0 at most" systemd-analyze security --threshold=20 --no-pager "$unit.service"
  tail -n 1 /test/last.out
done
install -D -m 0644 /usr/share/doc/qianzhi/examples/systemd/vendor-odbc.conf \
  /etc/systemd/system/qianzhi.service.d/vendor-odbc.conf
systemctl daemon-reload
systemd-analyze security --no-pager qianzhi.service | tail -n 1 | sed 's/$/ with vendor-odbc.conf/'
rm -r /etc/systemd/system/qianzhi.service.d
systemctl daemon-reload

# A configuration that is wrong changes nothing; one that is right needs no restart.
pid=$(property qianzhi MainPID)
sed -i 's/name: 质监局前置机/name: 质监局新前置机/' /etc/qianzhi/agent.yaml
step reload
within 20 "the agent goes on with the new configuration" \
  bash -c 'runuser -u qianzhi -- qianzhi status | grep -q 质监局新前置机'
check "without a restart" test "$pid" = "$(property qianzhi MainPID)"
echo 'wrong: 1' >>/etc/qianzhi/agent.yaml
systemctl reload qianzhi
within 20 "a wrong file is told of" bash -c 'journalctl -u qianzhi -o cat | grep -q QZ-AGT-129'
check "and the agent goes on" is_property qianzhi ActiveState active
sed -i '/^wrong: 1$/d' /etc/qianzhi/agent.yaml
systemctl reload qianzhi

# Standing still is noticed from outside: no word for WatchdogSec, so systemd ends it and starts it again.
install -d /run/systemd/system/qianzhi.service.d
printf '[Service]\nWatchdogSec=8\nRestartSec=100ms\n' >/run/systemd/system/qianzhi.service.d/test.conf
systemctl daemon-reload
systemctl restart qianzhi
pid=$(property qianzhi MainPID)
kill -STOP "$pid"
within 90 "an agent that stands still is started again by the watchdog" bash -c \
  "[ \$(systemctl show -p NRestarts --value qianzhi) -ge 1 ] && systemctl is-active qianzhi"
check "the watchdog did it" bash -c "journalctl -u qianzhi -o cat | grep -q 'Watchdog timeout'"
rm -r /run/systemd/system/qianzhi.service.d
systemctl daemon-reload
systemctl restart qianzhi
add 10
within 60 "and it goes on where it was" hub_has 110

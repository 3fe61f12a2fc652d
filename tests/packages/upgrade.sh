# E6: upgraded with a full queue.
echo '# ours' >>/etc/qianzhi/holidays.csv
pid=$(property qianzhi MainPID)
mount --bind /test/upgrade /media/usb
step upgrade
check "E6: the agent tells three lines after an upgrade" three_lines qianzhi 0.1.1
umount /media/usb
check "it is the new version" test "$(dpkg-query -W -f '${Version}' qianzhi)" = 0.1.1
check "the agent runs again" is_property qianzhi ActiveState active
refuse "with another process" test "$pid" = "$(property qianzhi MainPID)"
check "the desk runs again" is_property qianzhi-desk ActiveState active
check "a hub that was disabled and stopped for work is left stopped" is_property qianzhi-hub ActiveState inactive
batches >/test/batches.after
check "every batch is still in the queue" test -z "$(comm -23 /test/batches.before /test/batches.after)"
check "a changed file in /etc/qianzhi is kept" grep -qx '# ours' /etc/qianzhi/holidays.csv
systemctl enable --now qianzhi-hub
want=$(rows)
step backup
within 300 "the queue drains: the hub has each of $want rows once" hub_has "$want"
within 60 "nothing is left" is_left "0 0 0"

# S3.2, E6: installed from a folder, without network; three lines each; nothing runs before it is configured.
step check
step install
for package in qianzhi qianzhi-hub qianzhi-desk; do
  check "E6: $package tells three lines" three_lines "$package" "0.1.0"
done
for unit in qianzhi qianzhi-hub qianzhi-desk; do
  check "E6: $unit does not run unconfigured" is_property "$unit" ActiveState inactive
  check "systemctl start $unit is no error" systemctl start "$unit"
  check "E6: $unit was not started for want of a configuration" is_property "$unit" ConditionResult no
  check "$unit is enabled" systemctl is-enabled "$unit"
done
refuse "the lookup is not enabled by itself" systemctl is-enabled qianzhi-desk-serve

check "/var/lib/qianzhi is the agent's alone" mode_of /var/lib/qianzhi "700 qianzhi qianzhi"
check "/var/lib/qianzhi-hub is the hub's alone" mode_of /var/lib/qianzhi-hub "700 qianzhi-hub qianzhi-hub"
check "/var/lib/qianzhi-data is for agent and desk" mode_of /var/lib/qianzhi-data "2770 root qianzhi-data"
check "/etc/qianzhi/credentials is root's alone" mode_of /etc/qianzhi/credentials "700 root root"
check "the agent is no member of the hub" test "$(id -nG qianzhi)" = "qianzhi qianzhi-data"
check "the desk is in the shared group" test "$(id -nG qianzhi-desk)" = "qianzhi-desk qianzhi-data"
check "no package leaves a program that others may write" \
  test -z "$(find /usr/bin/qianzhi* /usr/libexec/qianzhi /etc/qianzhi -perm /022 ! -type l)"
check "explain works offline" qianzhi explain QZ-PKG-001
check "every adapter has its libraries" bash -c '! ldd /usr/libexec/qianzhi/* /usr/bin/qianzhi* | grep "not found"'

for page in qianzhi qianzhi-hub qianzhi-desk qianzhi-demo; do
  check "E3: manual page of $page in English" test -s "/usr/share/man/man1/$page.1.gz"
  check "E3: manual page of $page in Chinese" test -s "/usr/share/man/zh_CN/man1/$page.1.gz"
done
for program in qianzhi qianzhi-hub qianzhi-desk; do
  check "E3: completion of $program" test -s "/usr/share/bash-completion/completions/$program" -a \
    -s "/usr/share/zsh/vendor-completions/_$program"
done
check "the handbook has every code" bash -c '
  [ "$(qianzhi explain | wc -l)" -eq "$(grep -c "^### QZ-" /usr/share/doc/qianzhi/HANDBOOK.md)" ]'

# As a user who owns nothing, without network: all of it in a folder that is gone at the end.
check "qianzhi demo runs as nobody" run runuser -u nobody -- qianzhi demo --once --firms 300
check "its targets equal their sources" says 'every target equals its source'
check "it leaves nothing" test -z "$(find /tmp -name 'qianzhi-demo-*')"

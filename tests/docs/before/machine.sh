# machine NAME DEPARTMENT PAGE [LINES]: another department's agent, enrolled and running; its /etc/qianzhi is
# /etc/at/NAME. LINES: of its agent.yaml, behind identity, queue and page. For scripts of this folder.
machine() {
  local folder="/var/lib/qianzhi/$1" agent="$1-01"
  sudo -u qianzhi-hub qianzhi-hub agent add "$agent" --department "$2" >"$1.token"
  install -d -m 0755 /etc/at "/etc/at/$1"
  cp -r /etc/qianzhi/. "/etc/at/$1"
  install -m 0640 -g qianzhi /dev/null "/etc/at/$1/agent.yaml"
  sudo -u qianzhi install -d -m 0700 "$folder"
  sudo -u qianzhi qianzhi enrol "$(head -n 1 "$1.token")" --out "$folder/identity"
  cat >"/etc/at/$1/agent.yaml" <<YAML
version: 1
agent: {id: $agent}
exchange:
  url: https://exchange.example.gov:8443
  certificate: $folder/identity/tls.pem
  private_key: {file: $folder/identity/tls.pem}
  signing_key: {file: $folder/identity/signing.key}
  encryption_key: {file: $folder/identity/encryption.key}
  trust: $folder/identity/trust.crt
  directory_key: $folder/identity/directory.pub
  directory_root_key: $folder/identity/directory-root.pub
queue: {path: $folder/queue.db, key: {file: $folder/identity/queue.key}, max_size: 64MiB}
status: {listen: "127.0.0.1:$3"}
${4:-}
YAML
  sed "s:/etc/qianzhi/agent.yaml:/etc/at/$1/agent.yaml:" /lib/systemd/system/qianzhi.service \
    >"/lib/systemd/system/at-$1.service"
  sudo systemctl start "at-$1"
}

# until_said TEXT COMMAND...: as often as it takes.
until_said() {
  until "${@:2}" 2>&1 | grep -F -- "$1" >/dev/null; do :; done
}

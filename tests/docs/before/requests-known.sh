source "$(dirname "${BASH_SOURCE[0]}")/machine.sh"
until_said check.person_standing sudo -u qianzhi qianzhi topics -c /etc/at/transport/agent.yaml

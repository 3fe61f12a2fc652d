source "$(dirname "${BASH_SOURCE[0]}")/machine.sh"
until_said QZ-HUB-025 sudo qianzhi-hub status
until_said QZ-HUB-025 sudo -u qianzhi qianzhi status
until_said QZ-HUB-025 sudo -u qianzhi qianzhi status -c /etc/at/quality/agent.yaml

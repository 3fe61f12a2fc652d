# The agents have shown what they know: a directory with an agent that the backup lacks.
source "$(dirname "${BASH_SOURCE[0]}")/machine.sh"
until_said QZ-HUB-025 sudo qianzhi-hub status
until_said QZ-HUB-025 sudo -u qianzhi qianzhi status
until_said QZ-HUB-025 sudo -u qianzhi qianzhi status -c /etc/at/quality/agent.yaml
until_said QZ-AGT-023 cat /run/services/qianzhi.log
sudo qianzhi-hub recover --yes >recovered 2>&1 || true
grep -F QZ-HUB-052 recovered

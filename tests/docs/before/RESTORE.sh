# Behind START.md and ACCESS.md: the first backup of the hub, and the source of yesterday; then a row and an agent more.
source "$(dirname "${BASH_SOURCE[0]}")/restored.sh"
sudo qianzhi-hub backup
sudo -u qianzhi sqlite3 /srv/qianzhi/business.db "VACUUM INTO '/srv/qianzhi/yesterday.db'"
changed_to 备份之后
arrived 备份之后
sudo qianzhi-hub agent add late-01 --department quality
until_said "$(sudo qianzhi-hub status | grep -oE 'directory [0-9]+ ')" sudo -u qianzhi qianzhi status

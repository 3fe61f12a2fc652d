# Behind START.md and ACCESS.md: the hub's first backup, and yesterday's source; then a row that no backup has.
source "$(dirname "${BASH_SOURCE[0]}")/restored.sh"
sudo qianzhi-hub backup
sudo -u qianzhi sqlite3 /srv/qianzhi/business.db "VACUUM INTO '/srv/qianzhi/yesterday.db'"
change_and_see 备份之后

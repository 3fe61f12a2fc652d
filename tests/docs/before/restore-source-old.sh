source "$(dirname "${BASH_SOURCE[0]}")/restored.sh"
arrived 第二次恢复
sudo systemctl stop qianzhi
sudo -u qianzhi rm -f /srv/qianzhi/business.db-wal /srv/qianzhi/business.db-shm
sudo -u qianzhi cp /srv/qianzhi/yesterday.db /srv/qianzhi/business.db
sudo systemctl start qianzhi
until_said QZ-AGT-034 sudo -u qianzhi qianzhi status

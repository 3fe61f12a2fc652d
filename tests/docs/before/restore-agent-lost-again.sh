source "$(dirname "${BASH_SOURCE[0]}")/restored.sh"
arrived 代理恢复
sudo systemctl stop qianzhi
sudo rm -f /var/lib/qianzhi/queue.db*
changed_to 第二次恢复
sudo systemctl start qianzhi
until_said 'EPOCH WAITS' sudo qianzhi-hub status

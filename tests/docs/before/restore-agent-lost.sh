# What the lost hub's department wrote has arrived, without a refill; then the department loses its queue.
source "$(dirname "${BASH_SOURCE[0]}")/restored.sh"
arrived 恢复期间
sudo qianzhi-hub status | grep -E 'commerce.opening_registration.* 1[.]'
sudo systemctl stop qianzhi
sudo rm -f /var/lib/qianzhi/queue.db*
changed_to 代理恢复

source "$(dirname "${BASH_SOURCE[0]}")/machine.sh"
until_said 荔湾茶行 sudo -u qianzhi sqlite3 /srv/qianzhi/received.db 'SELECT * FROM commerce_opening_registration'

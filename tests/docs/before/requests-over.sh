source "$(dirname "${BASH_SOURCE[0]}")/machine.sh"
until_said over sudo -u qianzhi sqlite3 /srv/qianzhi/lottery.db 'SELECT qz_state FROM check_answer WHERE qz_line = 0'

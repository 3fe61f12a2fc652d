source "$(dirname "${BASH_SOURCE[0]}")/machine.sh"

# The name of the firm that the department of ACCESS.md may see, changed in the source.
changed_to() {
  sudo -u qianzhi sqlite3 /srv/qianzhi/business.db "UPDATE t_qyjbxx SET qymc = '$1' WHERE qyzch = '440103000000019'"
}

# arrived NAME: as often as it takes.
arrived() {
  until_said "$1" sudo -u qianzhi sqlite3 /srv/qianzhi/received.db 'SELECT * FROM commerce_opening_registration'
}

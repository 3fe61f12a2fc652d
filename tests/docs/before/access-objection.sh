source "$(dirname "${BASH_SOURCE[0]}")/machine.sh"
until_said QZ-AGT-141 sudo -u qianzhi qianzhi status

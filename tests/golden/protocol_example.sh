#!/bin/bash
set -euo pipefail
# The commands in PROTOCOL.md's worked example print what PROTOCOL.md says. Usage: protocol_example.sh ROOT
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
block() {
  sed -n "/<!-- example: $1 -->/,\$p" "$root/hub-protocol/PROTOCOL.md" | sed '1,2d' | sed '/^```$/,$d'
}
block commands > "$work/commands"
block output > "$work/expected"
cp "$root/tests/golden/vectors/good/1.2-change.qzb" "$root/tests/golden/keys/provider.pub.pem" "$work"
(cd "$work" && sh commands > printed)
test -s "$work/expected"
diff "$work/expected" "$work/printed"

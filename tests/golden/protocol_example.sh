#!/bin/bash
set -euo pipefail
# The commands in PROTOCOL.md's examples print what PROTOCOL.md says. Usage: protocol_example.sh ROOT
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
block() {
  sed -n "/<!-- $1 -->/,\$p" "$root/hub-protocol/PROTOCOL.md" | sed '1,2d' | sed '/^```$/,$d'
}
cp -r "$root"/tests/golden/vectors/sm3 "$work"
cp "$root"/tests/golden/vectors/good/*.qzb "$root"/tests/golden/keys/*.pub.pem "$work"
cp "$root"/tests/golden/parcels/sm3/answer.qzp "$root"/tests/golden/keys/asker-sm2.pem "$work"
for example in 'example' 'second example' 'third example' 'fourth example'; do
  block "$example: commands" > "$work/commands"
  block "$example: output" > "$work/expected"
  (cd "$work" && sh commands > printed)
  test -s "$work/expected"
  diff "$work/expected" "$work/printed"
done

#!/bin/bash
# Runs a program in a network namespace of its own, whose only address but loopback is one of ours: in_namespace.sh
# PROGRAM ARGUMENT... Exit status 77: this machine lets nobody make one.
set -euo pipefail
if ! unshare -rn ip link add qz0 type veth peer name qz1 2>/dev/null; then
  echo "skipped: no network namespace, or no interface in it, can be made here (unshare -rn, ip, veth)"
  exit 77
fi
unshare -rn bash -c '
  set -e
  ip link set lo up
  ip link add qz0 type veth peer name qz1
  ip addr add 10.99.0.1/24 dev qz0
  ip link set qz0 up
  ip link set qz1 up
  exec "$@"' in_namespace "$@"

#!/bin/sh
# Runs record.py or drill.py with a network, a process table, a host name and folders of its own (root and util-linux).
# Usage: isolate.sh STATE_DIR record.py|drill.py arguments...
set -eu
state=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$state/repo" "$state/releases" "$state/run" /srv/shop/repo /srv/shop/releases /srv/shop/run
exec unshare --mount --net --uts --pid --fork --kill-child --mount-proc sh -c '
  hostname shop-1
  ip link set lo up
  state=$1
  here=$2
  shift 2
  for folder in repo releases run; do mount --bind "$state/$folder" "/srv/shop/$folder"; done
  script=$1
  shift
  exec /srv/shop/venv/bin/python "$here/$script" "$@"
' isolate "$state" "$here" "$@"

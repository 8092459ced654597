#!/bin/sh
# Installs what recording the shop needs on Debian 12 (as root): the real parts from apt, the services' Python
# packages in a virtualenv at /srv/shop/venv. Nothing is left running: record.py starts its own copies.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends \
  postgresql redis-server prometheus prometheus-alertmanager prometheus-node-exporter faketime \
  openssl util-linux iproute2 git python3 python3-venv
for unit in postgresql redis-server prometheus prometheus-alertmanager prometheus-node-exporter; do
  # Debian starts them at once and on every boot; a machine without systemd has nothing to stop.
  if [ -d /run/systemd/system ]; then systemctl disable --now "$unit"; fi
done
mkdir -p /srv/shop
# Debian's own Python, so that tracebacks in the evidence show /usr/lib and /srv/shop and nobody's home.
/usr/bin/python3 -m venv --clear /srv/shop/venv
/srv/shop/venv/bin/pip install --quiet --disable-pip-version-check -r "$here/repo/requirements.txt"

#!/usr/bin/env bash
# docs/guide/install.md's "As a service" on a Debian of its own that systemd really boots (systemd-nspawn): installed from the package, measured
# by a trainer, killed, booted again, uninstalled; all in a network namespace, apart from agents that measure on this machine.
# Needs Linux, root, debootstrap, systemd-container, iproute2 and a build (npm run build).
#
#   test/scripts/service-under-systemd.sh           DEBIAN_MIRROR names the mirror; about two minutes
set -euo pipefail
cd "$(dirname "$0")/../.."
net=at-systemd-$$
folder=$(mktemp -d /tmp/at-systemd-XXXXXX)
root=$folder/root
boot=

clean_up() {
  local status=$?
  if [ -n "$boot" ]; then kill "$boot" 2>/dev/null || true; fi
  wait 2>/dev/null || true
  ip netns delete "$net" 2>/dev/null || true
  if [ "$status" -ne 0 ]; then tail -n 40 "$folder"/*.log "$root"/root/check.log >&2 || true; fi
  rm -rf "$folder"
}
trap clean_up EXIT
step() { echo "$(date +%T) $*"; }

step "a Debian with systemd, gcc and OpenBLAS"
debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,gcc,libc6-dev,libopenblas0-pthread,libstdc++6 \
  bookworm "$root" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} >"$folder/debootstrap.log" 2>&1

step "Node and the agent's package"
install -m 755 "$(command -v node)" "$root/usr/local/bin/node"
ln -s /usr/local/bin/node "$root/usr/bin/node"
npm run --silent package:agent -- --out "$folder" >"$folder/package.log" 2>&1
npm install --silent --global --prefix "$root/usr/local" "$folder"/alphatensor-edge-agent-*.tgz >>"$folder/package.log" 2>&1
ip netns add "$net"
ip -n "$net" link set lo up

# --- what a person types on the device, at each of its two boots ---------------------------------------------------------------
cat >"$root/root/check" <<'CHECK'
#!/bin/bash
set -euxo pipefail
export PATH=/usr/local/bin:$PATH
wait_for() { for _ in $(seq 600); do if "$@"; then return; fi; sleep 0.5; done; return 1; }
trap 'echo "$?" >/root/status; systemctl poweroff --no-block' EXIT
unit=alphatensor-edge-agent
if [ ! -e /root/measured-once ]; then
  at-agent service install
  wait_for systemctl is-active --quiet "$unit"
else
  # Started by itself, at this boot.
  wait_for systemctl is-active --quiet "$unit"
fi
at-agent service status
wait_for at-agent status
pid=$(systemctl show --property MainPID --value "$unit")
[ "$(stat -c %U "/proc/$pid")" = alphatensor-edge ]
touch /root/ready
wait_for test -e /root/measured
rm /root/ready /root/measured
if [ ! -e /root/measured-once ]; then
  touch /root/measured-once
  kill -9 "$pid"
  sleep 1
  wait_for systemctl is-active --quiet "$unit"
  [ "$(systemctl show --property MainPID --value "$unit")" != "$pid" ]
else
  systemd-analyze security --no-pager "$unit" | tail -n 1
  at-agent service uninstall --purge
  ! systemctl cat "$unit"
  ! id alphatensor-edge
  [ ! -e /var/lib/alphatensor-edge ]
fi
CHECK
chmod 755 "$root/root/check"
cat >"$root/etc/systemd/system/check.service" <<'UNIT'
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/bash -c '/root/check >>/root/check.log 2>&1'
[Install]
WantedBy=multi-user.target
UNIT
ln -s ../check.service "$root/etc/systemd/system/multi-user.target.wants/check.service"

for time in first second; do
  step "the $time boot"
  rm -f "$root/root/status"
  systemd-nspawn --quiet --directory "$root" --boot --keep-unit --register=no --network-namespace-path="/run/netns/$net" </dev/null >"$folder/$time.log" 2>&1 &
  boot=$!
  for _ in $(seq 1200); do [ -e "$root/root/ready" ] || [ -e "$root/root/status" ] && break; sleep 0.5; done
  [ -e "$root/root/ready" ]
  step "a trainer measures through the service"
  ip netns exec "$net" env ALPHATENSOR_CONFIG_DIR="$folder/config" node trainer/bin/at-trainer.js benchmark strassen \
    --problem 256 --budget 1s --json >"$folder/measured.json"
  node -e 'const { results } = JSON.parse(require("fs").readFileSync(process.argv[1])); if (results[0].outcome !== "MEASURED") throw new Error(results[0].message)' \
    "$folder/measured.json"
  touch "$root/root/measured"
  wait "$boot" || true
  boot=
  [ "$(cat "$root/root/status")" = 0 ]
done
grep 'Overall exposure' "$root/root/check.log" || true
step "installed, measured, restarted after kill -9, started by the next boot, measured again, and gone without a trace"

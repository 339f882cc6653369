#!/usr/bin/env bash
# README's "On your own devices", done by a device behind a router: three network namespaces, of which the device's reaches the
# trainer's only from within, as at home. Needs Linux, root, iproute2 and nftables, and a build (npm run build).
#
#   test/scripts/device-behind-nat.sh            from the package to a measurement, and its seconds
#   test/scripts/device-behind-nat.sh --faults   also 1,000 connections, a network cut of 30 s and a device that restarts, in mid-run
set -euo pipefail
cd "$(dirname "$0")/../.."
repository=$PWD

folder=$(mktemp -d /tmp/at-nat-XXXXXX)
log=$folder/log
processes=()

# --- the network: device — router with NAT — trainer -------------------------------------------------------------------------
device_net=at-device-$$ router_net=at-router-$$ trainer_net=at-trainer-$$

make_network() {
  local net
  for net in "$device_net" "$router_net" "$trainer_net"; do
    ip netns add "$net"
    ip -n "$net" link set lo up
  done
  ip link add lan netns "$device_net" type veth peer name lan netns "$router_net"
  ip link add wan netns "$trainer_net" type veth peer name wan netns "$router_net"
  ip -n "$device_net" address add 192.168.77.2/24 dev lan
  ip -n "$router_net" address add 192.168.77.1/24 dev lan
  ip -n "$router_net" address add 203.0.113.2/24 dev wan
  ip -n "$trainer_net" address add 203.0.113.1/24 dev wan
  ip -n "$device_net" link set lan up
  ip -n "$router_net" link set lan up
  ip -n "$router_net" link set wan up
  ip -n "$trainer_net" link set wan up
  ip -n "$device_net" route add default via 192.168.77.1
  # Even if the trainer knew the way, the router would let nothing in.
  ip -n "$trainer_net" route add 192.168.77.0/24 via 203.0.113.2
  ip netns exec "$router_net" sysctl -qw net.ipv4.ip_forward=1
  ip netns exec "$router_net" nft -f - <<'RULES'
table ip router {
  chain out { type nat hook postrouting priority srcnat; oifname "wan" masquerade; }
  chain through { type filter hook forward priority filter; policy drop; iifname "lan" accept; ct state established,related accept; }
}
RULES
}

clean_up() {
  local status=$? pid net
  for pid in "${processes[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  for net in "$device_net" "$router_net" "$trainer_net"; do ip netns delete "$net" 2>/dev/null || true; done
  if [ "$status" -ne 0 ] && [ -f "$log" ]; then tail -n 40 "$log" >&2; fi
  rm -rf "$folder"
}
trap clean_up EXIT

# --- who does what -----------------------------------------------------------------------------------------------------------
at_trainer=(node "$repository/trainer/bin/at-trainer.js")
at_agent=$folder/device/installed/bin/at-agent

# In the background a command takes its shell's place, so that it is the process that is ended.
background() {
  (exec=exec && "$@") &
  processes+=($!)
}
at_the_trainer() { ${exec:-} ip netns exec "$trainer_net" env ALPHATENSOR_CONFIG_DIR="$folder/trainer" "$@"; }
on_the_device() {
  ${exec:-} ip netns exec "$device_net" env HOME="$folder/device" ALPHATENSOR_STATE_DIR="$folder/device/state" \
    ALPHATENSOR_CACHE_DIR="$folder/device/cache" "$@"
}
step() { printf '%4d s  %s\n' "$SECONDS" "$*"; }
fail() {
  echo "error: $*" >&2
  exit 1
}
wait_until() { # SECONDS WHAT COMMAND...
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || fail "waited in vain: $what"
    sleep 0.2
  done
}
start_agent() {
  background on_the_device "$at_agent" serve --connect --log-level info 2>>"$log" >/dev/null
  agent=$!
}
running_jobs() { on_the_device "$at_agent" status --json | grep -c '"runningJobs": 1' || true; }
is_up() { at_the_trainer "${at_trainer[@]}" agents describe laptop; }
# Fails unless every one of the results was measured.
measured() { # FILE COUNT
  [ "$(grep -c '"outcome": "MEASURED"' "$1")" -eq "$2" ] || fail "not all was measured: $(cat "$1")"
}

make_network
mkdir -p "$folder/device"

# --- README: On your own devices ---------------------------------------------------------------------------------------------
SECONDS=0
step "at the trainer: npm run package:agent; at-trainer hub; at-trainer agents invite laptop"
node scripts/package-agent.mjs --out "$folder" >>"$log"
background at_the_trainer "${at_trainer[@]}" hub 2>>"$log" >/dev/null
token=$(at_the_trainer "${at_trainer[@]}" agents invite laptop 2>"$folder/advice")

step "on the device: npm install --global --offline ./alphatensor-edge-agent-*.tgz"
on_the_device npm install --global --offline --prefix "$folder/device/installed" "$folder"/alphatensor-edge-agent-*.tgz >>"$log" 2>&1

step "on the device: at-agent enroll --trainer 203.0.113.1:50052 --token …"
wait_until 20 "the hub listens" on_the_device bash -c '</dev/tcp/203.0.113.1/50052'
on_the_device "$at_agent" enroll --trainer 203.0.113.1:50052 --token "$token" >>"$log"

step "on the device: at-agent serve --connect"
start_agent

step "at the trainer: at-trainer benchmark strassen --agent laptop --problem 512"
wait_until 60 "the device is connected" is_up
at_the_trainer "${at_trainer[@]}" benchmark strassen --agent laptop --problem 512 --json >"$folder/first.json" 2>>"$log"
measured "$folder/first.json" 1
seconds=$SECONDS
step "measured"

# --- what must not work ------------------------------------------------------------------------------------------------------
if at_the_trainer timeout 2 bash -c '</dev/tcp/192.168.77.2/50051' 2>/dev/null; then fail "the device can be dialled"; fi
if grep -q -e "$token" -e "PRIVATE KEY" "$log"; then fail "a key or a token is in the logs"; fi
[ "$(stat -c %a "$folder/device/state/credentials.json")" = 600 ] || fail "others can read the device's key"

if [ "${1:-}" = --faults ]; then
  step "1,000 connections from behind the router say nothing; the link goes on"
  background on_the_device node -e '
    const sockets = Array.from({ length: 1000 }, () => require("net").connect(50052, "203.0.113.1").on("error", () => {}));
    setTimeout(() => process.exit(), 60_000);
  '
  flood=$!
  sleep 2
  is_up >/dev/null || fail "1,000 connections cut the link"
  kill "$flood"

  step "a run begins: at-trainer benchmark strassen winograd --agent laptop --problem 1024 --sustained 60s"
  background at_the_trainer "${at_trainer[@]}" benchmark strassen winograd --agent laptop --problem 1024 --sustained 60s \
    --json >"$folder/run.json" 2>>"$log"
  run=$!
  sleep 15
  step "the network is cut for 30 s"
  ip -n "$router_net" link set wan down
  sleep 30
  [ "$(running_jobs)" -eq 1 ] || fail "the job did not go on during the cut"
  ip -n "$router_net" link set wan up
  step "the network is back"
  sleep 45
  step "the device's agent is killed, and starts again"
  [ "$(running_jobs)" -eq 1 ] || fail "no job runs that a restart could disturb"
  kill -9 "$agent"
  wait "$agent" 2>/dev/null || true
  sleep 3
  start_agent
  wait "$run" || fail "the run ended with an error: $(cat "$folder/run.json")"
  measured "$folder/run.json" 2
  if grep -q CANCELLED "$log"; then fail "the cut stopped a job"; fi
  step "the run went on by itself: both were measured"
fi
echo "measured ${seconds} s after the first command"

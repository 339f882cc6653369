#!/usr/bin/env bash
# A real training by a cluster of network namespaces, as by machines of their own: one holds the nats-server and the learner, each other
# one an actor, joined by a bridge. Keys, TLS and an account for each level of trust, as at-trainer cluster init makes them. Needs Linux,
# root, iproute2, nats-server, and a build (npm run build).
#
#   test/scripts/cluster-namespaces.sh [--actors 2] [--run-dir DIR] -- OPTIONS OF at-trainer train
#   test/scripts/cluster-namespaces.sh -- --size 2,2,3 --preset lean --until-rank 11 --budget 3h --seed 1
#   test/scripts/cluster-namespaces.sh -- --size 2,2,3 --preset lean --grow-from trainer/checkpoints/2x2x2-tiny/rank-7.json \
#     --until-rank 11 --budget 1h --seed 1        # the network from scratch, grown from the trainer's own <2,2,2>
#   test/scripts/cluster-namespaces.sh -- --checkpoint trainer/checkpoints/2x2x3-lean --until-rank 11 --budget 1h   # not from scratch
#
# Ends with the status of at-trainer train: 0 if the rank was reached, 10 if not.
set -euo pipefail
cd "$(dirname "$0")/../.."
actors=2
run_dir=
while [ $# -gt 0 ]; do
  case $1 in
    --actors) actors=$2 && shift 2 ;;
    --run-dir) run_dir=$2 && shift 2 ;;
    --) shift && break ;;
    *) echo "unknown option $1" >&2 && exit 2 ;;
  esac
done

folder=$(mktemp -d "${TMPDIR:-/tmp}/at-cluster-XXXXXX")
chmod 700 "$folder"
run_dir=${run_dir:-$folder/run}
processes=()
name=atc$$
learner_net=$name-learner

clean_up() {
  local status=$? pid index
  for pid in "${processes[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  for index in $(seq 1 "$actors"); do ip netns delete "$name-actor-$index" 2>/dev/null || true; done
  ip netns delete "$learner_net" 2>/dev/null || true
  [ "$status" -eq 0 ] || echo "what the processes said is in $folder" >&2
  [ "$status" -ne 0 ] || [ "$run_dir" = "$folder/run" ] || rm -rf "$folder"
  exit "$status"
}
trap clean_up EXIT

# --- the network: every actor has a line of its own to the learner's namespace, and none to another actor ----------------------------
ip netns add "$learner_net"
ip -n "$learner_net" link set lo up
ip -n "$learner_net" link add bridge type bridge
ip -n "$learner_net" address add 10.77.0.1/24 dev bridge
ip -n "$learner_net" link set bridge up
for index in $(seq 1 "$actors"); do
  net=$name-actor-$index
  ip netns add "$net"
  ip -n "$net" link set lo up
  ip link add eth0 netns "$net" type veth peer name "actor$index" netns "$learner_net"
  ip -n "$learner_net" link set "actor$index" master bridge up
  ip -n "$learner_net" link set dev "actor$index" type bridge_slave isolated on
  ip -n "$net" address add "10.77.0.$((index + 1))/24" dev eth0
  ip -n "$net" link set eth0 up
done

# --- the cluster -------------------------------------------------------------------------------------------------------------------
trainer() { node trainer/bin/at-trainer.js "$@"; }
trainer cluster init --host 10.77.0.1 --folder "$folder/cluster" 2>/dev/null
for index in $(seq 1 "$actors"); do trainer cluster invite "actor-$index" --folder "$folder/cluster" 2>/dev/null; done
ip netns exec "$learner_net" nats-server -c "$folder/cluster/nats-server.conf" >"$folder/nats.log" 2>&1 &
processes+=($!)
sleep 1
for index in $(seq 1 "$actors"); do
  ip netns exec "$name-actor-$index" node trainer/bin/at-trainer.js play --cluster "$folder/cluster/actor-$index.json" \
    >"$folder/actor-$index.log" 2>&1 &
  processes+=($!)
done
status=0
ip netns exec "$learner_net" node trainer/bin/at-trainer.js train --cluster "$folder/cluster/learner.json" --run-dir "$run_dir" "$@" || status=$?
ip netns exec "$learner_net" node trainer/bin/at-trainer.js cluster status --cluster "$folder/cluster/learner.json"
exit "$status"

#!/usr/bin/env bash
# docs/guide/install.md's "In a container" without a Docker daemon and without Docker's registry: buildah builds both Dockerfiles in a chroot, on a
# Debian of debootstrap with Node 22 of npm in place of the images they begin with, and a trainer measures through the CPU one, enrolled and
# dialling in. Of Dockerfile.cuda this shows that its steps work and, with ALPHATENSOR_CUBLAS (a CUDA toolkit with cuBLAS), that the agent
# finds the toolkit and misses only a GPU; NVIDIA's image and GPUs are not part of it.
# Needs Linux, root, buildah, debootstrap, iproute2 and a build (npm run build).
#
#   test/scripts/containers.sh           DEBIAN_MIRROR names the mirror; about five minutes and 5 GB in /tmp while it runs
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d /tmp/at-containers-XXXXXX)
log=$folder/log
net=at-containers-$$

clean_up() {
  local status=$?
  ip netns pids "$net" 2>/dev/null | xargs --no-run-if-empty kill 2>/dev/null || true
  wait 2>/dev/null || true
  ip netns delete "$net" 2>/dev/null || true
  if [ "$status" -ne 0 ]; then tail -n 40 "$log" >&2 || true; fi
  rm -rf "$folder"
}
trap clean_up EXIT
step() { printf '%4d s  %s\n' "$SECONDS" "$*"; }
fail() {
  echo "error: $*" >&2
  exit 1
}
wait_until() { # SECONDS WHAT COMMAND...
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >>"$log" 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || fail "waited in vain: $what"
    sleep 0.5
  done
}
storage=(--storage-driver vfs --root "$folder/storage" --runroot "$folder/run")
container_tool() { buildah "${storage[@]}" "$@"; }
# A network namespace of their own keeps both apart from agents that measure on this machine.
in_net() { nsenter --net="/run/netns/$net" "$@"; }
at_trainer() { in_net env ALPHATENSOR_CONFIG_DIR="$folder/trainer" node trainer/bin/at-trainer.js "$@"; }

# --- what the Dockerfiles begin with -------------------------------------------------------------------------------------------
step "a Debian with Node 22"
base=$folder/base
debootstrap --variant=minbase --include=ca-certificates,libstdc++6 bookworm "$base" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} >>"$log" 2>&1
npm install --silent --prefix "$folder/node" "node-linux-$(node -p process.arch)@22" npm@11 >>"$log"
install "$folder"/node/node_modules/node-linux-*/bin/node "$base/usr/local/bin/node"
mkdir -p "$base/usr/local/lib/node_modules" "$base/usr/local/etc"
cp -r "$folder/node/node_modules/npm" "$base/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$base/usr/local/bin/npm"
chroot "$base" useradd --uid 1000 --user-group --create-home node
# npm in it trusts whom this machine trusts.
cp -L /etc/ssl/certs/ca-certificates.crt "$base/etc/ssl/certs/ca-certificates.crt"
echo 'cafile=/etc/ssl/certs/ca-certificates.crt' >"$base/usr/local/etc/npmrc"
tar -C "$base" -cf "$base.tar" .
container=$(container_tool from scratch)
container_tool add --quiet "$container" "$base.tar" / >>"$log"
path=/usr/local/cuda/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
container_tool config --env PATH=$path "$container"
# shellcheck disable=SC2013
for image in $(sed -n 's/^FROM \([^ ]*\).*/\1/p' Dockerfile Dockerfile.cuda | sort -u); do
  case $image in */*) name=docker.io/$image ;; *) name=docker.io/library/$image ;; esac
  container_tool commit --quiet "$container" "$name" >>"$log" 2>&1
done
container_tool rm "$container" >>"$log"

# --- docs/guide/install.md: In a container -------------------------------------------------------------------------------------------
docker_build() { # TAG DOCKERFILE
  container_tool build --isolation chroot --pull-never --format docker --tag "$1" --file "$2" . >>"$log" 2>&1
  [ "$(container_tool inspect --type image --format '{{.Docker.Config.Entrypoint}} {{.Docker.Config.Cmd}}' "$1")" = "[at-agent] [serve]" ] ||
    fail "$1 does not start at-agent serve"
}
# As the image's user; a volume keeps the state.
docker_run() { # CONTAINER COMMAND...
  in_net buildah "${storage[@]}" run --isolation chroot --env ALPHATENSOR_TOKEN="${token:-}" \
    --volume "$folder/state:/home/node/.local/state" "$@"
}

step "docker build -t at-agent ."
docker_build at-agent Dockerfile
container=$(container_tool from --pull-never at-agent)
# A volume begins with the owner that the folder has in the image.
install -d -o 1000 -g 1000 "$folder/state"

step "at the trainer: at-trainer hub; at-trainer agents invite container"
ip netns add "$net"
ip -n "$net" link set lo up
at_trainer hub --host 127.0.0.1 --port 0 --json >"$folder/hub" 2>>"$log" &
wait_until 60 "the hub listens" grep -q listening "$folder/hub"
port=$(node -p "JSON.parse(require('fs').readFileSync('$folder/hub')).port")
token=$(at_trainer agents invite container 2>/dev/null)

step "docker run … at-agent enroll; docker run … at-agent serve --connect"
docker_run "$container" at-agent enroll --trainer "127.0.0.1:$port" >>"$log"
docker_run "$container" at-agent serve --connect >>"$log" 2>&1 &
served=$!
wait_until 60 "it is healthy" docker_run "$container" at-agent status
[ "$(docker_run "$container" id -u)" = 1000 ] || fail "it does not run as node"
wait_until 20 "it is connected" at_trainer agents describe container

step "at the trainer: at-trainer benchmark strassen --agent container --problem 512"
at_trainer benchmark strassen --agent container --problem 512 --json >"$folder/measured.json" 2>>"$log"
grep -q '"outcome": "MEASURED"' "$folder/measured.json" || fail "it was not measured: $(cat "$folder/measured.json")"

step "docker stop"
kill "$(docker_run "$container" at-agent status --json | node -p 'JSON.parse(require("fs").readFileSync(0))[0].pid')"
wait "$served" || fail "it did not end well"

step "docker build -f Dockerfile.cuda -t at-agent-cuda ."
docker_build at-agent-cuda Dockerfile.cuda
container=$(container_tool from --pull-never at-agent-cuda)
toolkit=()
if [ -n "${ALPHATENSOR_CUBLAS:-}" ]; then toolkit=(--volume "$ALPHATENSOR_CUBLAS:/usr/local/cuda:ro"); fi
container_tool run --isolation chroot "${toolkit[@]}" "$container" at-agent describe >"$folder/cuda"
grep '^c-gcc  *gcc' "$folder/cuda" >>"$log" || fail "gcc does not work in it: $(cat "$folder/cuda")"
if [ -n "${ALPHATENSOR_CUBLAS:-}" ]; then
  grep -E '^cuda  *there is no NVIDIA GPU' "$folder/cuda" >>"$log" || fail "the toolkit was not found: $(cat "$folder/cuda")"
fi
step "built, enrolled, healthy, measured; with CUDA built and started"

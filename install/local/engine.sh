# shellcheck shell=bash
# The container engine and the image registry of this machine.

engine_socket=/var/run/docker.sock

# engine PATH [CURL ARGS…]: one call of the Engine API.
engine() {
  local path=$1
  shift
  curl -sS --max-time "${engine_deadline:-20}" --unix-socket "$engine_socket" "$@" "http://engine$path"
}

engine_answers() {
  [ "$(engine_deadline=3 engine /_ping 2>/dev/null)" = OK ]
}

engine_version() {
  engine /version | sed -n 's/.*"Version":"\([^"]*\)","ApiVersion.*/\1/p'
}

start_engine() {
  if engine_answers; then
    outcome="already running"
    return 0
  fi
  [ "$(id -u)" -eq 0 ] ||
    fail "no container engine answers on $engine_socket, or you may not use it" \
      "start it (sudo systemctl start docker) and join its group (sudo usermod -aG docker $(id -un)), or run ./skep as root"
  if [ -d /run/systemd/system ]; then
    timeout 60 systemctl start docker >>"$state/dockerd.log" 2>&1 || true
    until_true 30 engine_answers || fail "systemd could not start docker" "see: journalctl -u docker"
    outcome="started by systemd"
    return 0
  fi
  DOCKER_SERVICE_PREFER_OFFLINE_IMAGE=1 PATH=$PATH:/usr/sbin:/sbin \
    spawn dockerd "$state/dockerd.log" dockerd
  until_up dockerd 60 "$state/dockerd.log" engine_answers
  outcome=started
}

registry_answers() {
  curl -sf --max-time 3 -o /dev/null "http://127.0.0.1:$registry_port/v2/"
}

write_registry_config() {
  # JSON strings are YAML strings, too, so a path with spaces or quotes stays one value.
  local directory=$state/registry
  directory=${directory//\\/\\\\}
  cat >"$state/run/registry.yml" <<YAML
version: 0.1
log: {level: warn}
storage:
  filesystem: {rootdirectory: "${directory//\"/\\\"}"}
  delete: {enabled: true}
http: {addr: "127.0.0.1:$registry_port"}
YAML
}

start_registry() {
  if is_running registry && registry_answers; then
    outcome="already running on 127.0.0.1:$registry_port"
    return 0
  fi
  mkdir -p -- "$state/registry"
  write_registry_config
  spawn registry "$state/log/registry.log" docker-registry serve "$state/run/registry.yml"
  until_up registry 20 "$state/log/registry.log" registry_answers
  outcome="on 127.0.0.1:$registry_port"
}

# ids KIND LABEL: the ids of Swarm objects with a label.
labelled_ids() {
  engine "/$1" -G --data-urlencode "filters={\"label\":[\"$2\"]}" 2>/dev/null |
    grep -o '"I[dD]":"[a-z0-9]\{12,64\}"' | sed 's/.*:"//; s/"//' | sort -u
}

# Networks and secrets cannot go before the last task that uses them, so each kind is tried for a while.
purge_kind() {
  local id ids i
  for ((i = 0; i < 60; i++)); do
    ids=$(labelled_ids "$1" dev.skep.org) || true
    [ -n "$ids" ] || return 0
    for id in $ids; do
      engine "/$1/$id" -X DELETE -o /dev/null || true
    done
    sleep 0.5
  done
}

# Removes what the agent made in the Swarm; the Swarm itself only when it began with us.
purge_engine() {
  local kind
  for kind in services networks secrets configs; do
    purge_kind "$kind"
  done
  if [ -e "$state/run/swarm-is-ours" ]; then
    engine "/swarm/leave?force=true" -X POST -o /dev/null || true
  fi
}

# Remembers, before the agent first runs, whether there was a Swarm already.
note_swarm() {
  [ -e "$state/run/swarm-is-ours" ] || [ -e "$state/run/swarm-was-there" ] && return 0
  if engine /info | grep -q '"LocalNodeState":"inactive"'; then
    : >"$state/run/swarm-is-ours"
  else
    : >"$state/run/swarm-was-there"
  fi
}

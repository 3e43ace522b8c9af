# shellcheck shell=bash
# The control plane and this machine as its first worker.

control_plane_log=$state/log/control-plane.log
agent_log=$state/log/agent.log

control_plane_is_ready() {
  curl -sf --max-time 3 -o /dev/null "http://127.0.0.1:$people_port/readyz"
}

# What the control plane serves to new workers; the agent's archive joins it later.
prepare_install_directory() {
  mkdir -p -- "$root/install/target" && cp -- "$root/install/worker.sh" "$root/install/target/"
}

start_control_plane() {
  if is_running control-plane && control_plane_is_ready; then
    outcome="already running on 127.0.0.1:$people_port"
    return 0
  fi
  stop_process control-plane 10
  need_java
  prepare_install_directory || return 1
  spawn control-plane "$control_plane_log" env "JAVA_HOME=$java_home" "SKEP_DATA_DIR=$state" \
    "SKEP_LISTEN=${SKEP_LISTEN:-0.0.0.0:$people_port}" \
    "SKEP_AGENT_LISTEN=${SKEP_AGENT_LISTEN:-0.0.0.0:$agents_port}" \
    "SKEP_INSTALL_DIR=${SKEP_INSTALL_DIR:-$root/install/target}" \
    "DOCKER_REGISTRY_URL=${DOCKER_REGISTRY_URL:-http://127.0.0.1:$registry_port}" \
    "$java_home/bin/java" "${common_java_flags[@]}" -XX:+UseSerialGC -XX:TieredStopAtLevel=4 -Xmx768m \
    -XX:+AutoCreateSharedArchive "-XX:SharedArchiveFile=$state/run/control-plane.jsa" -Xlog:cds=off -Xlog:cds+dynamic=off \
    -cp "$(class_path control-plane)" dev.skep.controlplane.ControlPlane
  until_up control-plane 90 "$control_plane_log" control_plane_is_ready
  [ -r "$state/admin.token" ] || fail "the control plane wrote no $state/admin.token" "its log: $control_plane_log"
  outcome="on 127.0.0.1:$people_port"
}

# A DNS label: what is not a letter or digit becomes a hyphen.
worker_name() {
  local name
  name=dev-worker-$(uname -n | cut -d. -f1 | tr '[:upper:]' '[:lower:]' | tr -c 'a-z0-9\n' '-')
  name=${name:0:63}
  while [ "${name%-}" != "$name" ]; do name=${name%-}; done
  printf '%s' "$name"
}

# All workers have this directory at the same path; a probe must not need anything of an image.
probe=${SKEP_PROBE_DIR:-/usr/lib/skep/probe}

prepare_probe() {
  mkdir -p -- "$probe" || fail "cannot write $probe" "run ./skep up as root"
  cmp -s -- "$(command -v busybox)" "$probe/busybox" ||
    install -m 755 -- "$(command -v busybox)" "$probe/busybox"
}

# A join token is only needed once. An identity without its worker, or the other way round, is what
# is left of a removed data directory: both go, and the machine joins anew.
prepare_identity() {
  local known=
  cli workers inspect "$(worker_name)" >/dev/null 2>"$state/log/worker-lookup.log" && known=yes
  if [ -n "$known" ] && [ -n "$(ls -A "$state/agent" 2>/dev/null)" ]; then
    return 0
  fi
  [ -z "$known" ] || cli workers rm "$(worker_name)" --force >/dev/null || return 1
  rm -rf -- "$state/agent"
  (umask 077 && mkdir -p -- "$state/agent") || return 1
  cli workers token --uses 1 --ttl 15m --save "$state/run/join-token" >/dev/null
}

start_agent() {
  if is_running agent; then
    cli workers wait "$(worker_name)" --timeout 60s >/dev/null || fail_agent
    outcome="already running as $(worker_name)"
    return 0
  fi
  need_java
  note_swarm
  prepare_probe && prepare_identity || return 1
  # DOCKER_SWARM_ADVERTISE_ADDR passes through; without it, the address of the default route is used.
  spawn agent "$agent_log" env "JAVA_HOME=$java_home" "SKEP_AGENT_DATA_DIR=$state/agent" \
    "SKEP_CONTROL_PLANE=127.0.0.1:$agents_port" "SKEP_JOIN_TOKEN_FILE=$state/run/join-token" \
    "SKEP_WORKER_NAME=$(worker_name)" "SKEP_WORKER_LABELS=${SKEP_WORKER_LABELS:-}" \
    "DOCKER_HOST=${DOCKER_HOST:-unix://$engine_socket}" \
    "SKEP_PROBE_DIR=$probe" \
    "$java_home/bin/java" "@$root/agent/src/main/dist/agent.jvmoptions" -cp "$(class_path agent)" dev.skep.agent.Agent
  cli workers wait "$(worker_name)" --timeout 60s >/dev/null || fail_agent
  rm -f -- "$state/run/join-token"
  outcome="online as $(worker_name)"
}

fail_agent() {
  last_lines "$agent_log"
  fail "the worker did not come online" "its log: $agent_log"
}

# The archive that ./skep workers token's line installs.
prepare_extras() {
  if JAVA_HOME=$java_home "$root/install/package-agent.sh" >"$state/log/package-agent.log" 2>&1 </dev/null 9>&-; then
    outcome="ready"
  else
    last_lines "$state/log/package-agent.log" 5
    outcome="the agent's archive could not be made; adding other machines will not work (see .skep/log/package-agent.log)"
  fi
}

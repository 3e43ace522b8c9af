# shellcheck shell=bash
# up, down and status.

up() {
  local begin=${EPOCHREALTIME/[.,]/}
  [ $# -eq 0 ] || fail "up takes no arguments"
  prepare_state
  lock_state
  need_java
  step_count=8
  step Requirements need_packages
  step Build build
  choose_ports
  step Engine start_engine
  step Registry start_registry
  step "Control plane" start_control_plane
  step "First image" publish_hello
  step "This machine" start_agent
  step "Service hello" deploy_hello
  report_up "$begin"
  step_count=9
  step "Further machines" prepare_extras
}

report_up() {
  printf '\nSkep is up after %s s.\n\n' "$(seconds_since "$1")"
  [ -z "$hello_url" ] || printf '  hello        %s\n' "$hello_url"
  printf '  API          http://127.0.0.1:%s\n' "$people_port"
  printf '  admin token  %s\n\n' "$state/admin.token"
  cat <<'TEXT'
Next:
  ./skep services ls
  ./skep logs hello -f
  ./skep services create web --image REGISTRY/NAME:TAG --port 80:host=8090
  ./skep workers token         the line that adds another machine
  ./skep down                  stops it all and keeps the data

TEXT
}

down() {
  local purge=
  case ${1:-} in
    '') ;;
    --purge) purge=yes ;;
    *) fail "down knows --purge only" ;;
  esac
  if [ ! -d "$state" ]; then
    printf 'Nothing is running here.\n'
    return 0
  fi
  prepare_state
  lock_state
  load_ports
  step_count=4
  [ -z "$purge" ] || step_count=6
  down_steps "$purge"
  [ -z "$purge" ] || printf 'Everything is gone.\n'
}

# The agent goes first, so that it does not repair what is being taken away.
down_steps() {
  step Agent stop_one agent 15
  [ -z "$1" ] || step "Swarm objects" purge_swarm
  step "Control plane" stop_control_plane
  step Registry stop_one registry 10
  step Engine stop_engine
  [ -z "$1" ] || step "Data" purge_data
}

stop_one() {
  stop_process "$1" "$2"
  outcome=${stopped:+stopped}
  outcome=${outcome:-"was not running"}
}

stop_control_plane() {
  stop_one control-plane 30
  stop_postgres
}

# The embedded database outlives a control plane that was killed.
stop_postgres() {
  local file pid
  for file in "$state"/postgres/postmaster.pid "$state"/postgres/*/postmaster.pid; do
    [ -r "$file" ] || continue
    read -r pid <"$file" || continue
    grep -qz postgres "/proc/$pid/cmdline" 2>/dev/null || continue
    kill -INT "$pid" 2>/dev/null || continue
    until_true 15 test ! -e "/proc/$pid" || kill -QUIT "$pid" 2>/dev/null || true
  done
}

stop_engine() {
  if is_running dockerd; then
    stop_one dockerd 30
    return 0
  fi
  outcome="was running before us and stays, with its containers"
  engine_answers || outcome="was not running"
}

# Our objects live in the engine, so it is started once more when it was ours and is down.
purge_swarm() {
  if ! engine_answers; then
    outcome="no engine answers; nothing removed"
    [ -e "$state/run/swarm-is-ours" ] || return 0
    [ "$(id -u)" -eq 0 ] || return 0
    start_engine
  fi
  purge_engine
  outcome=removed
}

purge_data() {
  case $state in
    / | "$root" | "${HOME:-/}") fail "refusing to delete $state" ;;
  esac
  [ -d "$state/run" ] || fail "$state does not look like our data"
  rm -rf --one-file-system -- "$state"
  # An installed agent has its probe in the same place.
  if [ "$probe" = /usr/lib/skep/probe ] && [ ! -e /usr/lib/skep/agent ]; then
    rm -rf -- /usr/lib/skep
  fi
  outcome=deleted
}

status() {
  local name pid
  load_ports
  for name in dockerd registry control-plane agent; do
    if pid=$(pid_of "$name"); then
      printf '%-14s running (process %s)\n' "$name" "$pid"
    elif [ "$name" = dockerd ] && engine_answers; then
      printf '%-14s running (not started by ./skep)\n' "$name"
    else
      printf '%-14s not running\n' "$name"
    fi
  done
  is_running control-plane || return 0
  printf '\nAPI http://127.0.0.1:%s, data in %s\n\n' "$people_port" "$state"
  need_java
  cli workers ls && printf '\n' && cli services ls
}

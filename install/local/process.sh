# shellcheck shell=bash
# Processes that outlive this shell: a file per process holds its id and when it started.

prepare_state() {
  (umask 077 && mkdir -p -- "$state" "$state/log" "$state/run")
}

# One of us at a time changes anything; readers need no lock.
lock_state() {
  exec 9>"$state/run/lock"
  flock -n 9 && return 0
  printf 'Another ./skep is at work here; waiting for it.\n' >&2
  flock -w 900 9 || fail "the other ./skep did not end within 15 minutes"
}

# When a process started, in clock ticks since boot: tells it from a later one with the same id.
# The name in the middle may hold anything, so it is cut off first.
start_time() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  stat=${stat##*) }
  # shellcheck disable=SC2086
  set -- $stat
  printf '%s' "${20}"
}

# Prints the id of a process of ours that is alive.
pid_of() {
  local pid started
  read -r pid started 2>/dev/null <"$state/run/$1.pid" || return 1
  [ "$(start_time "$pid")" = "$started" ] || return 1
  printf '%s' "$pid"
}

is_running() {
  pid_of "$1" >/dev/null
}

# spawn NAME LOG COMMAND…
spawn() {
  local name=$1 log=$2 pid
  shift 2
  printf '\n--- %s: started %s\n' "$(date -u +%FT%TZ)" "$name" >>"$log"
  setsid nohup "$@" >>"$log" 2>&1 </dev/null 9>&- &
  pid=$!
  disown "$pid" 2>/dev/null || true
  printf '%s %s\n' "$pid" "$(start_time "$pid")" >"$state/run/$name.pid"
}

# stop_process NAME SECONDS: asks, waits, insists. Sets $stopped when there was something to stop.
stop_process() {
  local pid i
  stopped=
  pid=$(pid_of "$1") || return 0
  kill -TERM "$pid" 2>/dev/null || true
  for ((i = 0; i < $2 * 10; i++)); do
    is_running "$1" || break
    sleep 0.1
  done
  is_running "$1" && kill -KILL "$pid" 2>/dev/null
  rm -f -- "$state/run/$1.pid"
  stopped=yes
}

# until_true SECONDS COMMAND…: tries ten times a second.
until_true() {
  local i limit=$(($1 * 10))
  shift
  for ((i = 0; i < limit; i++)); do
    "$@" && return 0
    sleep 0.1
  done
  return 1
}

# until_up NAME SECONDS LOG COMMAND…: as until_true, but ends at once when the process is gone.
until_up() {
  local name=$1 limit=$(($2 * 10)) log=$3 i
  shift 3
  for ((i = 0; i < limit; i++)); do
    "$@" && return 0
    is_running "$name" || break
    sleep 0.1
  done
  last_lines "$log"
  if is_running "$name"; then
    fail "$name was not ready within $((limit / 10)) s" "its log: $log"
  fi
  fail "$name ended while it started" "its log: $log"
}

is_port_taken() {
  [ -n "$(PATH=$PATH:/usr/sbin:/sbin ss -Hltn "sport = :$1")" ]
}

# The first free port from $1 on.
free_port() {
  local port
  for ((port = $1; port < $1 + 200; port++)); do
    is_port_taken "$port" || {
      printf '%s' "$port"
      return 0
    }
  done
  return 1
}

# Ports that were chosen once stay, so that URLs and agents keep working.
load_ports() {
  people_port=7080 agents_port=7443 registry_port=5000
  # shellcheck source=/dev/null
  [ ! -r "$state/ports" ] || . "$state/ports"
}

choose_ports() {
  load_ports
  is_running control-plane || people_port=$(free_port "$people_port")
  is_running control-plane || agents_port=$(free_port "$agents_port")
  is_running registry || registry_port=$(free_port "$registry_port")
  printf 'people_port=%s\nagents_port=%s\nregistry_port=%s\n' \
    "$people_port" "$agents_port" "$registry_port" >"$state/ports"
}

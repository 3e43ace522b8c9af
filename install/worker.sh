#!/bin/sh
# Makes this machine a worker of a Skep control plane. Run as root; running it again repairs or updates.
# The control plane serves this file with the next four values filled in.
SKEP_URL=@SKEP_URL@
SKEP_AGENT_ENDPOINT=@SKEP_AGENT_ENDPOINT@
SKEP_CA_PIN=@SKEP_CA_PIN@
SKEP_TLS_PIN=@SKEP_TLS_PIN@

set -eu
umask 022

usage() {
  cat <<'TEXT'
Usage: worker.sh [OPTIONS]

  --token-file FILE         file that holds the join token (skep workers token)
  --token-stdin             read the join token from standard input
  --control-plane HOST:PORT agents' port of the control plane
  --url URL                 where to download from, for example https://skep.example.com:7080
  --name NAME               name of this worker (default: its host name)
  --labels K=V,K=V          labels that services can ask for
  --roles ROLE,ROLE         roles that you expect; they are granted by the token
  --advertise-addr ADDRESS  address that other workers use to reach this one
  --dry-run                 check everything, change nothing
  --uninstall               remove the agent and all its files
  --no-start                install, but do not start the agent

The token never goes into an argument or the environment: others could read it there.
SKEP_PREFIX=DIR installs below DIR and leaves the system alone; for tests and image builds.
TEXT
}

prefix=${SKEP_PREFIX:-}
lib=$prefix/usr/lib/skep
etc=$prefix/etc/skep
data=$prefix/var/lib/skep-agent
unit=$prefix/etc/systemd/system/skep-agent.service
pid_file=$prefix/run/skep-agent.pid
agent_log=$prefix/var/log/skep-agent.log
log=$prefix/var/log/skep-install-$(date +%Y-%m-%d).log
socket=/var/run/docker.sock

token_file='' token_stdin='' name='' labels='' roles='' advertise='' dry_run='' uninstall='' start=yes
work='' problems='' step_number=0 step_count=6

# ---- messages

say() {
  printf '%s\n' "$*"
  [ -n "$dry_run" ] || [ ! -w "$log" ] || printf '%s %s\n' "$(date -u +%H:%M:%S)" "$*" >>"$log"
}

die() {
  say "error: $*" >&2
  [ ! -s "$log" ] || printf 'details: %s\n' "$log" >&2
  exit 1
}

step() {
  step_number=$((step_number + 1))
  say "$step_number/$step_count $*"
}

problem() {
  problems="$problems
  - $*"
}

warn() { say "    note: $*"; }

# Runs a command with its output in the log alone.
quietly() { "$@" >>"$log" 2>&1 </dev/null; }

has() { command -v "$1" >/dev/null 2>&1; }

# A value that the server did not fill in still has its marks.
filled() { case $1 in '' | @*) return 1 ;; esac; }

# ---- arguments

parse() {
  filled "$SKEP_URL" || SKEP_URL=''
  filled "$SKEP_AGENT_ENDPOINT" || SKEP_AGENT_ENDPOINT=''
  filled "$SKEP_CA_PIN" || SKEP_CA_PIN=''
  filled "$SKEP_TLS_PIN" || SKEP_TLS_PIN=''
  while [ $# -gt 0 ]; do
    case $1 in
      --token-stdin) token_stdin=yes ;;
      --dry-run) dry_run=yes ;;
      --uninstall) uninstall=yes ;;
      --no-start) start='' ;;
      -h | --help) usage && exit 0 ;;
      --token-file | --control-plane | --url | --name | --labels | --roles | --advertise-addr)
        [ $# -ge 2 ] || { usage >&2 && exit 2; }
        set_option "$1" "$2"
        shift
        ;;
      *) printf 'error: %s is not an option\n' "$1" >&2 && usage >&2 && exit 2 ;;
    esac
    shift
  done
}

set_option() {
  case $1 in
    --token-file) token_file=$2 ;;
    --control-plane) SKEP_AGENT_ENDPOINT=$2 ;;
    --url) SKEP_URL=${2%/} ;;
    --name) name=$2 ;;
    --labels) labels=$2 ;;
    --roles) roles=$2 ;;
    --advertise-addr) advertise=$2 ;;
  esac
}

matches() { printf '%s\n' "$1" | LC_ALL=C grep -Eq "^($2)\$"; }

# Everything that later stands in a file of settings is checked here, so nothing needs quoting there.
check_values() {
  [ -n "$name" ] || name=$(uname -n | cut -d. -f1 | tr '[:upper:]' '[:lower:]')
  matches "$name" '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?' ||
    problem "the name '$name' is not a DNS label: give another with --name"
  matches "$SKEP_AGENT_ENDPOINT" '([A-Za-z0-9._-]+|\[[0-9a-fA-F:]+\]):[0-9]+(,([A-Za-z0-9._-]+|\[[0-9a-fA-F:]+\]):[0-9]+)*' ||
    problem "the agents' port is not known: give it with --control-plane HOST:PORT"
  matches "$SKEP_URL" 'https?://[^[:space:]"'\'']+' || problem "the download address is not known: give it with --url"
  matches "$labels" '|[A-Za-z0-9._/-]+=[A-Za-z0-9._/:-]*(,[A-Za-z0-9._/-]+=[A-Za-z0-9._/:-]*)*' ||
    problem "the labels '$labels' are not K=V,K=V"
  matches "$roles" '|(manager|run|build|ingress)(,(manager|run|build|ingress))*' ||
    problem "the roles '$roles' are not among manager, run, build, ingress"
  matches "$advertise" '|[A-Za-z0-9.:_-]+' || problem "the address '$advertise' is not an address"
  [ -z "$roles" ] || warn "roles come with the token: it was made with skep workers token --roles …"
}

# ---- the join token

# Sets $token; it stays in this shell and goes to one private file.
read_token() {
  token=
  if [ -n "$token_file" ]; then
    [ -r "$token_file" ] || die "cannot read $token_file"
    IFS= read -r token <"$token_file" || true
  elif [ -n "$token_stdin" ]; then
    IFS= read -r token || true
  elif [ -e "$etc/join-token" ] || [ -n "$(ls -A "$data" 2>/dev/null)" ]; then
    return 0
  elif [ -z "$dry_run" ] && (: </dev/tty) 2>/dev/null; then
    printf 'Paste the join token (it is not shown): ' >/dev/tty
    stty -echo </dev/tty
    IFS= read -r token </dev/tty || true
    stty echo </dev/tty
    echo >/dev/tty
  fi
  [ -n "$token" ] || { [ -n "$dry_run" ] && warn "no token given; installing will need one" && return 0; }
  matches "$token" 'skj1\.[^.[:space:]]+\.[^.[:space:]]+\.[0-9a-f]{64}' ||
    die "this is not a join token (skj1.…); make one with: skep workers token"
  [ -z "$SKEP_CA_PIN" ] || [ "${token##*.}" = "$SKEP_CA_PIN" ] ||
    die "this token belongs to another control plane than this script"
}

# ---- downloads

# fetch PATH [CURL OPTIONS]: from the control plane; its key is pinned when the script knows it.
fetch() {
  path=$1
  shift
  if [ -n "$SKEP_TLS_PIN" ]; then
    set -- "$@" --insecure --pinnedpubkey "sha256//$SKEP_TLS_PIN"
  fi
  curl -fsS --connect-timeout 10 --max-time 300 --retry 2 "$@" "$SKEP_URL$path"
}

# ---- preflight

check_machine() {
  [ "$(uname -s)" = Linux ] || problem "workers run Linux, not $(uname -s)"
  case $(uname -m) in
    x86_64) arch=amd64 ;;
    aarch64) arch=arm64 ;;
    *) arch=unknown && problem "there is no agent for $(uname -m)" ;;
  esac
  for tool in curl tar sha256sum sed grep; do
    has "$tool" || problem "$tool is missing: install it"
  done
  [ -n "$prefix" ] || [ "$(id -u)" -eq 0 ] || problem "run this as root"
  memory=$(awk '/^MemTotal/{print int($2/1024)}' /proc/meminfo)
  [ "$memory" -ge 450 ] || problem "$memory MB of memory are too few: 512 MB are needed"
  check_disk
  ! { tr '\0' '\n' </proc/1/environ; } 2>/dev/null | grep -q '^container=lxc' ||
    warn "this is an LXC container; overlay networks often do not work in one"
}

check_disk() {
  for place in "${prefix:-/}" /var/lib; do
    [ -d "$place" ] || continue
    free=$(df -Pm "$place" | awk 'NR==2{print $4}')
    [ "$free" -ge 2000 ] || problem "$free MB free below $place are too few: 2000 MB are needed"
    [ "$free" -ge 10000 ] || warn "only $free MB free below $place; images will fill it"
  done
}

# One Date header tells that the control plane answers and how far the clocks are apart.
check_control_plane() {
  has curl && filled "$SKEP_URL" || return 0
  header=$(fetch /healthz -D - -o /dev/null --max-time 15 2>&1) || {
    problem "the control plane does not answer at $SKEP_URL: $(printf '%s' "$header" | tail -n 1)"
    return 0
  }
  there=$(printf '%s\n' "$header" | tr -d '\r' | sed -n 's/^[Dd]ate: //p' | head -n 1)
  there=$(date -d "$there" +%s 2>/dev/null) || return 0
  skew=$(($(date +%s) - there))
  [ "$skew" -ge 0 ] || skew=$((-skew))
  [ "$skew" -le 300 ] || problem "the clock is $skew s off the control plane's: certificates would be refused; set it (chrony, ntp)"
  [ "$skew" -le 10 ] || [ "$skew" -gt 300 ] || warn "the clock is $skew s off the control plane's"
}

engine_call() { curl -sS --max-time 10 --unix-socket "$socket" "http://engine$1" 2>/dev/null; }

engine_answers() { has curl && [ "$(engine_call /_ping)" = OK ]; }

# What one field of a flat part of a JSON answer holds.
json_field() { sed -n 's/.*"'"$1"'":"\{0,1\}\([^",}]*\).*/\1/p' | head -n 1; }

check_engine() {
  swarm=inactive
  if ! engine_answers; then
    engine=none
    ! has dockerd || engine="installed, does not answer"
    say "    container engine: $engine"
    return 0
  fi
  api=$(engine_call /version | json_field ApiVersion)
  info=$(engine_call /info)
  say "    container engine: $(printf '%s' "$info" | json_field ServerVersion), API $api"
  matches "$api" '1\.(4[1-9]|[5-9][0-9])' || problem "the container engine is too old (API $api): 20.10 (API 1.41) is needed"
  [ "$(printf '%s' "$info" | json_field LiveRestoreEnabled)" != true ] ||
    problem "live-restore is on, which does not go with Swarm: set it to false in /etc/docker/daemon.json and restart docker"
  swarm=$(printf '%s' "$info" | json_field LocalNodeState)
  [ "$swarm" = inactive ] || [ -n "$(ls -A "$data" 2>/dev/null)" ] ||
    problem "this machine is part of a Swarm already ($swarm): leave it first with docker swarm leave"
}

# Ports that Swarm needs; when it runs already, it is Swarm itself that holds them.
check_ports() {
  [ "$swarm" = inactive ] || return 0
  has ss || return 0
  for port in 2377 7946; do
    [ -z "$(ss -Hltn "sport = :$port")" ] || problem "TCP port $port is taken: Swarm needs it"
  done
  for port in 7946 4789; do
    [ -z "$(ss -Hlun "sport = :$port")" ] || problem "UDP port $port is taken: Swarm needs it"
  done
}

preflight() {
  step "Checking this machine"
  say "    system: $(sed -n 's/^PRETTY_NAME="\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' /etc/os-release 2>/dev/null), kernel $(uname -r), $(uname -m)"
  check_values
  check_machine
  check_control_plane
  if [ -z "$prefix" ]; then
    check_engine
    check_ports
  fi
  [ -z "$problems" ] || die "this machine is not ready:$problems"
}

# ---- changes

install_engine() {
  step "Container engine"
  if engine_answers || [ -n "$prefix" ]; then
    return 0
  fi
  has dockerd || install_docker_package
  if [ -d /run/systemd/system ]; then
    quietly systemctl enable --now docker || die "docker could not be started"
  else
    quietly service docker start || { setsid nohup dockerd >>/var/log/dockerd.log 2>&1 </dev/null & }
  fi
  i=0
  until engine_answers; do
    i=$((i + 1))
    [ "$i" -lt 60 ] || die "the container engine does not answer on $socket"
    sleep 0.5
  done
}

install_docker_package() {
  say "    installing docker from the distribution"
  if has apt-get; then
    export DEBIAN_FRONTEND=noninteractive
    quietly apt-get update -q || warn "apt-get update did not succeed"
    quietly apt-get install -y -q --no-install-recommends docker.io iptables || die "apt-get could not install docker.io"
  elif has dnf; then
    quietly dnf install -y docker || quietly dnf install -y moby-engine || die "dnf could not install docker"
  elif has zypper; then
    quietly zypper --non-interactive install docker || die "zypper could not install docker"
  elif has apk; then
    quietly apk add docker || die "apk could not install docker"
  else
    die "no known package manager: install Docker 20.10 or newer, then run this again"
  fi
}

download_agent() {
  step "Downloading the agent"
  archive=skep-agent-linux-$arch.tar.gz
  fetch /install/SHA256SUMS -o "$work/SHA256SUMS" || die "cannot download $SKEP_URL/install/SHA256SUMS"
  grep " [ *]\{0,1\}$archive\$" "$work/SHA256SUMS" >"$work/sum" || die "the control plane has no agent for $arch"
  if [ "$(cat "$work/sum")" = "$(cat "$lib/agent/SHA256" 2>/dev/null)" ]; then
    say "    this version is installed already"
    return 0
  fi
  fetch "/install/$archive" -o "$work/$archive" || die "cannot download $SKEP_URL/install/$archive"
  (cd "$work" && sha256sum -c sum) >>"$log" 2>&1 || die "the download is damaged: its checksum differs"
  tar -xzf "$work/$archive" -C "$work" || die "the archive cannot be unpacked"
  cp "$work/sum" "$work/skep-agent/SHA256"
}

# The new version takes the place of the old one by renaming: there is no half of it.
install_files() {
  step "Installing files"
  mkdir -p "$lib" "$etc" "$prefix/etc/systemd/system" "$prefix/run"
  (umask 077 && mkdir -p "$data") && chmod 700 "$etc" "$data"
  if [ -d "$work/skep-agent" ]; then
    rm -rf "$lib/agent.new" "$lib/agent.old"
    cp -R "$work/skep-agent" "$lib/agent.new"
    [ ! -d "$lib/agent" ] || mv "$lib/agent" "$lib/agent.old"
    mv "$lib/agent.new" "$lib/agent" && rm -rf "$lib/agent.old"
  fi
  mkdir -p "$lib/probe" && cp "$lib/agent/probe/busybox" "$lib/probe/busybox.new" &&
    chmod 755 "$lib/probe/busybox.new" && mv "$lib/probe/busybox.new" "$lib/probe/busybox"
  [ "$(id -u)" -ne 0 ] || chown -R 0:0 "$lib" "$etc"
}

write_settings() {
  step "Writing settings"
  (
    umask 077
    {
      printf 'SKEP_AGENT_DATA_DIR="%s"\n' "$data"
      printf 'SKEP_CONTROL_PLANE="%s"\n' "$SKEP_AGENT_ENDPOINT"
      printf 'SKEP_JOIN_TOKEN_FILE="%s"\n' "$etc/join-token"
      printf 'SKEP_WORKER_NAME="%s"\n' "$name"
      printf 'SKEP_WORKER_LABELS="%s"\n' "$labels"
      printf 'SKEP_PROBE_DIR="%s"\n' "$lib/probe"
      printf 'DOCKER_HOST="unix://%s"\n' "$socket"
      [ -z "$advertise" ] || printf 'DOCKER_SWARM_ADVERTISE_ADDR="%s"\n' "$advertise"
    } >"$etc/agent.env.new"
    [ -z "$token" ] || printf '%s\n' "$token" >"$etc/join-token.new"
  )
  mv "$etc/agent.env.new" "$etc/agent.env"
  [ -z "$token" ] || mv "$etc/join-token.new" "$etc/join-token"
}

uses_systemd() { [ -z "$prefix" ] && [ -d /run/systemd/system ]; }

supervisor_pid() {
  pid=$(cat "$pid_file" 2>/dev/null) && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q skep-agent-supervise &&
    printf '%s' "$pid"
}

start_agent() {
  step "Starting the agent"
  if uses_systemd; then
    cp "$lib/agent/skep-agent.service" "$unit"
    quietly systemctl daemon-reload && quietly systemctl enable skep-agent
  fi
  if [ -z "$start" ]; then
    say "    left stopped, as you asked"
    return 0
  fi
  if uses_systemd; then
    quietly systemctl restart skep-agent || die "the agent does not start: journalctl -u skep-agent"
  else
    stop_agent
    mkdir -p "$prefix/var/log"
    setsid nohup "$lib/agent/bin/skep-agent-supervise" "$etc/agent.env" "$pid_file" "$agent_log" >/dev/null 2>&1 </dev/null &
  fi
  sleep 3
  if uses_systemd; then
    systemctl -q is-active skep-agent || die "the agent ended: journalctl -u skep-agent"
  else
    supervisor_pid >/dev/null || die "the agent's supervisor ended: $agent_log"
    ! tail -n 1 "$agent_log" 2>/dev/null | grep -q 'the agent ended with' || die "the agent ended: see $agent_log"
  fi
}

stop_agent() {
  if uses_systemd; then
    quietly systemctl disable --now skep-agent || true
    return 0
  fi
  pid=$(supervisor_pid) || return 0
  kill -TERM "$pid" 2>/dev/null || true
  i=0
  while [ -d "/proc/$pid" ] && [ "$i" -lt 40 ]; do
    i=$((i + 1))
    sleep 0.5
  done
  [ ! -d "/proc/$pid" ] || kill -KILL "$pid" 2>/dev/null || true
}

# ---- the two ways through

open_log() {
  [ -z "$dry_run" ] || return 0
  mkdir -p "$prefix/var/log" || die "cannot make $prefix/var/log"
  (umask 077 && : >>"$log") || die "cannot write $log"
}

clean_up() { [ -z "$work" ] || rm -rf "$work"; }

install_worker() {
  read_token
  preflight
  if [ -n "$dry_run" ]; then
    say "Would install the agent in $lib, its settings in $etc and its data in $data, as worker '$name' of $SKEP_AGENT_ENDPOINT."
    say "Nothing was changed."
    return 0
  fi
  work=$(mktemp -d)
  trap clean_up EXIT
  trap 'exit 1' INT TERM HUP
  install_engine
  download_agent
  install_files
  write_settings
  start_agent
  say "This machine joins as worker '$name'. See it with: skep workers ls"
  say "Log of this installation: $log"
}

remove_worker() {
  if [ -n "$dry_run" ]; then
    say "Would stop the agent and remove $lib, $etc, $data and $unit. Nothing was changed."
    return 0
  fi
  [ -n "$prefix" ] || [ "$(id -u)" -eq 0 ] || die "run this as root"
  stop_agent
  rm -rf "$lib" "$etc" "$data"
  rm -f "$unit" "$pid_file" "$agent_log" "$agent_log.1"
  ! uses_systemd || quietly systemctl daemon-reload
  say "The agent and its files are removed. What stays:"
  say "  - the container engine with its containers, images and volumes"
  say "  - its place in the Swarm; end it with: docker swarm leave --force"
  say "  - the worker in the control plane; remove it with: skep workers rm NAME"
  say "  - the logs $prefix/var/log/skep-install-*.log"
}

main() {
  parse "$@"
  open_log
  if [ -n "$uninstall" ]; then
    remove_worker
  else
    install_worker
  fi
}

# The last line: a download that broke off runs nothing.
main "$@"

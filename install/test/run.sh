#!/bin/sh
# Tests of worker.sh: installs a stand-in for the agent below a scratch directory, from a local web server.
set -eu
here=$(cd -- "$(dirname -- "$0")" && pwd)
scratch="$(mktemp -d)/with a space"
mkdir -p "$scratch/site/install" "$scratch/stage/skep-agent/bin" "$scratch/stage/skep-agent/probe"
server='' checks=0
script=$scratch/site/install/worker.sh
root=$scratch/root
pin=$(printf '%064d' 7)

finish() {
  code=$?
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  [ ! -x "$script" ] || SKEP_PREFIX="$root" sh "$script" --uninstall >/dev/null 2>&1 || true
  rm -rf -- "$(dirname -- "$scratch")"
  exit "$code"
}
trap finish EXIT
trap 'exit 1' INT TERM

check() {
  checks=$((checks + 1))
  what=$1
  shift
  "$@" || { echo "FAILED: $what" >&2 && cat -- "$scratch/out" >&2 && exit 1; }
  echo "ok $checks $what"
}

mode_of() { stat -c %a -- "$1"; }

says() { grep -q -- "$1" "$scratch/out"; }

# run ARGS…: one run of the installer below the scratch root; its exit code in $code.
run() {
  code=0
  SKEP_PREFIX="$root" sh "$script" "$@" >"$scratch/out" 2>&1 || code=$?
}

run_with_token() {
  code=0
  printf '%s\n' "$1" >"$scratch/token"
  shift
  SKEP_PREFIX="$root" sh "$script" --token-stdin "$@" <"$scratch/token" >"$scratch/out" 2>&1 || code=$?
}

make_site() {
  cp -- "$here/../agent/skep-agent-supervise" "$scratch/stage/skep-agent/bin/"
  # shellcheck disable=SC2016
  printf '#!/bin/sh\nenv >"$SKEP_AGENT_DATA_DIR/seen"\nexec sleep 600\n' >"$scratch/stage/skep-agent/bin/skep-agent"
  chmod 755 "$scratch"/stage/skep-agent/bin/*
  cp -- "$(command -v busybox)" "$scratch/stage/skep-agent/probe/busybox"
  arch=amd64
  [ "$(uname -m)" = x86_64 ] || arch=arm64
  archive=$scratch/site/install/skep-agent-linux-$arch.tar.gz
  tar -C "$scratch/stage" -czf "$archive" skep-agent
  (cd -- "$scratch/site/install" && sha256sum ./*.tar.gz | sed 's, \./, ,' >SHA256SUMS)
  echo ok >"$scratch/site/healthz"
}

start_server() {
  port=17180
  while ss -Hltn "sport = :$port" | grep -q .; do port=$((port + 1)); done
  busybox httpd -f -p "127.0.0.1:$port" -h "$scratch/site" &
  server=$!
  i=0
  until curl -sf -o /dev/null "http://127.0.0.1:$port/healthz"; do
    i=$((i + 1))
    [ "$i" -lt 50 ] || { echo "the web server does not answer" >&2 && exit 1; }
    sleep 0.1
  done
}

# As the control plane does it.
serve_script() {
  sed "s,@SKEP_URL@,http://127.0.0.1:$port,; s,@SKEP_AGENT_ENDPOINT@,cp.example.com:7443,; s,@SKEP_CA_PIN@,$pin,; s,@SKEP_TLS_PIN@,," \
    "$here/../worker.sh" >"$script"
  chmod 755 "$script"
}

await() {
  i=0
  until "$@"; do
    i=$((i + 1))
    [ "$i" -lt 50 ] || return 1
    sleep 0.1
  done
}

make_site
start_server
serve_script
token=skj1.id.secret.$pin

run --dry-run --name w1
check "a dry run succeeds without a token" [ "$code" -eq 0 ]
check "a dry run changes nothing" [ ! -e "$root" ]

run_with_token "nonsense" --name w1
check "something else than a token is refused" [ "$code" -eq 1 ]
run_with_token "skj1.id.secret.$(printf '%064d' 8)" --name w1
check "a token of another control plane is refused" says 'another control plane'
run_with_token "$token" --name 'Bad Name' --labels 'x y'
check "bad values are refused" [ "$code" -eq 1 ]
check "all bad values are named at once" says "labels 'x y'"
run --no-such-option
check "an unknown option is a usage error" [ "$code" -eq 2 ]

run_with_token "$token" --name w1 --labels zone=a,disk=ssd --advertise-addr 10.0.0.5
check "an installation succeeds" [ "$code" -eq 0 ]
check "the agent runs" await [ -s "$root/var/lib/skep-agent/seen" ]
check "the agent knows its name" grep -qx 'SKEP_WORKER_NAME=w1' "$root/var/lib/skep-agent/seen"
check "the agent knows its labels" grep -qx 'SKEP_WORKER_LABELS=zone=a,disk=ssd' "$root/var/lib/skep-agent/seen"
check "the agent knows the control plane" grep -qx 'SKEP_CONTROL_PLANE=cp.example.com:7443' "$root/var/lib/skep-agent/seen"
check "the token is not in the agent's environment" sh -c "! grep -q secret '$root/var/lib/skep-agent/seen'"
check "the token is private" [ "$(mode_of "$root/etc/skep/join-token")" = 600 ]
check "the settings are private" [ "$(mode_of "$root/etc/skep/agent.env")" = 600 ]
check "the data is private" [ "$(mode_of "$root/var/lib/skep-agent")" = 700 ]
check "the token is not in the log" sh -c "! grep -rq secret '$root/var/log'"
check "the probe is there" [ -x "$root/usr/lib/skep/probe/busybox" ]

first=$(cat -- "$root/run/skep-agent.pid")
kill "$(pgrep -P "$first" sleep || pgrep -P "$first")"
rm -f -- "$root/var/lib/skep-agent/seen"
check "an agent that ended is started again" await [ -s "$root/var/lib/skep-agent/seen" ]

run --name w1
check "a second run succeeds without a token" [ "$code" -eq 0 ]
check "a second run downloads nothing again" says 'installed already'
check "a second run restarts the agent" [ "$(cat -- "$root/run/skep-agent.pid")" != "$first" ]

printf 'x' >>"$archive"
rm -rf -- "$root/usr/lib/skep/agent/SHA256"
run --name w1
check "a damaged download is refused" says 'checksum differs'
check "a refused download leaves the old agent" [ -x "$root/usr/lib/skep/agent/bin/skep-agent" ]

supervisor=$(cat -- "$root/run/skep-agent.pid")
run --uninstall
check "an uninstallation succeeds" [ "$code" -eq 0 ]
check "it stops the agent" [ ! -d "/proc/$supervisor" ]
check "it leaves nothing but logs" [ "$(find "$root" -type f ! -path '*/var/log/skep-install-*' | wc -l)" -eq 0 ]
echo "all $checks checks passed"

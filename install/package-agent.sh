#!/bin/sh
# Packs the agent with its own small Java runtime: install/target/skep-agent-linux-<arch>.tar.gz and SHA256SUMS.
# Needs a built agent module and a JDK 25 in JAVA_HOME. Does nothing when the archive is newer than its parts.
set -eu

root=$(cd -- "$(dirname -- "$0")/.." && pwd)
target=$root/install/target
modules=java.base,java.logging,java.management,java.naming,java.sql,jdk.net,jdk.unsupported
java_home=${JAVA_HOME:?set JAVA_HOME to a JDK 25}

fail() {
  echo "error: $*" >&2
  exit 1
}

architecture() {
  case $(uname -m) in
    x86_64) echo amd64 ;;
    aarch64) echo arm64 ;;
    *) fail "no packages for $(uname -m)" ;;
  esac
}

arch=$(architecture)
archive=$target/skep-agent-linux-$arch.tar.gz

is_fresh() {
  [ -f "$archive" ] && [ -f "$target/SHA256SUMS" ] &&
    [ -z "$(find "$root/agent/target/lib" "$root"/agent/target/*.jar "$root/agent/src/main/dist" \
      "$root/install/agent" "$0" -newer "$archive" -print | head -n 1)" ]
}

copy_jars() {
  mkdir -p -- "$stage/lib"
  for jar in "$root"/agent/target/skep-agent-*.jar "$root"/agent/target/lib/*.jar; do
    case $jar in *-sources.jar | *-tests.jar) continue ;; esac
    cp -- "$jar" "$stage/lib/"
  done
}

copy_scripts() {
  mkdir -p -- "$stage/bin" "$stage/conf" "$stage/probe"
  cp -- "$root/agent/src/main/dist/skep-agent" "$root/install/agent/skep-agent-supervise" "$stage/bin/"
  cp -- "$root/agent/src/main/dist/agent.jvmoptions" "$stage/conf/"
  cp -- "$root/install/agent/skep-agent.service" "$stage/"
  chmod 755 "$stage/bin/skep-agent" "$stage/bin/skep-agent-supervise"
}

# Probes run inside other people's images, so the one tool they get must need nothing of them.
copy_probe() {
  busybox=$(command -v busybox) || fail "busybox is missing: apt-get install busybox-static"
  # The name of the dynamic loader stands right behind the ELF headers when there is one.
  if head -c 4096 "$busybox" | LC_ALL=C grep -aq 'ld-linux\|ld-musl'; then
    fail "$busybox is not static: apt-get install busybox-static"
  fi
  install -m 755 -- "$busybox" "$stage/probe/busybox"
}

make_runtime() {
  "$java_home/bin/jlink" --add-modules "$modules" --strip-debug --no-header-files --no-man-pages \
    --compress zip-6 --vm server --output "$stage/runtime"
  # The runtime's own class archive, for the layout of objects that agent.jvmoptions chooses.
  "$stage/runtime/bin/java" -XX:+UseSerialGC -XX:+UseCompactObjectHeaders -Xshare:dump >/dev/null 2>&1 || true
}

# A short life of the agent without an engine and without a control plane loads most of its classes.
# The cache of them shortens every later start; without it the agent works all the same.
train() {
  life=$work/training
  mkdir -m 700 -- "$life"
  (umask 077 && printf 'skj1.training.training.%064d\n' 0 >"$life/token")
  env "SKEP_AGENT_DATA_DIR=$life/data" SKEP_CONTROL_PLANE=127.0.0.1:1 "SKEP_JOIN_TOKEN_FILE=$life/token" \
    SKEP_WORKER_NAME=training "DOCKER_HOST=unix://$life/docker.sock" DOCKER_SWARM_ADVERTISE_ADDR=127.0.0.1 \
    "JAVA_TOOL_OPTIONS=-XX:AOTCacheOutput=$stage/lib/agent.aot" \
    timeout -s TERM 6 "$stage/bin/skep-agent" >"$life/log" 2>&1 || true
  [ -s "$stage/lib/agent.aot" ] || {
    rm -f -- "$stage/lib/agent.aot"
    echo "warning: no cache of classes, the agent will start more slowly" >&2
  }
}

pack() {
  rm -f -- "$archive.part"
  tar --sort=name --owner=0 --group=0 --numeric-owner -C "$work" -czf "$archive.part" skep-agent
  mv -f -- "$archive.part" "$archive"
  (cd -- "$target" && sha256sum skep-agent-linux-*.tar.gz >SHA256SUMS.part && mv -f SHA256SUMS.part SHA256SUMS)
}

mkdir -p -- "$target"
cp -- "$root/install/worker.sh" "$target/worker.sh"
if is_fresh; then
  echo "$archive is up to date"
  exit 0
fi
ls "$root"/agent/target/skep-agent-*.jar >/dev/null 2>&1 || fail "the agent is not built: ./mvnw -DskipTests package"
[ -f "$root/agent/src/main/dist/skep-agent" ] || fail "agent/src/main/dist/skep-agent is missing"
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
trap 'exit 1' INT TERM
stage=$work/skep-agent
copy_jars
copy_scripts
copy_probe
make_runtime
train
pack
ls -l "$archive"

# shellcheck shell=bash
# Finds a JDK and runs our Java programs with it.

java_wanted=25

is_wanted_jdk() {
  local version
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  [ "${version:-0}" -ge "$java_wanted" ]
}

# Prints the home of a JDK that will do.
find_jdk() {
  local candidate on_path
  on_path=$(command -v javac || true)
  [ -z "$on_path" ] || on_path=$(dirname -- "$(dirname -- "$(readlink -f -- "$on_path")")")
  for candidate in "${JAVA_HOME:-}" /usr/lib/jvm/* "${SDKMAN_DIR:-${HOME:-}/.sdkman}"/candidates/java/* "$on_path"; do
    if [ -n "$candidate" ] && is_wanted_jdk "$candidate"; then
      printf '%s\n' "$candidate"
      return 0
    fi
  done
  return 1
}

explain_missing_jdk() {
  local package found=()
  if command -v apt-cache >/dev/null; then
    for package in openjdk-$java_wanted-jdk-headless temurin-$java_wanted-jdk; do
      apt-cache policy "$package" 2>/dev/null | grep -q 'Candidate: [0-9]' && found+=("$package")
    done
  fi
  if [ ${#found[@]} -gt 0 ]; then
    fail "a JDK $java_wanted is needed" "install it with: sudo apt-get install ${found[0]}"
  fi
  fail "a JDK $java_wanted is needed" \
    "get one from https://adoptium.net or with SDKMAN: sdk install java $java_wanted-tem" \
    "then set JAVA_HOME to it, or put it below /usr/lib/jvm"
}

# Sets $java_home once; JAVA_HOME itself is only set for what is started.
need_java() {
  [ -n "${java_home:-}" ] || java_home=$(find_jdk) || explain_missing_jdk
}

# The class path of a module: its jar, then its libraries in a fixed order.
class_path() {
  local jar path=
  for jar in "$root/$1/target/skep-$1"-*.jar "$root/$1"/target/lib/*.jar; do
    case $jar in *-sources.jar | *-tests.jar) continue ;; esac
    path=${path:+$path:}$jar
  done
  printf '%s' "$path"
}

common_java_flags=(--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow)

# run_main MODULE CLASS ARGS…: replaces this shell.
run_main() {
  local module=$1 class=$2
  shift 2
  need_java
  JAVA_HOME=$java_home exec "$java_home/bin/java" "${common_java_flags[@]}" -cp "$(class_path "$module")" "$class" "$@"
}

# Flags of the CLI; the AOT cache is only valid with exactly these.
cli_flags=("${common_java_flags[@]}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xss512k -Xmx256m
  -Xlog:disable)
cli_cache=$root/cli/target/skep.aot

# Trains the cache that makes the CLI start quickly. Without it the CLI works all the same.
train_cli() {
  need_java
  [ -z "$(find "$root/cli/target" -maxdepth 2 -name '*.jar' -newer "$cli_cache" -print -quit 2>&1)" ] && return 0
  JAVA_HOME=$java_home timeout 120 "$java_home/bin/java" "${cli_flags[@]}" "-XX:AOTCacheOutput=$cli_cache" \
    -cp "$(class_path cli)" dev.skep.cli.training.AotTraining </dev/null >"$state/log/cli-training.log" 2>&1 9>&- ||
    rm -f -- "$cli_cache"
}

# The environment of the CLI: the local control plane unless the caller names another.
cli_environment() {
  cli_env=("JAVA_HOME=$java_home")
  if [ -z "${SKEP_SERVER:-}${SKEP_CONTEXT:-}" ] && [ -r "$state/admin.token" ]; then
    load_ports
    cli_env+=("SKEP_SERVER=http://127.0.0.1:$people_port" "SKEP_TOKEN_FILE=$state/admin.token")
  fi
}

cli_command() {
  need_java
  cli_environment
  cli_line=(env "${cli_env[@]}" "$java_home/bin/java" "${cli_flags[@]}" "-XX:AOTCache=$cli_cache"
    -cp "$(class_path cli)" dev.skep.cli.Skep)
}

cli() {
  cli_command
  "${cli_line[@]}" "$@" 9>&-
}

exec_cli() {
  cli_command
  exec "${cli_line[@]}" "$@"
}

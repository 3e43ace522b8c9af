# shellcheck shell=bash
# Builds what changed since the last build, and nothing else.

build_inputs=(pom.xml proto control-plane agent cli testbed bench)

# Names, sizes and times of everything that the build reads; a removed file changes it too.
source_fingerprint() {
  (
    cd -- "$root" || exit
    find "${build_inputs[@]}" -name target -prune -o -type f -printf '%p %s %T@\n' | LC_ALL=C sort | sha256sum
  )
}

is_built() {
  [ -f "$state/build.stamp" ] && [ -d "$root/cli/target/lib" ] &&
    [ "$(cat -- "$state/build.stamp")" = "$(source_fingerprint)" ]
}

build() {
  local fingerprint
  need_java
  if is_built; then
    train_cli
    outcome="nothing changed"
    return 0
  fi
  fingerprint=$(source_fingerprint)
  note "compiling, which takes a minute the first time; see .skep/build.log"
  rm -f -- "$state/build.stamp"
  if ! (cd -- "$root" && JAVA_HOME=$java_home ./mvnw -q -B -DskipTests -T2 -pl '!testbed/openapi' package) \
    >"$state/build.log" 2>&1 </dev/null 9>&-; then
    last_lines "$state/build.log" 40
    fail "the build failed" "all of it: $state/build.log"
  fi
  train_cli
  printf '%s\n' "$fingerprint" >"$state/build.stamp"
  outcome=built
}

# For commands that need the classes but not everything that up does.
need_build() {
  [ ! -d "$root/cli/target/lib" ] || return 0
  prepare_state
  lock_state
  printf 'Building first; this happens once.\n' >&2
  build >/dev/null
  exec 9>&-
}

missing_packages() {
  local pair
  for pair in dockerd:docker.io docker-registry:docker-registry busybox:busybox-static ip:iproute2 \
    iptables:iptables curl:curl "$@"; do
    PATH=$PATH:/usr/sbin:/sbin command -v "${pair%%:*}" >/dev/null || printf '%s\n' "${pair#*:}"
  done
  # Health checks run it inside containers that have no libraries.
  if command -v busybox >/dev/null && ldd "$(command -v busybox)" >/dev/null 2>&1; then
    printf '%s\n' busybox-static
  fi
}

# need_packages [COMMAND:PACKAGE…]: installs what is missing, as root, and says so.
need_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  if [ ${#missing[@]} -eq 0 ]; then
    outcome="all there"
    return 0
  fi
  command -v apt-get >/dev/null ||
    fail "missing: ${missing[*]}" "install these with your package manager, then run ./skep again"
  [ "$(id -u)" -eq 0 ] ||
    fail "missing: ${missing[*]}" "install them: sudo apt-get install --no-install-recommends ${missing[*]}"
  note "installing ${missing[*]}"
  install_packages "${missing[@]}" || {
    last_lines "$state/log/apt.log"
    fail "the packages could not be installed" "all of it: $state/log/apt.log"
  }
  outcome="installed ${missing[*]}"
}

# The lists are only fetched when what is known does not suffice.
install_packages() {
  local flags=(-y -q --no-install-recommends -o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=120)
  export DEBIAN_FRONTEND=noninteractive
  timeout 600 apt-get install "${flags[@]}" "$@" >>"$state/log/apt.log" 2>&1 </dev/null 9>&- && return 0
  timeout 300 apt-get update -q >>"$state/log/apt.log" 2>&1 </dev/null 9>&-
  timeout 600 apt-get install "${flags[@]}" "$@" >>"$state/log/apt.log" 2>&1 </dev/null 9>&-
}

run_tests() {
  prepare_state
  need_java
  step_count=3
  step Requirements need_packages git:git shellcheck:shellcheck
  step "Shell scripts" check_scripts
  printf '%2d/%d  %-18s ./mvnw -B -T2 verify %s\n' 3 3 "Java" "$*"
  cd -- "$root" || exit
  JAVA_HOME=$java_home exec ./mvnw -B -ntp -T2 verify "$@"
}

check_scripts() {
  (cd -- "$root" && shellcheck -x skep .ci/run install/*.sh install/local/*.sh examples/hello/start) ||
    fail "shellcheck found something"
  sh "$root/install/test/run.sh" >"$state/log/install-test.log" 2>&1 || {
    last_lines "$state/log/install-test.log"
    fail "the tests of the installer failed"
  }
  outcome="clean"
}

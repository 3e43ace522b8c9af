# shellcheck shell=bash
# What ./skep prints: numbered steps with their durations, and errors.

step_number=0
step_count=0

fail() {
  printf 'error: %s\n' "$1" >&2
  shift
  [ $# -eq 0 ] || printf '  %s\n' "$@" >&2
  exit 1
}

# Seconds with one decimal since the time in $1 (microseconds).
seconds_since() {
  local now=${EPOCHREALTIME/[.,]/}
  printf '%d.%d' $(((now - $1) / 1000000)) $((((now - $1) / 100000) % 10))
}

# step TITLE FUNCTION…: runs the function; what it leaves in $outcome is the result shown.
step() {
  local title=$1 begin=${EPOCHREALTIME/[.,]/}
  shift
  step_number=$((step_number + 1))
  printf '%2d/%d  %-18s ' "$step_number" "$step_count" "$title"
  outcome="done"
  "$@" || fail "$title did not succeed"
  printf '%s (%s s)\n' "$outcome" "$(seconds_since "$begin")"
}

# Says on the line of the running step that something takes longer.
note() {
  printf '%s\n%25s' "$1" ''
}

last_lines() {
  [ -r "$1" ] || return 0
  printf '\n--- the end of %s\n' "$1" >&2
  tail -n "${2:-25}" -- "$1" >&2
  printf -- '---\n' >&2
}

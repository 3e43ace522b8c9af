# shellcheck shell=bash
# The first service: an image that is made here, without any registry on the internet.

hello_source=$root/examples/hello

# What the Dockerfile says after its files: ENTRYPOINT, USER and EXPOSE, encoded for a URL.
hello_changes='changes=ENTRYPOINT%20%5B%22/bin/busybox%22%2C%22sh%22%2C%22/start%22%5D&changes=USER%2065534&changes=EXPOSE%208080'

# The image's file system as one tar; the same content always gives the same bytes.
hello_archive() {
  local stage=$state/run/hello
  rm -rf -- "$stage"
  mkdir -p -- "$stage/bin" && install -m 755 -- "$(command -v busybox)" "$stage/bin/busybox" &&
    install -m 755 -- "$hello_source/start" "$stage/start" && cp -R -- "$hello_source/www" "$stage/www" &&
    chmod -R a+rX -- "$stage" &&
    tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$stage" -cf "$state/run/hello.tar" .
}

hello_is_pushed() {
  curl -sf --max-time 5 -o /dev/null -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' \
    "http://127.0.0.1:$registry_port/v2/skep/hello/manifests/$hello_tag"
}

# The engine answers these calls with 200 and puts errors into the stream.
engine_stream() {
  engine_deadline=120 engine "$@" >"$state/log/image.log" 2>&1 && ! grep -q '"error\|"message"' "$state/log/image.log" && return 0
  last_lines "$state/log/image.log"
  return 1
}

publish_hello() {
  hello_archive || return 1
  hello_tag=$(sha256sum <"$state/run/hello.tar" | cut -c1-12)
  hello_image=127.0.0.1:$registry_port/skep/hello:$hello_tag
  outcome="already there"
  hello_is_pushed && return 0
  engine_stream "/images/create?fromSrc=-&repo=127.0.0.1:$registry_port/skep/hello&tag=$hello_tag&$hello_changes" \
    -X POST -H 'Content-Type: application/x-tar' -T "$state/run/hello.tar" || return 1
  engine_stream "/images/127.0.0.1:$registry_port/skep/hello/push?tag=$hello_tag" -X POST -H 'X-Registry-Auth: e30=' || return 1
  hello_is_pushed || return 1
  outcome="pushed as skep/hello:$hello_tag"
}

hello_port() {
  sed -n 's/.*"hostPort": \([0-9]*\).*/\1/p' "$state/run/hello.json" | head -n 1
}

read_hello() {
  cli services inspect hello --format json >"$state/run/hello.json" 2>"$state/log/hello.log"
}

hello_answers() {
  curl -sf --max-time 3 -o /dev/null "$hello_url"
}

deploy_hello() {
  if read_hello; then
    outcome="already running"
    if grep -q 'SERVICE_STATE_STOPPED' "$state/run/hello.json"; then
      outcome="is stopped; start it with ./skep services start hello"
      hello_url=
      return 0
    fi
    grep -qF "\"image\": \"$hello_image\"" "$state/run/hello.json" || change_hello || return 1
  else
    create_hello || return 1
  fi
  read_hello || return 1
  hello_url=http://127.0.0.1:$(hello_port)/
  until_true 30 hello_answers || fail "hello runs but $hello_url does not answer" "see: ./skep services inspect hello"
}

create_hello() {
  cli services create hello --image "$hello_image" --port "8080:host=$(free_port 8088)" --health-http /healthz \
    --health-interval 2s --cpu 0.05 --memory 16MiB >>"$state/log/hello.log" 2>&1 || show_hello_error
  outcome=deployed
}

change_hello() {
  cli services update hello --image "$hello_image" >>"$state/log/hello.log" 2>&1 || show_hello_error
  outcome=updated
}

show_hello_error() {
  last_lines "$state/log/hello.log"
  fail "hello could not be deployed" "see: ./skep services inspect hello" "and: ./skep logs hello"
}

package dev.skep.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Images that need no hub: a static busybox and a script each. All end at once on SIGTERM. */
public final class TestImages {

  public static final int WEB_PORT = 8080;

  /** It has to be linked statically: an image holds nothing else. */
  static final Path BUSYBOX = Path.of("/bin/busybox");

  private static final String WEB =
      """
      #!/bin/sh
      # /: "HOST VERSION"; /healthz: "ok"
      mkdir -p /tmp/www
      echo "$(hostname) $VERSION" >/tmp/www/index.html
      echo ok >/tmp/www/healthz
      httpd -f -p 8080 -h /tmp/www &
      trap 'kill $!; exit 0' TERM INT
      echo "web $VERSION listens on 8080"
      wait
      """;

  private static final String WEB_BROKEN =
      """
      #!/bin/sh
      # Listens, but answers every request with 500.
      nc -ll -p 8080 -e /bin/answer500 &
      trap 'kill $!; exit 0' TERM INT
      echo "web-broken $VERSION listens on 8080"
      wait
      """;

  private static final String ANSWER_500 =
      """
      #!/bin/sh
      while read -r line && [ "$line" != "$(printf '\\r')" ]; do :; done
      printf 'HTTP/1.1 500 Internal Server Error\\r\\nContent-Length: 7\\r\\nConnection: close\\r\\n\\r\\nbroken\\n'
      """;

  private static final String CRASH =
      """
      #!/bin/sh
      echo "crash: cannot go on" >&2
      exit 1
      """;

  private static final String LOGGER =
      """
      #!/bin/sh
      # "line NUMBER PADDING", LINES times with PAD characters, then sleeps
      awk -v lines="$LINES" -v pad="$PAD" 'BEGIN {
        for (i = 0; i < pad; i++) padding = padding "x"
        for (i = 1; i <= lines; i++) print "line " i " " padding
      }'
      exec /bin/sleeper
      """;

  private static final String SLEEPER =
      """
      #!/bin/sh
      trap 'kill $!; exit 0' TERM INT
      while :; do sleep 3600 & wait $!; done
      """;

  private TestImages() {}

  /** Serves the container's host name and the version on {@value #WEB_PORT}, and /healthz. */
  public static TestImage web(String version) {
    var layer = TarLayer.builder().script("bin/serve", WEB).build();
    return web("web", version, layer);
  }

  /** Listens on {@value #WEB_PORT}, but answers everything, /healthz too, with status 500. */
  public static TestImage webBroken(String version) {
    var layer =
        TarLayer.builder()
            .script("bin/serve", WEB_BROKEN)
            .script("bin/answer500", ANSWER_500)
            .build();
    return web("web-broken", version, layer);
  }

  /** Prints a line and ends with exit code 1. */
  public static TestImage crash() {
    return of("crash", TarLayer.builder().script("bin/crash", CRASH).build());
  }

  /** Prints {@code LINES} numbered lines with {@code PAD} characters each, then sleeps. */
  public static TestImage logger() {
    var layer = TarLayer.builder().script("bin/lines", LOGGER).script("bin/sleeper", SLEEPER);
    return image("logger", "latest", List.of(base(), layer.build()), "/bin/lines")
        .environment("LINES", "1000")
        .environment("PAD", "80");
  }

  /** Does nothing, with a shell and busybox's programs at hand for {@code docker exec}. */
  public static TestImage sleeper() {
    return of("sleeper", TarLayer.builder().script("bin/sleeper", SLEEPER).build());
  }

  /** Only the programs. The engines find it as {@code busybox:1}, for a {@code FROM}. */
  public static TestImage busybox() {
    return image("library/busybox", "1", List.of(base()), "/bin/sh");
  }

  private static TestImage web(String name, String version, TarLayer layer) {
    var image = image(name, version, List.of(base(), layer), "/bin/serve");
    return image.exposing(WEB_PORT).environment("VERSION", version);
  }

  private static TestImage of(String name, TarLayer layer) {
    return image(name, "latest", List.of(base(), layer), "/bin/" + name);
  }

  private static TestImage image(String name, String tag, List<TarLayer> layers, String command) {
    var environment = new TreeMap<>(Map.of("PATH", "/bin"));
    return new TestImage(name, tag, layers, List.of(command), environment, List.of());
  }

  /** The same bytes in all images, so that an engine fetches them once. */
  private static TarLayer base() {
    var layer = TarLayer.builder();
    for (var directory : List.of("bin", "etc", "proc", "sys", "dev", "root", "run", "var")) {
      layer.directory(directory, 0755);
    }
    layer.directory("tmp", 01777);
    layer.file("etc/passwd", 0644, "root:x:0:0:root:/root:/bin/sh\n".getBytes(UTF_8));
    layer.file("etc/group", 0644, "root:x:0:\n".getBytes(UTF_8));
    try {
      layer.file("bin/busybox", 0755, Files.readAllBytes(BUSYBOX));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Shell.must(BUSYBOX + " --list")
        .lines()
        .filter(applet -> !applet.equals("busybox"))
        .forEach(applet -> layer.link("bin/" + applet, "busybox"));
    return layer.build();
  }
}

package dev.skep.agent.engine;

import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real dockerd in namespaces of its own: network, mounts, processes. When the process that holds
 * them dies, everything in them dies with it, however the test ended.
 */
public final class Dockerd implements AutoCloseable {
  public static final String ADDRESS = "10.99.0.1";
  private static final Path BUSYBOX = Path.of("/bin/busybox");

  private final Path dir;
  private final String cgroup;
  private @Nullable Process process;
  private @Nullable Process registry;

  private Dockerd(Path dir) {
    this.dir = dir;
    this.cgroup = dir.getFileName().toString();
  }

  public static Dockerd start() throws IOException, InterruptedException {
    var dockerd = new Dockerd(Files.createTempDirectory("skep-agent-"));
    try {
      Files.writeString(dockerd.dir.resolve("daemon.json"), "{}");
      dockerd.up();
      return dockerd;
    } catch (IOException | InterruptedException | RuntimeException e) {
      dockerd.close();
      throw e;
    }
  }

  /** Starts the daemon on its data, for the first time or again. */
  public void up() throws IOException, InterruptedException {
    // A new namespace counts processes from 1 again: an old number would be somebody else's.
    Files.deleteIfExists(dir.resolve("pid"));
    Files.deleteIfExists(dir.resolve("exec/containerd/containerd.pid"));
    process =
        new ProcessBuilder(
                List.of(
                    "unshare",
                    "--net",
                    "--mount",
                    "--uts",
                    "--pid",
                    "--fork",
                    "--mount-proc",
                    "--kill-child",
                    "dockerd",
                    "--data-root",
                    at("data"),
                    "--exec-root",
                    at("exec"),
                    "--pidfile",
                    at("pid"),
                    "-H",
                    host().toString(),
                    "--cgroup-parent",
                    "/" + cgroup,
                    "--exec-opt",
                    "native.cgroupdriver=cgroupfs",
                    "--config-file",
                    at("daemon.json")))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(dir.resolve("log").toFile()))
            .start();
    await(() -> answers(), Duration.ofSeconds(30));
    inside("ip", "link", "set", "lo", "up");
    inside("ip", "address", "add", ADDRESS + "/24", "dev", "lo");
  }

  private void inside(String... command) throws IOException, InterruptedException {
    var all = new ArrayList<>(List.of("nsenter", "--net=/proc/" + daemon().pid() + "/ns/net"));
    all.addAll(List.of(command));
    new ProcessBuilder(all).inheritIO().start().waitFor();
  }

  private ProcessHandle daemon() {
    return running().children().findFirst().orElseThrow();
  }

  private Process running() {
    var now = process;
    if (now == null) {
      throw new IllegalStateException("not started");
    }
    return now;
  }

  /** As if the machine lost its engine. */
  public void kill() throws InterruptedException {
    var daemon = daemon();
    running().destroyForcibly().waitFor();
    daemon.onExit().join();
  }

  /** Stops and continues the daemon without its noticing. */
  public void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(daemon().pid())).start().waitFor();
  }

  private boolean answers() {
    if (!running().isAlive()) {
      throw new IllegalStateException("dockerd ended: " + log());
    }
    try (var engine = new DockerEngine(host())) {
      return !engine.info().version().isEmpty();
    } catch (EngineFailure e) {
      return false;
    }
  }

  private String log() {
    try (Stream<String> lines = Files.lines(dir.resolve("log"))) {
      var all = lines.toList();
      return String.join("\n", all.subList(Math.max(0, all.size() - 20), all.size()));
    } catch (IOException e) {
      return "no log";
    }
  }

  public URI host() {
    return URI.create("unix://" + at("sock"));
  }

  public Path dir() {
    return dir;
  }

  private String at(String name) {
    return dir.resolve(name).toString();
  }

  /** An image with a static busybox as its only content; returns its id. */
  public String importBusybox() throws IOException {
    try (var http = new ZerodepDockerHttpClient.Builder().dockerHost(host()).build();
        var response =
            http.execute(
                new DockerHttpClient.Request.Builder()
                    .method("POST")
                    .path("/images/create?fromSrc=-")
                    .bodyBytes(tar("bin/busybox", Files.readAllBytes(BUSYBOX)))
                    .build())) {
      var body = new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8);
      return JsonParser.parseString(body).getAsJsonObject().get("status").getAsString();
    }
  }

  /** A new image in a registry that only this engine reaches, by its whole name. */
  public String publish() {
    try {
      if (registry == null) {
        Files.writeString(
            dir.resolve("registry.yml"),
            "version: 0.1\nlog: {level: warn}\nstorage: {filesystem: {rootdirectory: "
                + at("registry")
                + "}}\nhttp: {addr: \"127.0.0.1:5000\"}\n");
        registry =
            new ProcessBuilder(
                    "nsenter",
                    "--net=/proc/" + daemon().pid() + "/ns/net",
                    "docker-registry",
                    "serve",
                    at("registry.yml"))
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("registry.log").toFile())
                .start();
      }
      docker("tag", importBusybox(), "127.0.0.1:5000/app:1");
      await(() -> pushed(), Duration.ofSeconds(20));
      String name =
          docker("inspect", "--format", "{{index .RepoDigests 0}}", "127.0.0.1:5000/app:1");
      docker("rmi", "127.0.0.1:5000/app:1", name);
      return name;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private boolean pushed() {
    try {
      return docker("push", "127.0.0.1:5000/app:1").contains("digest: sha256:");
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs a docker command line, for what a person would do by hand. */
  public String docker(String... arguments) throws IOException, InterruptedException {
    var all = new ArrayList<>(List.of("docker", "-H", host().toString()));
    all.addAll(List.of(arguments));
    var run = new ProcessBuilder(all).redirectErrorStream(true).start();
    var out = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    run.waitFor();
    return out.strip();
  }

  /** A directory with the tools of probes. */
  public Path probeDir() throws IOException {
    var probe = dir.resolve("probe");
    if (!Files.exists(probe)) {
      Files.createDirectories(probe);
      Files.copy(BUSYBOX, probe.resolve("busybox"));
    }
    return probe;
  }

  private static byte[] tar(String name, byte[] content) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(header("tmp/", 0, '5'));
    out.writeBytes(header(name, content.length, '0'));
    out.writeBytes(content);
    out.writeBytes(new byte[(512 - content.length % 512) % 512 + 1024]);
    return out.toByteArray();
  }

  private static byte[] header(String name, int size, char type) {
    var block = new byte[512];
    put(block, 0, name);
    put(block, 100, "0000755");
    put(block, 108, "0000000");
    put(block, 116, "0000000");
    put(block, 124, "%011o".formatted(size));
    put(block, 136, "00000000000");
    put(block, 148, "        ");
    block[156] = (byte) type;
    put(block, 257, "ustar\0" + "00");
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xff;
    }
    put(block, 148, "%06o\0 ".formatted(sum));
    return block;
  }

  private static void put(byte[] block, int at, String text) {
    var bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }

  /** Waits for a condition. */
  public static void await(java.util.function.BooleanSupplier condition, Duration limit)
      throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("did not happen within " + limit);
      }
      Thread.sleep(10);
    }
  }

  @Override
  public void close() {
    try {
      if (registry != null) {
        registry.destroyForcibly().waitFor();
      }
      var now = process;
      if (now != null && now.isAlive()) {
        daemon().destroy();
        if (!now.waitFor(15, TimeUnit.SECONDS)) {
          now.destroyForcibly().waitFor();
        }
      }
      removeCgroups();
      Files.walkFileTree(dir, new Removal());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void removeCgroups() throws IOException {
    try (Stream<Path> controllers = Files.list(Path.of("/sys/fs/cgroup"))) {
      for (var root : controllers.map(c -> c.resolve(cgroup)).filter(Files::exists).toList()) {
        try (Stream<Path> tree = Files.walk(root)) {
          tree.filter(Files::isDirectory)
              .sorted(java.util.Comparator.reverseOrder())
              .forEach(d -> d.toFile().delete());
        }
      }
    }
  }

  /** Of a whole tree. */
  private static final class Removal extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.delete(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException failure)
        throws IOException {
      Files.delete(dir);
      return FileVisitResult.CONTINUE;
    }
  }
}

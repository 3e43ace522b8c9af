package dev.skep.testbed.e2e;

import dev.skep.testbed.Await;
import dev.skep.testbed.Lab;
import dev.skep.testbed.LabOptions;
import dev.skep.testbed.TestImages;
import dev.skep.v1.WorkerState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** One worker, and two control planes that each reach their database through a proxy. */
final class Replicated implements AutoCloseable, AfterTestExecutionCallback, AfterAllCallback {
  private static final int TAIL_LINES = 60;
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  /** A control plane, the proxy before its database, and where its failpoints are armed. */
  record Member(String name, ControlPlaneProcess process, TcpProxy database, Path failpoints) {}

  private final Lab lab;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final List<Member> members = new ArrayList<>();
  private final List<Path> logs = new ArrayList<>();

  private Replicated() {
    lab = Lab.start(LabOptions.workers(1));
    opened.add(lab);
    try {
      build();
    } catch (RuntimeException | Error e) {
      printLogs();
      close();
      throw e;
    }
  }

  /** Starts everything and waits until the worker is online. */
  static Replicated start() {
    return new Replicated();
  }

  private void build() {
    var _ = lab.registry().push(TestImages.web("v1"));
    // Makes the database, the master key and the admin, and leaves them behind.
    var seed = lab.directory().resolve("seed");
    var first = new ControlPlaneProcess(seed, lab.gateway(), lab.registry().address());
    opened.addFirst(first);
    int postgres = first.postgresPort();
    first.kill9();

    members.add(member("one", seed, postgres));
    try (var api = new Api(members.getFirst().process())) {
      var host = lab.hosts().getFirst();
      var endpoint = members.getFirst().process().agentEndpoint();
      logs.add(new AgentProcess(host, host.name(), endpoint, api.joinToken(1, 3600)).log());
      Await.seconds(90)
          .until(
              "the worker is online",
              () -> api.listWorkers(),
              workers ->
                  workers.size() == 1
                      && workers.getFirst().getState() == WorkerState.WORKER_STATE_ONLINE
                      && !workers.getFirst().getFacts().getSwarmNodeId().isEmpty());
    }
    members.add(member("two", seed, postgres));
    awaitAgentKnows(members.getLast());
  }

  private Member member(String name, Path seed, int postgres) {
    var directory = lab.directory().resolve(name);
    var failpoints = directory.resolve("failpoints");
    var proxy = new TcpProxy(postgres);
    opened.addFirst(proxy);
    try {
      Files.createDirectories(failpoints);
      Files.createDirectories(directory.resolve("data"));
      for (String file : List.of("master.key", "admin.token")) {
        Files.copy(seed.resolve("data").resolve(file), directory.resolve("data").resolve(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var process =
        new ControlPlaneProcess(
            directory,
            lab.gateway(),
            lab.registry().address(),
            Map.of(
                "DATABASE_URL",
                "postgresql://postgres@127.0.0.1:" + proxy.port() + "/postgres",
                "SKEP_FAILPOINTS",
                failpoints.toString()));
    opened.addFirst(process);
    logs.add(process.log());
    return new Member(name, process, proxy, failpoints);
  }

  /** The list that it keeps on disk holds endpoints as plain text. */
  private void awaitAgentKnows(Member member) {
    var host = lab.hosts().getFirst();
    var identity = host.directory().resolve("agent-" + host.name()).resolve("data/identity");
    Await.seconds(20)
        .until(
            "the agent knows where " + member.name() + " is",
            () ->
                new String(
                        Files.readAllBytes(identity), java.nio.charset.StandardCharsets.ISO_8859_1)
                    .contains(member.process().agentEndpoint()));
  }

  Lab lab() {
    return lab;
  }

  /** Who led last. */
  Member leader() {
    return members.stream()
        .max(Comparator.comparingLong(m -> m.process().lastEpoch()))
        .orElseThrow();
  }

  Member other(Member than) {
    return members.stream().filter(m -> !m.equals(than)).findFirst().orElseThrow();
  }

  /** Waits until {@code member} leads in a higher epoch than {@code before}. */
  void awaitLeads(Member member, long before) {
    Await.seconds(30)
        .every(LOOK_EVERY)
        .until(
            member.name() + " leads after epoch " + before,
            () -> member.process().lastEpoch(),
            epoch -> epoch > before);
  }

  @Override
  public void afterTestExecution(ExtensionContext context) {
    if (context.getExecutionException().isPresent()) {
      printLogs();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    close();
  }

  @Override
  public void close() {
    RuntimeException failure = null;
    for (var one : opened) {
      try {
        one.close();
      } catch (Exception e) {
        failure = new IllegalStateException("cannot close " + one, e);
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void printLogs() {
    for (var log : logs) {
      System.err.println("=== the end of " + log);
      try {
        var lines = Files.readAllLines(log);
        lines
            .subList(Math.max(0, lines.size() - TAIL_LINES), lines.size())
            .forEach(System.err::println);
      } catch (IOException e) {
        System.err.println("cannot be read: " + e);
      }
    }
  }
}

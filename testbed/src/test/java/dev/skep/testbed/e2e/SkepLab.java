package dev.skep.testbed.e2e;

import static java.util.Objects.requireNonNull;

import dev.skep.testbed.Await;
import dev.skep.testbed.Lab;
import dev.skep.testbed.LabOptions;
import dev.skep.testbed.TestImages;
import dev.skep.v1.Service;
import dev.skep.v1.Worker;
import dev.skep.v1.WorkerState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A lab with a control plane and an agent on each host, ready for services. As an extension of a
 * test class it prints what the processes logged when a test fails, and goes with the class.
 */
final class SkepLab implements AutoCloseable, AfterTestExecutionCallback, AfterAllCallback {
  private static final int TAIL_LINES = 80;

  private final Lab lab;
  private final Map<String, AgentProcess> agents = new LinkedHashMap<>();
  private @Nullable ControlPlaneProcess controlPlane;
  private @Nullable Api api;
  private @Nullable Engines engines;
  private String usedUpToken = "";

  private SkepLab(int workers, Map<String, String> settings) {
    this.lab = Lab.start(LabOptions.workers(workers));
    try {
      build(settings);
    } catch (RuntimeException | Error e) {
      printLogs();
      close();
      throw e;
    }
  }

  /** Starts everything and waits until all workers are online and can be given work. */
  static SkepLab start(int workers) {
    return start(workers, Map.of());
  }

  /** With other settings of the control plane. */
  static SkepLab start(int workers, Map<String, String> settings) {
    return new SkepLab(workers, settings);
  }

  private void build(Map<String, String> settings) {
    for (var image :
        List.of(
            TestImages.web("v1"),
            TestImages.web("v2"),
            TestImages.webBroken("v3"),
            TestImages.crash(),
            TestImages.logger(),
            TestImages.sleeper())) {
      var _ = lab.registry().push(image);
    }
    engines = new Engines(lab);
    var directory = lab.directory().resolve("control-plane");
    controlPlane =
        new ControlPlaneProcess(directory, lab.gateway(), lab.registry().address(), settings);
    api = new Api(controlPlane);
    usedUpToken = api.joinToken(lab.hosts().size(), 3600);
    for (var host : lab.hosts()) {
      agents.put(
          host.name(),
          new AgentProcess(host, host.name(), controlPlane.agentEndpoint(), usedUpToken));
    }
    awaitOnline();
  }

  void awaitOnline() {
    Await.seconds(90)
        .until(
            "all workers are online and part of the Swarm",
            () -> api().listWorkers(),
            workers ->
                workers.size() == agents.size() && workers.stream().allMatch(SkepLab::ready));
  }

  private static boolean ready(Worker worker) {
    return worker.getState() == WorkerState.WORKER_STATE_ONLINE
        && !worker.getFacts().getSwarmNodeId().isEmpty();
  }

  /** Waits until so many engines can change the Swarm. */
  void awaitManagers(int count) {
    Await.seconds(60)
        .until(
            "the Swarm has " + count + " managers",
            () -> engines().managerHosts().size(),
            managers -> managers == count);
  }

  Lab lab() {
    return lab;
  }

  Api api() {
    return requireNonNull(api);
  }

  ControlPlaneProcess controlPlane() {
    return requireNonNull(controlPlane);
  }

  Engines engines() {
    return requireNonNull(engines);
  }

  AgentProcess agent(String host) {
    return requireNonNull(agents.get(host));
  }

  /** The token with which all agents have enrolled. */
  String usedUpToken() {
    return usedUpToken;
  }

  Specs specs() {
    return new Specs(lab.registry().address());
  }

  /** What a page says, asked from this machine. */
  String get(String url) {
    try (var http = HttpClient.newBuilder().proxy(HttpClient.Builder.NO_PROXY).build()) {
      var request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(10)).build();
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body().strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted in " + url, e);
    }
  }

  /** Deletes all services and waits until nothing of them is left in any engine. */
  void clear() {
    for (Service service : api().listServices()) {
      api().delete(service.getName());
    }
    engines().awaitNothingOfOurs();
    Await.seconds(60).until("no service is listed", () -> api().listServices(), List::isEmpty);
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
    try {
      if (api != null) {
        api.close();
      }
      if (engines != null) {
        engines.close();
      }
    } finally {
      try {
        if (controlPlane != null) {
          controlPlane.close();
        }
      } finally {
        lab.close();
      }
    }
  }

  private void printLogs() {
    var logs = new ArrayList<Path>();
    if (controlPlane != null) {
      logs.add(controlPlane.log());
    }
    agents.values().forEach(agent -> logs.add(agent.log()));
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

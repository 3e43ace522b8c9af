package dev.skep.bench;

import dev.skep.testbed.Lab;
import dev.skep.testbed.LabHost;
import dev.skep.testbed.LabOptions;
import dev.skep.testbed.TestImages;
import dev.skep.v1.Resources;
import dev.skep.v1.ServiceSpec;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The whole product on this machine alone; closing it removes it all. */
final class Platform implements AutoCloseable {
  private static final long CPU_MILLIS = 10;
  private static final long MEMORY_BYTES = 16L << 20;

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final Thread closeAtExit = new Thread(this::close, "platform-close");
  private final Path directory;
  private final List<LabHost> hosts;
  private final String image;
  private final ControlPlaneProcess controlPlane;
  private final Api api;
  private final EngineApi engine;
  private final List<AgentProcess.Home> homes;

  Platform(Checkout checkout, String benchmark) {
    this(checkout, benchmark, 1);
  }

  @SuppressWarnings("NullAway.Init")
  Platform(Checkout checkout, String benchmark, int workers) {
    Runtime.getRuntime().addShutdownHook(closeAtExit);
    try {
      directory = checkout.runDirectory(benchmark);
      var lab = opened(Lab.start(LabOptions.workers(workers)));
      hosts = lab.hosts();
      image = lab.registry().push(TestImages.sleeper());
      var log = directory.resolve("control-plane.log");
      controlPlane = opened(ControlPlaneProcess.start(checkout, lab, log));
      api = opened(new Api(controlPlane.port(), controlPlane.token()));
      var engines = hosts.stream().map(host -> opened(new EngineApi(host.socket()))).toList();
      engines.forEach(each -> each.pull(image));
      engine = engines.getFirst();
      homes =
          hosts.stream()
              .map(host -> AgentProcess.Home.on(host, controlPlane, api.joinToken()))
              .toList();
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** The logs of this run, which stay. */
  Path directory() {
    return directory;
  }

  LabHost host() {
    return hosts.getFirst();
  }

  List<LabHost> hosts() {
    return hosts;
  }

  ControlPlaneProcess controlPlane() {
    return controlPlane;
  }

  Api api() {
    return api;
  }

  EngineApi engine() {
    return engine;
  }

  AgentProcess.Home home() {
    return homes.getFirst();
  }

  List<AgentProcess.Home> homes() {
    return homes;
  }

  /** A container that does nothing, small enough for dozens at once. */
  ServiceSpec sleeper() {
    return ServiceSpec.newBuilder()
        .setImage(image)
        .setReplicas(1)
        .setResources(Resources.newBuilder().setCpuMillis(CPU_MILLIS).setMemoryBytes(MEMORY_BYTES))
        .build();
  }

  /** Makes it part of the platform: it is closed with it, before what was there already. */
  <T extends AutoCloseable> T opened(T resource) {
    synchronized (open) {
      open.push(resource);
    }
    return resource;
  }

  @Override
  public void close() {
    while (true) {
      AutoCloseable next;
      synchronized (open) {
        if (open.isEmpty()) {
          return;
        }
        next = open.pop();
      }
      closeOne(next);
    }
  }

  @SuppressWarnings("SystemOut")
  private static void closeOne(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      // The others must be closed all the same.
      System.err.println("cannot close " + resource.getClass().getSimpleName() + ": " + e);
    }
  }
}

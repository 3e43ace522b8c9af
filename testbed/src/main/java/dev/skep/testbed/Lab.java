package dev.skep.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A few machines with Docker engines, a network between them and a registry, all on this machine.
 * The engines are not yet a Swarm.
 */
public final class Lab implements AutoCloseable {

  private final Slot slot;
  private final List<LabHost> hosts = new ArrayList<>();
  private final LabRegistry registry;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Thread closeAtExit = new Thread(this::close, "lab-close");

  /**
   * Starts a lab, after removing what dead processes have left of theirs. A lab that fails to start
   * removes itself.
   *
   * @throws IllegalStateException when this machine lacks something; the message says what
   */
  public static Lab start(LabOptions options) {
    Preflight.check();
    return new Lab(Slots.claim(options.workers()), options);
  }

  private Lab(Slot slot, LabOptions options) {
    this.slot = slot;
    Runtime.getRuntime().addShutdownHook(closeAtExit);
    this.registry = new LabRegistry(slot);
    try {
      build(options.workers());
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
    if (options.lifetime() == LabOptions.Lifetime.UNTIL_DOWN) {
      // Not before it is complete: an interrupted start has to look abandoned.
      Owner.thisProcess(options).write(slot);
      forgetAtExit();
    }
  }

  /** The lab's number on this machine. */
  public int index() {
    return slot.index();
  }

  public List<LabHost> hosts() {
    return List.copyOf(hosts);
  }

  /** A host by its name: w1, w2 and so on. */
  public LabHost host(String name) {
    return hosts.stream()
        .filter(host -> host.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no host " + name + " in this lab"));
  }

  public LabRegistry registry() {
    return registry;
  }

  /** This machine's address in the lab: hosts reach here what listens in the root namespace. */
  public String gateway() {
    return slot.gateway();
  }

  /** Where everything of this lab is; removed with it. */
  public Path directory() {
    return slot.directory();
  }

  /** Ends every process of the lab and removes all of it. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    // At an interrupt this runs while another thread may still be building.
    synchronized (slot) {
      Reaper.reap(slot);
      Slots.release(slot);
    }
    forgetAtExit();
  }

  private void build(int workers) {
    synchronized (slot) {
      refuseIfClosed();
      Network.createBridge(slot);
      Network.connect(slot, Slot.REGISTRY, slot.registryAddress());
      registry.start();
      for (var number = 1; number <= workers; number++) {
        hosts.add(createHost(number, workers));
      }
      hosts.forEach(LabHost::awaitEngine);
      registry.awaitReady();
    }
  }

  private void refuseIfClosed() {
    if (closed.get()) {
      throw new IllegalStateException("the lab was closed while it started");
    }
  }

  private LabHost createHost(int number, int workers) {
    refuseIfClosed();
    var name = "w" + number;
    var directory = slot.directory(name);
    var configuration = directory.resolve("etc");
    try {
      Files.createDirectories(configuration.resolve("docker"));
      Files.writeString(configuration.resolve("docker/daemon.json"), daemonConfiguration());
      Files.writeString(configuration.resolve("hosts"), hostsFile(workers));
      // Nobody listens there: a lookup is refused at once instead of waiting for an answer.
      Files.writeString(configuration.resolve("resolv.conf"), "nameserver 127.0.0.1\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Network.connect(slot, name, slot.hostAddress(number));
    return new LabHost(slot, name, slot.hostAddress(number));
  }

  /**
   * Engines replace a loopback name server by a public one in their containers, so containers get
   * an address of the lab that refuses.
   */
  private String daemonConfiguration() {
    return """
    {"insecure-registries": ["%s"], "registry-mirrors": ["http://%s"], "dns": ["%s"]}
    """
        .formatted(slot.subnet(), registry.address(), slot.registryAddress());
  }

  private String hostsFile(int workers) {
    return IntStream.rangeClosed(1, workers)
        .mapToObj(number -> "%s w%d\n".formatted(slot.hostAddress(number), number))
        .collect(Collectors.joining("", "127.0.0.1 localhost\n", ""));
  }

  private void forgetAtExit() {
    try {
      Runtime.getRuntime().removeShutdownHook(closeAtExit);
    } catch (IllegalStateException e) {
      // The process is ending: this is the hook, or it will find the lab closed.
    }
  }
}

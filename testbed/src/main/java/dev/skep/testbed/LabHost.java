package dev.skep.testbed;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One machine of the lab, as far as the programs on it can tell: its engine, its faults. */
public final class LabHost {

  /** The newest version that the oldest engine we test with (20.10) speaks. */
  private static final String API_VERSION = "1.41";

  private static final int EXEC_LIMIT_SECONDS = 60;

  /** Seen from the host. */
  public enum Direction {
    INBOUND("PREROUTING", "-i"),
    OUTBOUND("POSTROUTING", "-o");

    private final String chain;
    private final String interfaceOption;

    Direction(String chain, String interfaceOption) {
      this.chain = chain;
      this.interfaceOption = interfaceOption;
    }
  }

  private final Slot slot;
  private final String name;
  private final String address;
  private volatile Machine machine;
  private volatile Engine engine;

  /** Switches the host on; its cable and the files of its directory are there. */
  LabHost(Slot slot, String name, String address) {
    this.slot = slot;
    this.name = name;
    this.address = address;
    this.machine = Machine.powerOn(slot, name);
    this.engine = Engine.start(machine, slot.cgroup(name));
  }

  public String name() {
    return name;
  }

  public String address() {
    return address;
  }

  /**
   * The engine's socket as the machine sees it. On the host, {@code /run/docker.sock} is another.
   */
  public String socket() {
    return "unix://" + directory().resolve("docker.sock");
  }

  /** The engine's data root. */
  public Path dataDirectory() {
    return directory().resolve("data");
  }

  /** Where the host's logs are; a test may put the files of its own processes here. */
  public Path directory() {
    return slot.directory(name);
  }

  /** A client of the host's engine, to be closed by the caller. */
  public DockerClient docker() {
    var config =
        DefaultDockerClientConfig.createDefaultConfigBuilder()
            .withDockerHost(socket())
            .withDockerTlsVerify(false)
            .withApiVersion(API_VERSION)
            .build();
    var transport =
        new ZerodepDockerHttpClient.Builder().dockerHost(config.getDockerHost()).build();
    return DockerClientImpl.getInstance(config, transport);
  }

  /** Starts a process on this host. It ends with the lab, at the latest. */
  public HostProcess spawn(ProcessSpec spec) {
    return machine.spawn(spec);
  }

  /** Runs a command on this host to its end, for at most a minute. */
  public ExecResult exec(String... command) {
    var limited =
        new ArrayList<>(List.of("timeout", "-k", "1", Integer.toString(EXEC_LIMIT_SECONDS)));
    limited.addAll(List.of(command));
    return machine.exec(limited);
  }

  /** Pulls the host's cable. */
  public void cut() {
    Shell.must("ip link set %s down".formatted(slot.namespace(name)));
  }

  /**
   * Loses a share of the packets of one direction: 1 is a link that works only the other way. The
   * kernels we run on do not all have netem, so there is loss, but no delay.
   */
  public void lose(double share, Direction direction) {
    if (share < 0 || share > 1) {
      throw new IllegalArgumentException("share: %s, expected 0 to 1".formatted(share));
    }
    Shell.must(
        "ip netns exec %s iptables -w -t mangle -A %s %s eth0 -m statistic --mode random --probability %.4f -j DROP"
            .formatted(slot.namespace(name), direction.chain, direction.interfaceOption, share));
  }

  /** Ends all faults of the link. */
  public void heal() {
    for (var direction : Direction.values()) {
      Shell.must(
          "ip netns exec %s iptables -w -t mangle -F %s"
              .formatted(slot.namespace(name), direction.chain));
    }
    Shell.must("ip link set %s up".formatted(slot.namespace(name)));
  }

  /** Kills the engine's daemon; containers go on without it until it is started again. */
  public void killEngine() {
    engine.daemon().kill();
  }

  /** Stops the engine the way an administrator does; its containers stop too. */
  public void stopEngine() {
    engine.daemon().stop();
  }

  public void startEngine() {
    if (engine.daemon().isAlive()) {
      throw new IllegalStateException("the engine of %s runs already".formatted(name));
    }
    engine = Engine.start(machine, slot.cgroup(name));
    engine.awaitReady();
  }

  /** Freezes the daemon: its socket accepts, nobody answers. */
  public void pauseEngine() {
    engine.daemon().signal("STOP");
  }

  public void resumeEngine() {
    engine.daemon().signal("CONT");
  }

  /** Ends everything on the host at once, containers included, as a power failure does. */
  public void powerOff() {
    Reaper.powerOff(slot, name);
  }

  /** Switches the host on again, and starts its engine; the disk is what it was. */
  public void powerOn() {
    if (!Reaper.pids(List.of(slot.namespace(name))).isEmpty()) {
      throw new IllegalStateException("%s is on already".formatted(name));
    }
    machine = Machine.powerOn(slot, name);
    engine = Engine.start(machine, slot.cgroup(name));
    engine.awaitReady();
  }

  void awaitEngine() {
    engine.awaitReady();
  }
}

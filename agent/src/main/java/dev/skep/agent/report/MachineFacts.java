package dev.skep.agent.report;

import dev.skep.agent.v1.Facts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads what this machine is. A fact that cannot be read stays empty. */
public final class MachineFacts {
  private static final Path ENGINE_DATA = Path.of("/var/lib/docker");

  private final String advertiseAddress;
  private final String agentVersion;

  public MachineFacts(String advertiseAddress, String agentVersion) {
    this.advertiseAddress = advertiseAddress;
    this.agentVersion = agentVersion;
  }

  /** The facts now; the engine's are empty while it does not answer. */
  public Facts read(String engineVersion, String engineApi) {
    var facts =
        Facts.newBuilder()
            .setHostname(hostname())
            .setAdvertiseAddress(advertiseAddress)
            .setOs(osName())
            .setKernel(line("/proc/sys/kernel/osrelease"))
            .setArchitecture(architecture(System.getProperty("os.arch", "")))
            .setCpuMillis(Runtime.getRuntime().availableProcessors() * 1000L)
            .setMemoryBytes(memoryBytes())
            .setEngineVersion(engineVersion)
            .setEngineApiVersion(engineApi)
            .setAgentVersion(agentVersion)
            .setIpvs(Files.exists(Path.of("/proc/net/ip_vs")))
            .setBootId(line("/proc/sys/kernel/random/boot_id"));
    addDisk(facts);
    return facts.build();
  }

  /** Rounded down, so that a byte that is written is not news. */
  private static void addDisk(Facts.Builder facts) {
    try {
      FileStore store = Files.getFileStore(engineData());
      facts.setDiskBytes(store.getTotalSpace());
      facts.setDiskFreeBytes(store.getUsableSpace() >> 30 << 30);
    } catch (IOException e) {
      facts.clearDiskBytes();
    }
  }

  /** A directory on the filesystem that holds the engine's data. */
  static Path engineData() {
    return Files.exists(ENGINE_DATA) ? ENGINE_DATA : Path.of("/");
  }

  /**
   * Whether the control plane has to hear of it: anything but free disk, and of free disk a change
   * of more than 1 % of the disk.
   */
  public static boolean differ(Facts told, Facts now) {
    long change = Math.abs(told.getDiskFreeBytes() - now.getDiskFreeBytes());
    return change > now.getDiskBytes() / 100
        || !told.equals(now.toBuilder().setDiskFreeBytes(told.getDiskFreeBytes()).build());
  }

  /** Name of this machine. */
  public static String hostname() {
    String name = line("/proc/sys/kernel/hostname");
    return name.isEmpty() ? "worker" : name;
  }

  /** Address of the interface that the default route leaves by. */
  public static Optional<String> defaultRouteAddress() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/net/route"))) {
      return lines
          .map(l -> l.split("\\s+", -1))
          .filter(f -> f.length > 7 && f[1].equals("00000000") && f[7].equals("00000000"))
          .map(f -> f[0])
          .flatMap(name -> addresses(name).stream())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> addresses(String networkInterface) {
    try {
      var found = java.net.NetworkInterface.getByName(networkInterface);
      return found == null
          ? Optional.empty()
          : found
              .inetAddresses()
              .filter(java.net.Inet4Address.class::isInstance)
              .map(InetAddress::getHostAddress)
              .findFirst();
    } catch (java.net.SocketException e) {
      return Optional.empty();
    }
  }

  /** Whether a name or address is a real one. */
  public static boolean resolves(String host) {
    try {
      return InetAddress.getByName(host) != null;
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static String osName() {
    return lines("/etc/os-release")
        .filter(l -> l.startsWith("PRETTY_NAME="))
        .map(l -> l.substring("PRETTY_NAME=".length()).replace("\"", ""))
        .findFirst()
        .orElse("");
  }

  private static long memoryBytes() {
    return lines("/proc/meminfo")
        .filter(l -> l.startsWith("MemTotal:"))
        .map(l -> Long.parseLong(l.replaceAll("[^0-9]", "")) * 1024)
        .findFirst()
        .orElse(0L);
  }

  private static String architecture(String jdkName) {
    return switch (jdkName.toLowerCase(Locale.ROOT)) {
      case "x86_64", "amd64" -> "amd64";
      case "aarch64", "arm64" -> "arm64";
      default -> jdkName;
    };
  }

  private static String line(String path) {
    return lines(path).findFirst().orElse("").strip();
  }

  private static Stream<String> lines(String path) {
    try {
      return Files.readAllLines(Path.of(path)).stream();
    } catch (IOException e) {
      return Stream.empty();
    }
  }
}

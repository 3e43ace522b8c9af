package dev.skep.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Says before the start, in full, what this machine lacks. */
final class Preflight {

  /** Each program with the Debian package it is in. */
  private static final Map<String, String> PROGRAMS = new LinkedHashMap<>();

  static {
    PROGRAMS.put("dockerd", "docker.io");
    PROGRAMS.put("containerd", "containerd");
    PROGRAMS.put("docker-registry", "docker-registry");
    PROGRAMS.put("busybox", "busybox-static");
    PROGRAMS.put("ip", "iproute2");
    PROGRAMS.put("iptables", "iptables");
    PROGRAMS.put("nsenter", "util-linux");
    PROGRAMS.put("unshare", "util-linux");
  }

  private Preflight() {}

  static void check() {
    var problems = new ArrayList<String>();
    if (!runsAsRoot()) {
      problems.add("it has to run as root (sudo), because it makes network namespaces");
    }
    var missing = PROGRAMS.keySet().stream().filter(program -> !installed(program)).toList();
    if (!missing.isEmpty()) {
      problems.add("missing: " + String.join(", ", missing) + "; install with: " + apt(missing));
    }
    if (installed("busybox") && Shell.run("ldd", TestImages.BUSYBOX.toString()).succeeded()) {
      problems.add("busybox is linked dynamically; install with: " + apt(List.of("busybox")));
    }
    if (!problems.isEmpty()) {
      throw new IllegalStateException(
          "The lab cannot start on this machine: " + String.join("; ", problems));
    }
  }

  private static boolean runsAsRoot() {
    try {
      return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String apt(List<String> programs) {
    var packages = new TreeSet<String>();
    programs.forEach(program -> packages.add(PROGRAMS.getOrDefault(program, program)));
    return "apt-get install -y " + String.join(" ", packages);
  }

  private static boolean installed(String program) {
    var path = Shell.ENVIRONMENT.getOrDefault("PATH", "");
    return Arrays.stream(path.split(":", -1))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }
}

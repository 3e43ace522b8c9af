package dev.skep.controlplane.workload;

import dev.skep.controlplane.kernel.FieldViolation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What volumes of a service may look like. */
public final class VolumeRules {
  static final int MAX_VOLUMES = 20;
  private static final int MAX_PATH = 255;
  private static final Pattern NAME = Pattern.compile("[a-z]([a-z0-9-]{0,38}[a-z0-9])?");
  private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9._@%+=:~-]+)+");

  /** What belongs to the engine or to us; nothing may cover it, nor stand below it. */
  private static final List<String> RESERVED =
      List.of("/proc", "/sys", "/dev", "/run/secrets", "/var/run/secrets", "/.skep");

  private VolumeRules() {}

  /** Breaches of the rules for each volume. */
  static List<FieldViolation> volumes(List<VolumeMount> volumes) {
    List<FieldViolation> wrong = new ArrayList<>();
    if (volumes.size() > MAX_VOLUMES) {
      wrong.add(
          new FieldViolation(
              "spec.volumes", "has " + volumes.size() + " volumes; at most " + MAX_VOLUMES));
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < volumes.size(); i++) {
      VolumeMount volume = volumes.get(i);
      String field = "spec.volumes[" + i + "]";
      if (!NAME.matcher(volume.name()).matches()) {
        wrong.add(
            new FieldViolation(
                field + ".name",
                SpecRules.quoted(volume.name())
                    + " is not a valid name; use 1 to 40 lower-case letters, digits and hyphens,"
                    + " starting with a letter and not ending with a hyphen"));
      } else if (!seen.add(volume.name())) {
        wrong.add(new FieldViolation(field + ".name", volume.name() + " is listed twice"));
      }
      path(field + ".path", volume.path(), seen, wrong);
    }
    return wrong;
  }

  private static void path(
      String field, String path, Set<String> seen, List<FieldViolation> wrong) {
    if (!normalized(path)) {
      wrong.add(
          new FieldViolation(
              field,
              SpecRules.quoted(path)
                  + " is not an absolute, normalized path; write it like /var/lib/data"));
    } else if (reserved(path)) {
      wrong.add(
          new FieldViolation(
              field, path + " belongs to the system; choose a directory of your program"));
    } else if (!seen.add(path)) {
      wrong.add(new FieldViolation(field, path + " is listed twice"));
    }
  }

  static boolean normalized(String path) {
    return path.length() <= MAX_PATH
        && PATH.matcher(path).matches()
        && !(path + "/").contains("/../")
        && !(path + "/").contains("/./");
  }

  /** Also a directory that such a one is in: it would be covered. */
  static boolean reserved(String path) {
    return RESERVED.stream()
        .anyMatch(r -> path.equals(r) || path.startsWith(r + "/") || r.startsWith(path + "/"));
  }

  /** A volume has one writer. */
  public static List<FieldViolation> replicas(String field, int replicas, ServiceSpec spec) {
    return replicas <= 1 || spec.volumes().isEmpty()
        ? List.of()
        : List.of(
            new FieldViolation(
                field,
                replicas
                    + " replicas cannot share a volume: it has a single writer; use 1 replica, or"
                    + " remove the volume "
                    + spec.volumes().getFirst().name()));
  }
}

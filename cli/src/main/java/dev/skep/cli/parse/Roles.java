package dev.skep.cli.parse;

import dev.skep.cli.outcome.CliException;
import dev.skep.v1.WorkerRole;
import java.util.List;

/** Worker roles by the names that users know. */
public final class Roles {
  private Roles() {}

  public static List<WorkerRole> parse(List<String> names) {
    return names.stream().map(Roles::parse).toList();
  }

  private static WorkerRole parse(String name) {
    return switch (name.strip()) {
      case "manager" -> WorkerRole.WORKER_ROLE_MANAGER;
      case "run" -> WorkerRole.WORKER_ROLE_RUN;
      case "build" -> WorkerRole.WORKER_ROLE_BUILD;
      case "ingress" -> WorkerRole.WORKER_ROLE_INGRESS;
      default ->
          throw CliException.usage(
              "'" + name + "' is not a role", "roles are manager, run, build and ingress");
    };
  }
}

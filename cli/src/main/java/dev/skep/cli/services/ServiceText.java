package dev.skep.cli.services;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.format.Terminal;
import dev.skep.v1.HealthCheck;
import dev.skep.v1.Service;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collector;
import java.util.stream.Collectors;

/** Services as people read them. */
final class ServiceText {
  private ServiceText() {}

  static Table table(List<Service> services, Instant now) {
    var table = Table.of("NAME~", "STATE", "REPLICAS", "IMAGE~", "URL~", "AGE");
    services.forEach(
        s ->
            table.row(
                s.getName(),
                state(s),
                s.getStatus().getReplicasRunning() + "/" + s.getStatus().getReplicasWanted(),
                s.getSpec().getImage(),
                Humans.orNone(String.join(" ", s.getStatus().getUrlsList())),
                Humans.age(s.getCreateTime(), now)));
    return table;
  }

  /** What matters after a change: state, reason, addresses. */
  static String summary(Service service) {
    var status = service.getStatus();
    var text =
        new StringBuilder(service.getName() + " is " + state(service))
            .append(" (")
            .append(status.getReplicasRunning())
            .append(" of ")
            .append(status.getReplicasWanted())
            .append(" replicas)\n");
    if (!status.getReason().isEmpty()) {
      text.append("  ").append(Terminal.safe(status.getReason())).append('\n');
    }
    status.getUrlsList().forEach(url -> text.append("  ").append(Terminal.safe(url)).append('\n'));
    return text.toString();
  }

  static String details(Service service, Instant now, int width) {
    var spec = service.getSpec();
    var text = new StringBuilder();
    line(text, "Name", service.getName());
    line(text, "Id", service.getId());
    line(text, "State", state(service));
    line(text, "Reason", service.getStatus().getReason());
    line(text, "Image", spec.getImage());
    line(text, "Release", release(service));
    line(text, "Command", String.join(" ", spec.getCommandList()));
    line(text, "Arguments", String.join(" ", spec.getArgsList()));
    line(text, "Resources", resources(service));
    line(text, "Ports", spec.getPortsList().stream().map(Humans::port).collect(joining()));
    line(text, "Volumes", volumes(service));
    line(text, "Health", health(spec.getHealthCheck()));
    line(text, "Workers", Humans.pairs(spec.getWorkerLabelsMap()));
    line(text, "Constraints", String.join(", ", spec.getConstraintsList()));
    line(text, "Variables", spec.getEnvMap().keySet().stream().sorted().collect(joining()));
    line(text, "Secrets", secrets(service));
    line(text, "URLs", String.join(", ", service.getStatus().getUrlsList()));
    line(text, "Created", Humans.age(service.getCreateTime(), now) + " ago");
    return text + "\n" + replicas(service, now).render(width);
  }

  private static Table replicas(Service service, Instant now) {
    var table = Table.of("WORKER~", "STATE", "SINCE", "CONTAINER", "RELEASE", "MESSAGE~");
    service
        .getStatus()
        .getReplicasList()
        .forEach(
            r ->
                table.row(
                    r.getWorkerName(),
                    r.getState(),
                    Humans.age(r.getSince(), now),
                    Humans.orNone(
                        r.getContainerId().substring(0, Math.min(12, r.getContainerId().length()))),
                    Integer.toString(r.getReleaseNumber()),
                    Humans.orNone(r.getMessage())));
    return table;
  }

  static String state(Service service) {
    return Humans.word(service.getStatus().getState(), "SERVICE_STATE_");
  }

  private static String release(Service service) {
    var release = service.getStatus().getRelease();
    return release.getNumber() == 0 ? "" : release.getNumber() + " " + release.getImageDigest();
  }

  private static String resources(Service service) {
    var resources = service.getSpec().getResources();
    return Humans.cores(resources.getCpuMillis())
        + " cores, "
        + Humans.bytes(resources.getMemoryBytes())
        + " per replica";
  }

  private static String volumes(Service service) {
    return service.getSpec().getVolumesList().stream()
        .map(v -> v.getName() + " at " + v.getPath())
        .collect(joining());
  }

  private static String secrets(Service service) {
    return service.getSpec().getSecretsList().stream()
        .map(s -> s.getSecret() + " as " + (s.hasFile() ? s.getFile().getPath() : "$" + s.getEnv()))
        .collect(joining());
  }

  private static String health(HealthCheck check) {
    return switch (check.getKindCase()) {
      case HTTP -> "GET " + check.getHttp().getPath() + atPort(check.getHttp().getPort());
      case TCP -> "TCP connect" + atPort(check.getTcp().getPort());
      case COMMAND -> String.join(" ", check.getCommand().getArgvList());
      case KIND_NOT_SET -> "";
    };
  }

  private static String atPort(int port) {
    return port == 0 ? "" : " on port " + port;
  }

  private static Collector<CharSequence, ?, String> joining() {
    return Collectors.joining(", ");
  }

  private static void line(StringBuilder text, String name, String value) {
    if (!value.isEmpty() && !value.equals("-")) {
      text.append(name).append(" ".repeat(11 - name.length())).append(Terminal.safe(value));
      text.append('\n');
    }
  }
}

package dev.skep.cli.workers;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.format.Terminal;
import dev.skep.v1.Worker;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Workers as people read them. */
final class WorkerText {
  private WorkerText() {}

  static Table table(List<Worker> workers, Instant now) {
    var table = Table.of("NAME~", "STATE", "ROLES~", "REPLICAS", "CPU", "MEMORY", "SEEN");
    workers.forEach(
        w ->
            table.row(
                w.getName(),
                state(w),
                roles(w),
                Integer.toString(w.getReplicas()),
                cpu(w),
                memory(w),
                Humans.age(w.getLastHeartbeatTime(), now)));
    return table;
  }

  static String details(Worker worker, Instant now) {
    var facts = worker.getFacts();
    var text = new StringBuilder();
    line(text, "Name", worker.getName());
    line(text, "Id", worker.getId());
    line(text, "State", state(worker));
    line(text, "Reason", worker.getReason());
    line(text, "Drain", drain(worker, now));
    line(text, "Pressure", pressure(worker));
    line(text, "Roles", roles(worker));
    line(text, "Labels", Humans.pairs(worker.getLabelsMap()));
    line(text, "Taints", String.join(",", worker.getTaintsList()));
    line(text, "Replicas", Integer.toString(worker.getReplicas()));
    line(text, "CPU", cpu(worker) + " cores reserved");
    line(text, "Memory", memory(worker) + " reserved");
    line(text, "Usage", usage(worker));
    line(text, "Disk", Humans.bytes(facts.getDiskFreeBytes()) + " free of " + disk(worker));
    line(text, "Address", facts.getAdvertiseAddress());
    line(text, "Host", facts.getHostname());
    line(text, "System", facts.getOs() + ", " + facts.getKernel() + ", " + facts.getArchitecture());
    line(text, "Engine", facts.getEngineVersion() + " (API " + facts.getEngineApiVersion() + ")");
    line(text, "Agent", facts.getAgentVersion());
    line(text, "Certificate", worker.getCertificateRenewing() ? "is being renewed" : "");
    line(text, "Swarm node", facts.getSwarmNodeId());
    line(text, "Swarm says", worker.getSwarmState());
    line(text, "Joined", Humans.age(worker.getCreateTime(), now) + " ago");
    line(text, "Heartbeat", Humans.age(worker.getLastHeartbeatTime(), now) + " ago");
    line(
        text,
        worker.getConnected() ? "Connected" : "Gone",
        "for " + Humans.age(worker.getConnectedChangeTime(), now));
    return text.toString();
  }

  /** For a table: what an operator or the machine itself keeps it from is part of the state. */
  private static String state(Worker worker) {
    var state = Humans.word(worker.getState(), "WORKER_STATE_");
    var words = new ArrayList<String>();
    words.add(state);
    switch (worker.getAvailability()) {
      case WORKER_AVAILABILITY_CORDONED -> words.add("cordoned");
      case WORKER_AVAILABILITY_DRAINING -> {
        if (!state.startsWith("drain")) {
          words.add("draining");
        }
      }
      default -> {}
    }
    var pressure = pressure(worker);
    if (!pressure.isEmpty()) {
      words.add("no " + pressure);
    }
    return String.join(", ", words);
  }

  static String replicas(int count) {
    return count + (count == 1 ? " replica" : " replicas");
  }

  private static String drain(Worker worker, Instant now) {
    if (!worker.hasDrainDeadline()) {
      return "";
    }
    var deadline = Instant.ofEpochSecond(worker.getDrainDeadline().getSeconds());
    var left =
        deadline.isAfter(now)
            ? "until in " + Humans.span(Duration.between(now, deadline))
            : "deadline passed";
    return left + (worker.getDrainForce() ? ", then the rest is taken down" : "");
  }

  private static String pressure(Worker worker) {
    return worker.getPressureList().stream()
        .map(p -> Humans.word(p, "WORKER_PRESSURE_"))
        .collect(Collectors.joining(","));
  }

  private static String usage(Worker worker) {
    var usage = worker.getUsage();
    var parts = new ArrayList<String>();
    if (usage.hasCpuPercent()) {
      parts.add("CPU " + percent(usage.getCpuPercent()));
    }
    if (usage.hasMemoryPercent()) {
      parts.add("memory " + percent(usage.getMemoryPercent()));
    }
    if (usage.hasDiskPercent()) {
      parts.add("disk " + percent(usage.getDiskPercent()));
    }
    return String.join(", ", parts);
  }

  private static String percent(float share) {
    return Math.round(share) + " %";
  }

  private static String roles(Worker worker) {
    return Humans.orNone(
        worker.getRolesList().stream()
            .map(role -> Humans.word(role, "WORKER_ROLE_"))
            .collect(Collectors.joining(",")));
  }

  private static String cpu(Worker worker) {
    return Humans.cores(worker.getReservedCpuMillis())
        + "/"
        + Humans.cores(worker.getFacts().getCpuMillis());
  }

  private static String memory(Worker worker) {
    return Humans.bytes(worker.getReservedMemoryBytes())
        + "/"
        + Humans.bytes(worker.getFacts().getMemoryBytes());
  }

  private static String disk(Worker worker) {
    return Humans.bytes(worker.getFacts().getDiskBytes());
  }

  private static void line(StringBuilder text, String name, String value) {
    if (!value.isEmpty() && !value.equals("-")) {
      text.append(name).append(" ".repeat(13 - name.length())).append(Terminal.safe(value));
      text.append('\n');
    }
  }
}

package dev.skep.cli.workers;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.format.Terminal;
import dev.skep.v1.Worker;
import java.time.Instant;
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
    line(text, "Roles", roles(worker));
    line(text, "Labels", Humans.pairs(worker.getLabelsMap()));
    line(text, "Replicas", Integer.toString(worker.getReplicas()));
    line(text, "CPU", cpu(worker) + " cores reserved");
    line(text, "Memory", memory(worker) + " reserved");
    line(text, "Disk", Humans.bytes(facts.getDiskFreeBytes()) + " free of " + disk(worker));
    line(text, "Address", facts.getAdvertiseAddress());
    line(text, "Host", facts.getHostname());
    line(text, "System", facts.getOs() + ", " + facts.getKernel() + ", " + facts.getArchitecture());
    line(text, "Engine", facts.getEngineVersion() + " (API " + facts.getEngineApiVersion() + ")");
    line(text, "Agent", facts.getAgentVersion());
    line(text, "Swarm node", facts.getSwarmNodeId());
    line(text, "Joined", Humans.age(worker.getCreateTime(), now) + " ago");
    line(text, "Heartbeat", Humans.age(worker.getLastHeartbeatTime(), now) + " ago");
    return text.toString();
  }

  private static String state(Worker worker) {
    return Humans.word(worker.getState(), "WORKER_STATE_");
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
      text.append(name).append(" ".repeat(12 - name.length())).append(Terminal.safe(value));
      text.append('\n');
    }
  }
}

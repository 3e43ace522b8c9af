package dev.skep.cli.billing;

import dev.skep.cli.parse.Cpu;
import dev.skep.cli.parse.Memory;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.EstimateCostRequest;
import dev.skep.v1.EstimateCostResponse;
import dev.skep.v1.Resources;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Says what something would cost. */
@Command(name = "estimate", description = "Say what a service would cost, at the prices of now.")
final class EstimateCommand extends SessionCommand {
  @Option(names = "--replicas", paramLabel = "N", defaultValue = "1", description = "How many (1).")
  int replicas = 1;

  @Option(names = "--cpu", paramLabel = "CORES", description = "Of each: 0.5, 500m (250m).")
  @Nullable String cpu;

  @Option(names = "--memory", paramLabel = "SIZE", description = "Of each: 512MiB (256MiB).")
  @Nullable String memory;

  @Option(names = "--storage", paramLabel = "SIZE", description = "Volumes, 10 GiB each (none).")
  @Nullable String storage;

  EstimateCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var resources = Resources.newBuilder();
    if (cpu != null) {
      resources.setCpuMillis(Cpu.parseMillis(cpu));
    }
    if (memory != null) {
      resources.setMemoryBytes(Memory.parse(memory));
    }
    var request =
        EstimateCostRequest.newBuilder()
            .setReplicas(replicas)
            .setResources(resources)
            .setStorageBytes(storage == null ? 0 : Memory.parse(storage))
            .build();
    var response = session.call(() -> session.controlPlane().billing().estimateCost(request));
    session.answer(response, () -> text(response));
  }

  private static String text(EstimateCostResponse response) {
    var currency = response.getCurrency();
    return """
        %s an hour
        %s a day
        %s a month of 730 hours
        The wallet %s its first hour.
        """
        .formatted(
            MoneyText.exact(response.getHourlyMicros(), currency),
            MoneyText.exact(response.getDailyMicros(), currency),
            MoneyText.exact(response.getMonthlyMicros(), currency),
            response.getAffordable() ? "carries" : "does not carry");
  }
}

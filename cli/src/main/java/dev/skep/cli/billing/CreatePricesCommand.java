package dev.skep.cli.billing;

import com.google.protobuf.Timestamp;
import dev.skep.cli.outcome.CliException;
import dev.skep.cli.parse.Amounts;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.CreatePriceListRequest;
import dev.skep.v1.PriceList;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes a price list. */
@Command(
    name = "create",
    description =
        "Make a price list; it holds until the next one of its currency begins (platform admins).")
final class CreatePricesCommand extends SessionCommand {
  @Option(names = "--currency", required = true, paramLabel = "CODE", description = "EUR, USD …")
  String currency = "";

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description = "A full hour like 2031-01-31T12:00:00Z (the next one).")
  @Nullable String from;

  @Option(
      names = "--replica",
      paramLabel = "AMOUNT",
      defaultValue = "0",
      description = "Of a replica, an hour (0).")
  String replica = "0";

  @Option(
      names = "--vcpu",
      paramLabel = "AMOUNT",
      defaultValue = "0",
      description = "Of a vCPU, an hour (0).")
  String vcpu = "0";

  @Option(
      names = "--memory",
      paramLabel = "AMOUNT",
      defaultValue = "0",
      description = "Of a GiB of memory, an hour (0).")
  String memory = "0";

  @Option(
      names = "--storage",
      paramLabel = "AMOUNT",
      defaultValue = "0",
      description = "Of a GiB of volumes, an hour (0).")
  String storage = "0";

  @Option(
      names = "--egress",
      paramLabel = "AMOUNT",
      defaultValue = "0",
      description = "Of a GiB that containers send (0).")
  String egress = "0";

  @Option(
      names = "--build-minute",
      paramLabel = "AMOUNT",
      defaultValue = "0",
      description = "Of a minute of a build (0).")
  String build = "0";

  @Option(
      names = "--minimum-seconds",
      paramLabel = "N",
      defaultValue = "60",
      description = "Replica-seconds that a service pays for at least in an hour (60).")
  int minimum = 60;

  CreatePricesCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var list =
        PriceList.newBuilder()
            .setCurrency(currency)
            .setStartTime(Timestamp.newBuilder().setSeconds(start().getEpochSecond()))
            .setMinimumSeconds(minimum)
            .setReplicaHourMicros(Amounts.micros(replica))
            .setVcpuHourMicros(Amounts.micros(vcpu))
            .setMemoryGibHourMicros(Amounts.micros(memory))
            .setStorageGibHourMicros(Amounts.micros(storage))
            .setEgressGibMicros(Amounts.micros(egress))
            .setBuildMinuteMicros(Amounts.micros(build));
    var request = CreatePriceListRequest.newBuilder().setPriceList(list).build();
    var response = session.call(() -> session.controlPlane().billing().createPriceList(request));
    session.answerTable(response, () -> MoneyText.prices(List.of(response.getPriceList())));
  }

  private Instant start() {
    if (from == null) {
      return session.clock().instant().truncatedTo(ChronoUnit.HOURS).plus(1, ChronoUnit.HOURS);
    }
    try {
      return Instant.parse(from);
    } catch (DateTimeParseException e) {
      throw CliException.usage(
          "'" + from + "' is not a time", "write it like 2031-01-31T12:00:00Z");
    }
  }
}

package dev.skep.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Measurements from a shell. */
@Command(
    name = "bench",
    description = "Measures the platform beside what it stands on.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DeployCommand.class,
      SchedulerCommand.class,
      FailureCommand.class,
      ApiCommand.class,
      BillingCommand.class,
      FootprintCommand.class,
      CliStartCommand.class
    })
public final class BenchCommand {
  private BenchCommand() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new BenchCommand()).execute(arguments));
  }
}

package dev.skep.testbed;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The lab from a shell. */
@Command(
    name = "lab",
    description = "Hosts with a Docker engine each, and a registry, on this machine alone.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
public final class LabCommand {

  private static final int DEFAULT_WORKERS = 3;

  @Spec private @Nullable CommandSpec spec;

  private LabCommand() {}

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new LabCommand()).setExecutionExceptionHandler(LabCommand::explain);
  }

  @Command(
      mixinStandardHelpOptions = true,
      description = "Start a lab that stays until 'down'; one that is up is shown instead.")
  int up(
      @Option(
              names = "--workers",
              paramLabel = "N",
              description = "number of hosts (default: " + DEFAULT_WORKERS + ")")
          @Nullable Integer workers,
      @Option(names = "--another", description = "start one more lab beside those that are up")
          boolean another) {
    Preflight.check();
    var running = another ? List.<Slot>of() : labs(LabOptions.Lifetime.UNTIL_DOWN);
    if (running.isEmpty()) {
      var count = workers == null ? DEFAULT_WORKERS : workers;
      var lab = Lab.start(LabOptions.workers(count).untilDown());
      show(new Slot(lab.index()));
      return 0;
    }
    var first = running.getFirst();
    show(first);
    if (workers != null && workers != workersOf(first)) {
      err()
          .printf(
              "Lab %d is up with %d workers, not %d. Take it down first, or use --another.%n",
              first.index(), workersOf(first), workers);
      return 1;
    }
    return 0;
  }

  @Command(
      mixinStandardHelpOptions = true,
      description = "Remove the labs that 'up' has started, and what dead processes left.")
  int down(
      @Parameters(
              paramLabel = "LAB",
              arity = "0..*",
              description = "numbers of labs, as 'status' shows them (default: all that stay)")
          @Nullable List<Integer> numbers,
      @Option(names = "--all", description = "also labs that a running process (a test) uses")
          boolean all) {
    Preflight.check();
    Slots.reapStale();
    var candidates = all || numbers != null ? Slots.taken() : labs(LabOptions.Lifetime.UNTIL_DOWN);
    var doomed =
        candidates.stream()
            .filter(slot -> numbers == null || numbers.contains(slot.index()))
            .toList();
    for (var slot : doomed) {
      Reaper.reap(slot);
      Slots.release(slot);
      out().printf("Lab %d is down.%n", slot.index());
    }
    if (doomed.isEmpty()) {
      out().println("No such lab is up.");
    }
    return 0;
  }

  @Command(mixinStandardHelpOptions = true, description = "Show the labs of this machine.")
  int status() {
    var labs = Slots.taken();
    labs.forEach(this::show);
    if (labs.isEmpty()) {
      out().println("No lab is up. Start one with: lab up --workers " + DEFAULT_WORKERS);
    }
    return 0;
  }

  private static List<Slot> labs(LabOptions.Lifetime lifetime) {
    return Slots.taken().stream()
        .filter(
            slot ->
                Owner.read(slot)
                    .filter(Owner::alive)
                    .filter(owner -> owner.options().lifetime() == lifetime)
                    .isPresent())
        .toList();
  }

  private static int workersOf(Slot slot) {
    return Owner.read(slot).map(owner -> owner.options().workers()).orElse(0);
  }

  private void show(Slot slot) {
    out()
        .printf(
            "Lab %d (%s)%n",
            slot.index(), Owner.read(slot).map(Owner::describe).orElse("left behind"));
    for (var number = 1; number <= workersOf(slot); number++) {
      var directory = slot.directory("w" + number);
      out()
          .printf(
              "  w%-3d %-13s  DOCKER_HOST=unix://%s/docker.sock  shell: nsenter -t %s -m -u -n -p%n",
              number, slot.hostAddress(number), directory, firstProcess(directory));
    }
    out().printf("  registry          %s:5000 (plain HTTP)%n", slot.registryAddress());
    out().printf("  this machine      %s%n", slot.gateway());
    out().printf("  logs              %s/*/*.log%n", slot.directory());
    out()
        .printf(
            "Next: DOCKER_HOST=unix://%s/docker.sock docker info; to end: lab down%n",
            slot.directory("w1"));
    out().flush();
  }

  private static String firstProcess(Path directory) {
    try {
      return Files.readString(directory.resolve("init.pid"));
    } catch (IOException e) {
      return "(off)";
    }
  }

  private static int explain(Exception e, CommandLine line, CommandLine.ParseResult parsed) {
    line.getErr().println(e.getMessage() == null ? e.toString() : e.getMessage());
    line.getErr().flush();
    return 1;
  }

  private PrintWriter out() {
    return commandLineOf().getOut();
  }

  private PrintWriter err() {
    return commandLineOf().getErr();
  }

  private CommandLine commandLineOf() {
    if (spec == null) {
      throw new IllegalStateException("picocli sets the specification before it runs a command");
    }
    return spec.commandLine();
  }
}

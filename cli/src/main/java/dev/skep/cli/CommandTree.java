package dev.skep.cli;

import dev.skep.cli.access.CompletionCommand;
import dev.skep.cli.access.ContextCommand;
import dev.skep.cli.access.LoginCommand;
import dev.skep.cli.access.VersionCommand;
import dev.skep.cli.clusters.ClusterCommand;
import dev.skep.cli.notifications.NotificationsCommand;
import dev.skep.cli.services.DeploymentsCommand;
import dev.skep.cli.services.EventsCommand;
import dev.skep.cli.services.ServicesCommand;
import dev.skep.cli.session.GlobalOptions;
import dev.skep.cli.session.Session;
import dev.skep.cli.workers.WorkersCommand;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Every command. Reading its annotations costs time, so verbs are added for the noun in use. */
final class CommandTree {
  private final Session session;

  CommandTree(Session session) {
    this.session = session;
  }

  /** The commands that these arguments can mean. */
  CommandLine forArguments(String[] args) {
    return build(Set.copyOf(List.of(args).stream().distinct().toList()), false);
  }

  /** All commands, for completion. */
  CommandLine everything() {
    return build(Set.of(), true);
  }

  private CommandLine build(Set<String> words, boolean all) {
    var services = new CommandLine(new ServicesCommand());
    var deployments = new CommandLine(new DeploymentsCommand());
    var workers = new CommandLine(new WorkersCommand());
    if (all || isNamed(services, words)) {
      ServicesCommand.with(services, session);
    }
    if (all || isNamed(deployments, words)) {
      DeploymentsCommand.with(deployments, session);
    }
    var cluster = new CommandLine(new ClusterCommand());
    if (all || isNamed(cluster, words)) {
      ClusterCommand.with(cluster, session);
    }
    var notifications = new CommandLine(new NotificationsCommand());
    if (all || isNamed(notifications, words)) {
      NotificationsCommand.with(notifications, session);
    }
    if (all || isNamed(workers, words)) {
      WorkersCommand.with(workers, session);
    }
    return new CommandLine(new Root(session.options()))
        .addSubcommand(new LoginCommand(session))
        .addSubcommand(new ContextCommand(session))
        .addSubcommand(services)
        .addSubcommand(deployments)
        .addSubcommand(new EventsCommand(session))
        .addSubcommand(workers)
        .addSubcommand(cluster)
        .addSubcommand(notifications)
        .addSubcommand(new VersionCommand(session))
        .addSubcommand(new CompletionCommand(session, this::everything))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpWidth(Math.min(session.width(), 100))
        .setAbbreviatedOptionsAllowed(false);
  }

  private static boolean isNamed(CommandLine noun, Set<String> words) {
    var spec = noun.getCommandSpec();
    return words.contains(spec.name())
        || List.of(spec.aliases()).stream().anyMatch(words::contains);
  }

  /** The program itself; without a noun it shows what there is. */
  @Command(
      name = "skep",
      description = "Runs containers on your own machines.",
      synopsisSubcommandLabel = "COMMAND")
  static final class Root {
    @Mixin final GlobalOptions options;

    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        scope = ScopeType.INHERIT,
        description = "Show this help.")
    boolean help;

    Root(GlobalOptions options) {
      this.options = options;
    }
  }
}

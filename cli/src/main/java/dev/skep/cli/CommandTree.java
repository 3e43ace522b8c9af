package dev.skep.cli;

import dev.skep.cli.access.AcceptCommand;
import dev.skep.cli.access.CompletionCommand;
import dev.skep.cli.access.ConfirmCommand;
import dev.skep.cli.access.ContextCommand;
import dev.skep.cli.access.IdentitiesCommand;
import dev.skep.cli.access.LoginCommand;
import dev.skep.cli.access.LogoutCommand;
import dev.skep.cli.access.PasswdCommand;
import dev.skep.cli.access.SessionsCommand;
import dev.skep.cli.access.TotpCommand;
import dev.skep.cli.access.VersionCommand;
import dev.skep.cli.audit.AuditCommand;
import dev.skep.cli.billing.BillingCommand;
import dev.skep.cli.clusters.ClusterCommand;
import dev.skep.cli.notifications.NotificationsCommand;
import dev.skep.cli.people.GrantsCommand;
import dev.skep.cli.people.InvitationsCommand;
import dev.skep.cli.people.MembersCommand;
import dev.skep.cli.people.OrgsCommand;
import dev.skep.cli.people.RolesCommand;
import dev.skep.cli.people.TokensCommand;
import dev.skep.cli.people.UsersCommand;
import dev.skep.cli.quotas.QuotasCommand;
import dev.skep.cli.secrets.SecretsCommand;
import dev.skep.cli.services.DeploymentsCommand;
import dev.skep.cli.services.EventsCommand;
import dev.skep.cli.services.ServicesCommand;
import dev.skep.cli.session.GlobalOptions;
import dev.skep.cli.session.Session;
import dev.skep.cli.templates.TemplatesCommand;
import dev.skep.cli.volumes.VolumesCommand;
import dev.skep.cli.workers.WorkersCommand;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;
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
    var words = Set.copyOf(List.of(args).stream().distinct().toList());
    return build(noun -> isNamed(noun, words));
  }

  /** All commands, for completion. */
  CommandLine everything() {
    return build(noun -> true);
  }

  private CommandLine build(Predicate<CommandLine> inUse) {
    return new CommandLine(new Root(session.options()))
        .addSubcommand(new LoginCommand(session))
        .addSubcommand(new LogoutCommand(session))
        .addSubcommand(new PasswdCommand(session))
        .addSubcommand(new SessionsCommand(session))
        .addSubcommand(new IdentitiesCommand(session))
        .addSubcommand(new TotpCommand(session))
        .addSubcommand(new ConfirmCommand(session))
        .addSubcommand(new AcceptCommand(session))
        .addSubcommand(new InvitationsCommand(session))
        .addSubcommand(new ContextCommand(session))
        .addSubcommand(noun(new ServicesCommand(), CommandTree::services, inUse))
        .addSubcommand(noun(new DeploymentsCommand(), DeploymentsCommand::with, inUse))
        .addSubcommand(new EventsCommand(session))
        .addSubcommand(noun(new VolumesCommand(), VolumesCommand::with, inUse))
        .addSubcommand(noun(new SecretsCommand(), SecretsCommand::with, inUse))
        .addSubcommand(noun(new TemplatesCommand(), TemplatesCommand::with, inUse))
        .addSubcommand(noun(new WorkersCommand(), WorkersCommand::with, inUse))
        .addSubcommand(noun(new ClusterCommand(), ClusterCommand::with, inUse))
        .addSubcommand(noun(new OrgsCommand(), OrgsCommand::with, inUse))
        .addSubcommand(noun(new MembersCommand(), MembersCommand::with, inUse))
        .addSubcommand(noun(new UsersCommand(), UsersCommand::with, inUse))
        .addSubcommand(noun(new RolesCommand(), RolesCommand::with, inUse))
        .addSubcommand(noun(new TokensCommand(), TokensCommand::with, inUse))
        .addSubcommand(noun(new QuotasCommand(session), QuotasCommand::with, inUse))
        .addSubcommand(noun(new BillingCommand(session), BillingCommand::with, inUse))
        .addSubcommand(noun(new AuditCommand(), AuditCommand::with, inUse))
        .addSubcommand(noun(new NotificationsCommand(), NotificationsCommand::with, inUse))
        .addSubcommand(new VersionCommand(session))
        .addSubcommand(new CompletionCommand(session, this::everything))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpWidth(Math.min(session.width(), 100))
        .setAbbreviatedOptionsAllowed(false);
  }

  /** Grants are what people have, on services. */
  private static CommandLine services(CommandLine noun, Session session) {
    return ServicesCommand.with(noun, session).addSubcommand(GrantsCommand.with(session));
  }

  private CommandLine noun(
      Object command,
      BiFunction<CommandLine, Session, CommandLine> verbs,
      Predicate<CommandLine> inUse) {
    var noun = new CommandLine(command);
    return inUse.test(noun) ? verbs.apply(noun, session) : noun;
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

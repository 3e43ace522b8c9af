package dev.skep.cli.access;

import dev.skep.cli.config.Context;
import dev.skep.cli.config.Contexts;
import dev.skep.cli.format.Table;
import dev.skep.cli.outcome.CliException;
import dev.skep.cli.session.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The noun {@code context}: control planes that the user knows. */
@Command(
    name = "context",
    aliases = "contexts",
    description = "Control planes that you logged in to.")
public final class ContextCommand {
  private final Session session;

  public ContextCommand(Session session) {
    this.session = session;
  }

  /** Tokens are not shown; JSON is for programs that look for a name. */
  @Command(name = "ls", aliases = "list", description = "List contexts.")
  void list() {
    var contexts = session.configFile().load();
    if (session.options().json()) {
      contexts.byName().keySet().forEach(session::print);
      return;
    }
    var table = Table.of("CURRENT", "NAME~", "SERVER~");
    contexts
        .byName()
        .values()
        .forEach(
            c -> table.row(c.name().equals(contexts.current()) ? "*" : "", c.name(), c.server()));
    session.print(table.render(session.width()).stripTrailing());
  }

  @Command(name = "use", description = "Use a context from now on.")
  void use(@Parameters(paramLabel = "NAME", description = "Context.") String name) {
    save(known(name).using(name), "using context '" + name + "'");
  }

  @Command(name = "add", description = "Add a context without checking it.")
  void add(
      @Parameters(paramLabel = "NAME", description = "Context.") String name,
      @Mixin NewContext given) {
    var target = given.target(session);
    var context =
        new Context(name, target.url(), target.token(), target.ca(), target.organization());
    save(session.configFile().load().with(context), "added context '" + name + "'");
  }

  @Command(
      name = "rm",
      aliases = {"remove", "delete"},
      description = "Forget a context and its token.")
  void remove(
      @Parameters(paramLabel = "NAME", description = "Context.") String name,
      @Option(
              names = {"--force", "-f", "--yes", "-y"},
              description = "Do not ask.")
          boolean force) {
    var contexts = known(name);
    session.confirm("context", name, force);
    save(contexts.without(name), "removed context '" + name + "'");
  }

  private Contexts known(String name) {
    var contexts = session.configFile().load();
    if (contexts.find(name).isEmpty()) {
      throw CliException.usage("there is no context '" + name + "'", "see: skep context ls");
    }
    return contexts;
  }

  private void save(Contexts contexts, String message) {
    session.configFile().save(contexts);
    session.print(message);
  }
}

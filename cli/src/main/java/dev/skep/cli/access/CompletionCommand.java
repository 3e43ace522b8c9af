package dev.skep.cli.access;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import java.util.function.Supplier;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Prints what makes a shell complete commands and options. */
@Command(
    name = "completion",
    description = {
      "Print a completion script for your shell.",
      "bash, zsh: source <(skep completion bash)",
      "fish: skep completion fish | source"
    })
public final class CompletionCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "SHELL", description = "bash, zsh or fish.")
  Shell shell = Shell.bash;

  private final Supplier<CommandLine> everything;

  /** Takes the whole tree of commands when it is called, which is rare and costly. */
  public CompletionCommand(Session session, Supplier<CommandLine> everything) {
    super(session);
    this.everything = everything;
  }

  @Override
  protected void run() {
    var root = everything.get();
    session.print(
        switch (shell) {
          case bash -> AutoComplete.bash("skep", root);
          case zsh -> "autoload -U +X compinit && compinit\n" + AutoComplete.bash("skep", root);
          case fish -> FishCompletion.of(root);
        });
  }

  /** Spelled as users type them. */
  enum Shell {
    bash,
    zsh,
    fish
  }
}

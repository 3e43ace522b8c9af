package dev.skep.cli.access;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.GetInfoRequest;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Says which versions talk to each other. */
@Command(name = "version", description = "Show the version of the client and of the control plane.")
public final class VersionCommand extends SessionCommand {
  @Option(names = "--client", description = "Only the client's; needs no control plane.")
  boolean clientOnly;

  public VersionCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    if (!session.options().json()) {
      session.print("client " + clientVersion());
    }
    if (clientOnly) {
      return;
    }
    var info =
        session.call(
            () -> session.controlPlane().system().getInfo(GetInfoRequest.getDefaultInstance()));
    session.answer(info, () -> "control plane " + info.getVersion() + "\n");
  }

  /** From the jar's manifest; classes that run unpacked have none. */
  private static String clientVersion() {
    return Optional.ofNullable(VersionCommand.class.getPackage().getImplementationVersion())
        .orElse("development");
  }
}

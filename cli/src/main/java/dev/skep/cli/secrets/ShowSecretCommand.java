package dev.skep.cli.secrets;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.format.Terminal;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.GetSecretRequest;
import dev.skep.v1.Secret;
import java.time.Instant;
import java.time.ZoneId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows what is known of a secret. */
@Command(
    name = "show",
    aliases = "inspect",
    description = "Show a secret's versions and who uses them; no values.")
final class ShowSecretCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "SECRET", description = "Name or id.")
  String secret = "";

  ShowSecretCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = GetSecretRequest.newBuilder().setSecret(secret).build();
    var response = session.call(() -> session.controlPlane().secrets().getSecret(request));
    session.answer(response, () -> text(response.getSecret()));
  }

  private String text(Secret known) {
    var now = session.clock().instant();
    return "Secret   "
        + Terminal.safe(known.getName())
        + "\nId       "
        + known.getId()
        + "\n\n"
        + versions(known, now).render(session.width())
        + "\n"
        + (known.getUsedByCount() == 0
            ? "No service uses it.\n"
            : users(known).render(session.width()));
  }

  private static Table versions(Secret known, Instant now) {
    var table = Table.of("VERSION", "BYTES", "BY~", "AGE", "KEPT UNTIL");
    known
        .getVersionsList()
        .forEach(
            v ->
                table.row(
                    Integer.toString(v.getNumber()),
                    Long.toString(v.getSizeBytes()),
                    v.getCreatedBy(),
                    Humans.age(v.getCreateTime(), now),
                    Humans.localTime(v.getKeepUntilTime(), ZoneId.systemDefault())));
    return table;
  }

  private static Table users(Secret known) {
    var table = Table.of("SERVICE~", "RELEASE", "VERSION", "AS~");
    known
        .getUsedByList()
        .forEach(
            u ->
                table.row(
                    u.getServiceName(),
                    Integer.toString(u.getReleaseNumber()),
                    Integer.toString(u.getVersion()),
                    u.getEnv().isEmpty() ? u.getPath() : "$" + u.getEnv()));
    return table;
  }
}

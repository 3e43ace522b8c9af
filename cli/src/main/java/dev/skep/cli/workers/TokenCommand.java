package dev.skep.cli.workers;

import com.google.protobuf.Duration;
import dev.skep.cli.config.PrivateFile;
import dev.skep.cli.format.Humans;
import dev.skep.cli.parse.Durations;
import dev.skep.cli.parse.Roles;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.CreateJoinTokenRequest;
import dev.skep.v1.CreateJoinTokenResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes a token that lets machines join. */
@Command(
    name = "token",
    description = "Make a token for new workers and show the line that installs them.")
final class TokenCommand extends SessionCommand {
  @Option(
      names = "--uses",
      paramLabel = "N",
      defaultValue = "1",
      description = "How many machines may use it (1).")
  int uses = 1;

  @Option(
      names = "--ttl",
      paramLabel = "TIME",
      defaultValue = "1h",
      description = "How long it is valid (1h).")
  String ttl = "1h";

  @Option(
      names = {"--roles", "--role"},
      split = ",",
      paramLabel = "ROLE",
      description = "manager, run, build, ingress (manager,run).")
  List<String> roles = List.of();

  @Option(
      names = "--save",
      paramLabel = "FILE",
      description = "Write the token to a private file instead of showing it.")
  @Nullable Path file;

  TokenCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() throws IOException {
    var request = request();
    var response = session.call(() -> session.controlPlane().workers().createJoinToken(request));
    if (file == null) {
      session.answer(response, () -> text(response));
      return;
    }
    PrivateFile.write(file, response.getToken() + "\n");
    var withoutToken = response.toBuilder().clearToken().clearInstallCommand().build();
    session.answer(withoutToken, () -> "join token " + response.getId() + " is in " + file + "\n");
  }

  private CreateJoinTokenRequest request() {
    return CreateJoinTokenRequest.newBuilder()
        .setUses(uses)
        .setTtl(Duration.newBuilder().setSeconds(Durations.parse(ttl).toSeconds()))
        .addAllRoles(Roles.parse(roles))
        .build();
  }

  private String text(CreateJoinTokenResponse response) {
    return """
    Join token %s for %d machine(s), valid until %s. It is shown once:

      %s

    On the new machine, as root:

      %s
    """
        .formatted(
            response.getId(),
            uses,
            Humans.localTime(response.getExpireTime(), ZoneId.systemDefault()),
            response.getToken(),
            response.getInstallCommand());
  }
}

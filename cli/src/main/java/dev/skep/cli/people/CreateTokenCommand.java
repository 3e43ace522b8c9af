package dev.skep.cli.people;

import com.google.protobuf.Duration;
import dev.skep.cli.config.PrivateFile;
import dev.skep.cli.parse.Durations;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.CreateTokenRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a token. */
@Command(name = "create", description = "Make a token and show it, once.")
final class CreateTokenCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "What it is for.")
  String name = "";

  @Option(
      names = "--of",
      paramLabel = "PROGRAM",
      defaultValue = "",
      description = "Program that it is for (you).")
  String of = "";

  @Option(
      names = "--may",
      split = ",",
      paramLabel = "PERMISSION",
      description = "Narrows it, for example services-read,logs-read (all that the account may).")
  List<String> may = List.of();

  @Option(
      names = "--service",
      paramLabel = "SERVICE",
      description =
          "Narrows it to this service; give it again for more (no service in particular).")
  List<String> services = List.of();

  @Option(
      names = "--ttl",
      paramLabel = "TIME",
      defaultValue = "90d",
      description = "How long it is valid, up to 366d (90d).")
  String ttl = "90d";

  @Option(
      names = "--save",
      paramLabel = "FILE",
      description = "Write the token to a private file instead of showing it.")
  @Nullable Path file;

  CreateTokenCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() throws IOException {
    var request =
        CreateTokenRequest.newBuilder()
            .setName(name)
            .setUser(of)
            .addAllPermissions(Permissions.parse(may))
            .addAllServices(services)
            .setTtl(Duration.newBuilder().setSeconds(Durations.parse(ttl).toSeconds()))
            .build();
    var response = session.call(() -> session.controlPlane().tokens().createToken(request));
    if (file == null) {
      session.answer(response, () -> response.getSecret() + "\n");
      return;
    }
    PrivateFile.write(file, response.getSecret() + "\n");
    session.answer(
        response.toBuilder().clearSecret(), () -> "token " + name + " is in " + file + "\n");
  }
}

package dev.skep.cli.secrets;

import dev.skep.cli.client.DeploymentWatch;
import dev.skep.cli.format.Terminal;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.cli.session.WaitOptions;
import dev.skep.v1.AddSecretVersionRequest;
import dev.skep.v1.AddSecretVersionResponse;
import dev.skep.v1.RotationDeployment;
import dev.skep.v1.SecretRotation;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives a secret a new value. */
@Command(
    name = "rotate",
    aliases = "set",
    description = "Give a secret a new value, and its services a new release if you say so.")
final class RotateSecretCommand extends SessionCommand {
  /** What happens to services that use it. */
  enum Rotation {
    NONE,
    RESTART,
    ROLLING
  }

  @Parameters(index = "0", paramLabel = "SECRET", description = "Name or id.")
  String secret = "";

  @Option(
      names = "--rotation",
      paramLabel = "HOW",
      defaultValue = "none",
      description =
          "none: services take it with their next update or restart (the default); rolling: at once"
              + " and without interruption; restart: at once, old replicas stopping first.")
  Rotation rotation = Rotation.NONE;

  @Mixin ValueOptions value = new ValueOptions();
  @Mixin WaitOptions wait = new WaitOptions();

  RotateSecretCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() throws InterruptedException {
    var request =
        AddSecretVersionRequest.newBuilder()
            .setSecret(secret)
            .setValue(value.read(session))
            .setRotation(
                SecretRotation.valueOf(
                    "SECRET_ROTATION_" + rotation.name().toUpperCase(Locale.ROOT)))
            .build();
    var response = session.call(() -> session.controlPlane().secrets().addSecretVersion(request));
    if (wait.wanted()) {
      for (var deployment : response.getDeploymentsList()) {
        await(deployment);
      }
    }
    session.answer(response, () -> text(response));
  }

  private void await(RotationDeployment deployment) throws InterruptedException {
    session.progress(Terminal.safe(deployment.getServiceName()));
    new DeploymentWatch(
            session.controlPlane(),
            deployment.getServiceId(),
            deployment.getDeploymentId(),
            event -> session.progress("  " + Terminal.safe(event.getMessage())))
        .await(wait.waiter(session));
  }

  private String text(AddSecretVersionResponse response) {
    var known = response.getSecret();
    var behind =
        known.getUsedByList().stream()
            .filter(u -> u.getVersion() < known.getCurrentVersion())
            .map(u -> u.getServiceName())
            .distinct()
            .toList();
    var hint =
        rotation != Rotation.NONE || behind.isEmpty()
            ? ""
            : "  still with an older one until their next update or restart: "
                + String.join(", ", behind)
                + "\n";
    return secret + " has version " + known.getCurrentVersion() + "\n" + hint;
  }
}

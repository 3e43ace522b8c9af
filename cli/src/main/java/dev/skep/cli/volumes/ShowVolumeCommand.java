package dev.skep.cli.volumes;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Terminal;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.GetVolumeRequest;
import dev.skep.v1.Volume;
import java.time.ZoneId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows one volume. */
@Command(
    name = "show",
    aliases = "inspect",
    description = "Show a volume: where it is, who uses it, how long it is kept.")
final class ShowVolumeCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "VOLUME", description = "SERVICE.NAME or id.")
  String volume = "";

  ShowVolumeCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = GetVolumeRequest.newBuilder().setVolume(volume).build();
    var response = session.call(() -> session.controlPlane().volumes().getVolume(request));
    session.answer(response, () -> text(response.getVolume()));
  }

  private static String text(Volume volume) {
    var text = new StringBuilder();
    line(text, "Volume", volume.getServiceName() + "." + volume.getName());
    line(text, "Id", volume.getId());
    line(text, "State", Humans.word(volume.getState(), "VOLUME_STATE_").replace('_', ' '));
    line(text, "Reason", volume.getReason());
    line(text, "Worker", volume.getWorkerName());
    line(text, "On disk", volume.getObjectName());
    line(text, "Created", Humans.localTime(volume.getCreateTime(), ZoneId.systemDefault()));
    line(text, "Kept until", Humans.localTime(volume.getKeepUntilTime(), ZoneId.systemDefault()));
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String value) {
    if (!value.isEmpty() && !value.equals("-")) {
      text.append(name).append(" ".repeat(12 - name.length())).append(Terminal.safe(value));
      text.append('\n');
    }
  }
}

package dev.skep.cli.volumes;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.ListVolumesRequest;
import dev.skep.v1.ListVolumesResponse;
import java.time.Instant;
import picocli.CommandLine.Command;

/** Lists volumes, oldest first. */
@Command(name = "ls", aliases = "list", description = "List volumes, oldest first.")
final class ListVolumesCommand extends SessionCommand {
  ListVolumesCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var all = ListVolumesResponse.newBuilder();
    var token = "";
    do {
      var request = ListVolumesRequest.newBuilder().setPageSize(200).setPageToken(token).build();
      var page = session.call(() -> session.controlPlane().volumes().listVolumes(request));
      all.addAllVolumes(page.getVolumesList());
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    session.answerTable(all, () -> table(all.build(), session.clock().instant()));
  }

  private static Table table(ListVolumesResponse response, Instant now) {
    var table = Table.of("VOLUME~", "STATE", "WORKER~", "AGE", "ID", "REASON~");
    response
        .getVolumesList()
        .forEach(
            v ->
                table.row(
                    v.getServiceName() + "." + v.getName(),
                    Humans.word(v.getState(), "VOLUME_STATE_").replace('_', ' '),
                    v.getWorkerName(),
                    Humans.age(v.getCreateTime(), now),
                    v.getId(),
                    Humans.orNone(v.getReason())));
    return table;
  }
}

package dev.skep.cli.services;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.ListReleasesRequest;
import dev.skep.v1.ListReleasesResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the newest releases of a service. */
@Command(name = "releases", description = "List the newest releases of a service.")
final class ReleasesCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "SERVICE", description = "Name or id.")
  String service = "";

  @Option(
      names = {"-n", "--limit"},
      paramLabel = "N",
      defaultValue = "20",
      description = "How many: 1 to 200 (20).")
  int limit = 20;

  ReleasesCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = ListReleasesRequest.newBuilder().setService(service).setPageSize(limit).build();
    var response = session.call(() -> session.controlPlane().services().listReleases(request));
    session.answerTable(response, () -> table(response));
  }

  private Table table(ListReleasesResponse response) {
    var table = Table.of("RELEASE", "KEPT", "AGE", "IMAGE~", "DIGEST~");
    response
        .getReleasesList()
        .forEach(
            r ->
                table.row(
                    Integer.toString(r.getNumber()),
                    r.getKept() ? "yes" : "no",
                    Humans.age(r.getCreateTime(), session.clock().instant()),
                    r.getImage(),
                    r.getImageDigest()));
    return table;
  }
}

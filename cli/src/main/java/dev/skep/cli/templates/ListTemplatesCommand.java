package dev.skep.cli.templates;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.ListTemplatesRequest;
import dev.skep.v1.ListTemplatesResponse;
import dev.skep.v1.TemplateOwner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists templates by name. */
@Command(name = "ls", aliases = "list", description = "List templates by name.")
final class ListTemplatesCommand extends SessionCommand {
  @Option(names = "--tag", paramLabel = "TAG", description = "Only those with this tag.")
  String tag = "";

  @Option(
      names = "--search",
      paramLabel = "TEXT",
      description = "Only those that have this in name, title or description.")
  String search = "";

  @Option(names = "--own", description = "Only those of your organization.")
  boolean own;

  ListTemplatesCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var all = ListTemplatesResponse.newBuilder();
    var request = ListTemplatesRequest.newBuilder().setPageSize(200).setTag(tag).setSearch(search);
    if (own) {
      request.setOwner(TemplateOwner.TEMPLATE_OWNER_ORGANIZATION);
    }
    do {
      var asked = request.build();
      var page = session.call(() -> session.controlPlane().templates().listTemplates(asked));
      all.addAllTemplates(page.getTemplatesList());
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    session.answerTable(all, () -> table(all.build()));
  }

  private static Table table(ListTemplatesResponse response) {
    var table = Table.of("TEMPLATE", "TITLE~", "VERSION", "TAGS~", "OWNER");
    response
        .getTemplatesList()
        .forEach(
            t ->
                table.row(
                    t.getName(),
                    Humans.orNone(t.getSpec().getTitle()),
                    Humans.orNone(t.getSpec().getVersion()),
                    Humans.orNone(String.join(" ", t.getSpec().getTagsList())),
                    Humans.word(t.getOwner(), "TEMPLATE_OWNER_")));
    return table;
  }
}

package dev.skep.cli.billing;

import dev.skep.cli.format.Table;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.BillingHour;
import dev.skep.v1.ListBillingHoursRequest;
import java.util.List;
import picocli.CommandLine.Command;

/** Shows how far hours are closed. */
@Command(
    name = "hours",
    description = "List hours that are closed or being closed, newest first (platform admins).")
final class HoursCommand extends SessionCommand {
  HoursCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = ListBillingHoursRequest.getDefaultInstance();
    var response = session.call(() -> session.controlPlane().billing().listBillingHours(request));
    session.answerTable(response, () -> table(response.getHoursList()));
  }

  private static Table table(List<BillingHour> hours) {
    var table = Table.of("HOUR", "CLOSED", "CHARGED", "SERVICES", "WALLETS");
    hours.forEach(
        hour ->
            table.row(
                MoneyText.time(hour.getHour()),
                hour.hasCloseTime() ? MoneyText.time(hour.getCloseTime()) : "under way",
                hour.getCharged() ? "yes" : "no",
                Long.toString(hour.getServices()),
                Long.toString(hour.getWallets())));
    return table;
  }
}

package dev.skep.cli.billing;

import com.google.protobuf.Timestamp;
import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.v1.PriceList;
import dev.skep.v1.Transaction;
import dev.skep.v1.Wallet;
import dev.skep.v1.WalletState;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.ZoneId;
import java.util.List;

/** Money as people read it. */
final class MoneyText {
  private static final int DIGITS = 6;
  private static final int CENTS = 2;

  private MoneyText() {}

  /** Exact, with two digits at least. */
  static String exact(long micros) {
    var number = BigDecimal.valueOf(micros, DIGITS).stripTrailingZeros();
    return number
        .setScale(Math.max(CENTS, number.scale()), RoundingMode.UNNECESSARY)
        .toPlainString();
  }

  static String exact(long micros, String currency) {
    return exact(micros) + " " + currency;
  }

  static String time(Timestamp time) {
    return Humans.localTime(time, ZoneId.systemDefault());
  }

  static String wallet(Wallet wallet) {
    var currency = wallet.getCurrency();
    var text = new StringBuilder();
    line(text, "balance", exact(wallet.getBalanceMicros(), currency));
    if (wallet.getFloorMicros() != 0) {
      line(text, "may go to", exact(wallet.getFloorMicros(), currency));
    }
    if (wallet.getOwedMicros() != 0) {
      line(text, "owed", exact(wallet.getOwedMicros(), currency));
    }
    line(text, "state", state(wallet));
    line(text, "costs now", exact(wallet.getHourlyMicros(), currency) + " an hour");
    line(text, "", exact(wallet.getDailyMicros(), currency) + " a day");
    line(text, "", exact(wallet.getMonthlyMicros(), currency) + " a month of 730 hours");
    line(text, "lasts for", lasts(wallet));
    line(text, "invoices in", wallet.getTimeZone());
    return text.toString();
  }

  private static void line(StringBuilder text, String word, String value) {
    text.append("%-12s %s%n".formatted(word, value));
  }

  private static String state(Wallet wallet) {
    if (!wallet.getCharging()) {
      return "nothing is charged here";
    }
    var state = Humans.word(wallet.getState(), "WALLET_STATE_");
    if (!wallet.hasNextStepTime()) {
      return state;
    }
    var next =
        wallet.getState() == WalletState.WALLET_STATE_GRACE
            ? "services are stopped "
            : "services are deleted ";
    return state + ": " + next + time(wallet.getNextStepTime()) + " unless what is owed is paid";
  }

  private static String lasts(Wallet wallet) {
    if (!wallet.hasHoursLeft()) {
      return "ever, at this";
    }
    var hours = wallet.getHoursLeft();
    return hours < 72 ? hours + " hours" : hours / 24 + " days";
  }

  static Table transactions(List<Transaction> transactions) {
    var table = Table.of("TIME", "ID", "KIND", "BALANCE", "OWED", "OF~");
    transactions.forEach(
        t ->
            table.row(
                time(t.getCreateTime()),
                t.getId(),
                Humans.word(t.getKind(), "TRANSACTION_KIND_"),
                exact(t.getBalanceChangeMicros(), t.getCurrency()),
                exact(t.getOwedChangeMicros()),
                of(t)));
    return table;
  }

  private static String of(Transaction t) {
    if (t.hasHour()) {
      return "the hour from " + time(t.getHour());
    }
    var who = t.getActor().isEmpty() ? "" : "by " + t.getActor() + " ";
    return Humans.orNone((who + t.getDescription()).strip());
  }

  static Table prices(List<PriceList> lists) {
    var table =
        Table.of("ID", "FROM", "CUR", "REPLICA", "VCPU", "GIB", "STORAGE", "EGRESS", "BUILD");
    lists.forEach(
        l ->
            table.row(
                l.getId(),
                time(l.getStartTime()),
                l.getCurrency(),
                exact(l.getReplicaHourMicros()),
                exact(l.getVcpuHourMicros()),
                exact(l.getMemoryGibHourMicros()),
                exact(l.getStorageGibHourMicros()),
                exact(l.getEgressGibMicros()),
                exact(l.getBuildMinuteMicros())));
    return table;
  }
}

package dev.skep.cli.quotas;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.outcome.CliException;
import dev.skep.v1.Quota;
import dev.skep.v1.QuotaLimit;
import dev.skep.v1.QuotaResource;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;

/** Quotas as people read them. */
final class QuotaText {
  private static final String PREFIX = "QUOTA_RESOURCE_";
  private static final String UNLIMITED = "unlimited";

  private QuotaText() {}

  static Table table(List<Quota> quotas) {
    var table = Table.of("RESOURCE", "USED", "LIMIT", "%", "NOTE~");
    quotas.forEach(
        quota ->
            table.row(
                word(quota.getResource()),
                amount(quota.getResource(), quota.getUsed()),
                quota.hasLimit() ? amount(quota.getResource(), quota.getLimit()) : UNLIMITED,
                quota.hasLimit() ? Integer.toString(quota.getPercent()) : "-",
                note(quota)));
    return table;
  }

  static Table defaults(List<QuotaLimit> limits) {
    var table = Table.of("RESOURCE", "LIMIT");
    limits.forEach(
        limit ->
            table.row(
                word(limit.getResource()),
                limit.hasLimit() ? amount(limit.getResource(), limit.getLimit()) : UNLIMITED));
    return table;
  }

  /** The resource that a person named. */
  static QuotaResource resource(String word) {
    return Arrays.stream(QuotaResource.values())
        .filter(resource -> resource.name().startsWith(PREFIX) && word(resource).equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                CliException.usage(
                    "'" + word + "' is not a resource",
                    "skep quotas ls shows those that there are"));
  }

  private static String note(Quota quota) {
    if (quota.hasGraceEndTime()) {
      return "above its limit, tolerated until " + time(quota.getGraceEndTime());
    }
    if (!quota.hasOverride()) {
      return "-";
    }
    var base = quota.hasBaseLimit() ? amount(quota.getResource(), quota.getBaseLimit()) : UNLIMITED;
    return "until "
        + time(quota.getOverride().getEndTime())
        + ", then "
        + base
        + ": "
        + quota.getOverride().getReason();
  }

  private static String time(com.google.protobuf.Timestamp time) {
    return Humans.localTime(time, ZoneId.systemDefault());
  }

  private static String word(QuotaResource resource) {
    return Humans.word(resource, PREFIX).replace('_', '-');
  }

  private static String amount(QuotaResource resource, long amount) {
    return switch (resource) {
      case QUOTA_RESOURCE_CPU -> Humans.cores(amount) + (amount == 1000 ? " core" : " cores");
      case QUOTA_RESOURCE_MEMORY, QUOTA_RESOURCE_STORAGE -> Humans.bytes(amount);
      default -> Long.toString(amount);
    };
  }
}

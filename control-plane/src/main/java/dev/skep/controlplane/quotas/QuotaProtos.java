package dev.skep.controlplane.quotas;

import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.quota.Resource;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.ListQuotaDefaultsResponse;
import dev.skep.v1.ListQuotasResponse;
import dev.skep.v1.Quota;
import dev.skep.v1.QuotaLimit;
import dev.skep.v1.QuotaOverride;
import dev.skep.v1.QuotaResource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Quotas as messages. */
final class QuotaProtos {
  private static final String PREFIX = "QUOTA_RESOURCE_";

  /**
   * 8 PiB; no organization of ours has more of anything, and hundred times it is still a number.
   */
  private static final long MOST = 1L << 53;

  private QuotaProtos() {}

  static ListQuotasResponse list(List<Allowance> allowances, Instant now) {
    return ListQuotasResponse.newBuilder().addAllQuotas(quotas(allowances, now)).build();
  }

  static List<Quota> quotas(List<Allowance> allowances, Instant now) {
    return allowances.stream().map(allowance -> quota(allowance, now)).toList();
  }

  static Quota quota(Allowance allowance, Instant now) {
    Quota.Builder quota =
        Quota.newBuilder()
            .setResource(resource(allowance.resource()))
            .setUsed(allowance.used())
            .setPercent(allowance.percent(now));
    Long limit = allowance.limit(now);
    if (limit != null) {
      quota.setLimit(limit);
    }
    Long base = allowance.base();
    if (base != null) {
      quota.setBaseLimit(base);
    }
    Interim interim = allowance.interim();
    if (interim != null && now.isBefore(interim.until())) {
      quota.setOverride(override(interim));
    }
    Instant grace = allowance.graceUntil();
    if (grace != null) {
      quota.setGraceEndTime(Paging.timestamp(grace));
    }
    return quota.build();
  }

  private static QuotaOverride override(Interim interim) {
    QuotaOverride.Builder override =
        QuotaOverride.newBuilder()
            .setEndTime(Paging.timestamp(interim.until()))
            .setReason(interim.reason())
            .setAuthor(interim.author());
    Long limit = interim.limit();
    if (limit != null) {
      override.setLimit(limit);
    }
    return override.build();
  }

  static ListQuotaDefaultsResponse defaults(SortedMap<Resource, @Nullable Long> defaults) {
    return ListQuotaDefaultsResponse.newBuilder().addAllLimits(limits(defaults)).build();
  }

  static List<QuotaLimit> limits(SortedMap<Resource, @Nullable Long> defaults) {
    List<QuotaLimit> limits = new ArrayList<>();
    defaults.forEach(
        (resource, limit) -> {
          QuotaLimit.Builder one = QuotaLimit.newBuilder().setResource(resource(resource));
          if (limit != null) {
            one.setLimit(limit);
          }
          limits.add(one.build());
        });
    return limits;
  }

  /**
   * Limits to set; a null is unlimited.
   *
   * @param wrong takes what is wrong with them
   */
  static Map<Resource, @Nullable Long> limits(List<QuotaLimit> limits, List<FieldViolation> wrong) {
    Map<Resource, @Nullable Long> all = new LinkedHashMap<>();
    if (limits.isEmpty()) {
      wrong.add(new FieldViolation("limits", "is empty; name at least one resource"));
    }
    for (int i = 0; i < limits.size(); i++) {
      QuotaLimit limit = limits.get(i);
      String field = "limits[" + i + "]";
      if (!known(limit.getResource())) {
        wrong.add(new FieldViolation(field + ".resource", "is missing or unknown"));
        continue;
      }
      Resource resource = resource(limit.getResource());
      if (all.containsKey(resource)) {
        wrong.add(new FieldViolation(field + ".resource", "is there twice"));
      }
      if (limit.hasLimit() && (limit.getLimit() < 0 || limit.getLimit() > MOST)) {
        wrong.add(
            new FieldViolation(
                field + ".limit",
                limit.getLimit()
                    + " is out of range; use 0 to "
                    + MOST
                    + ", or leave it unset for unlimited"));
      }
      all.put(resource, limit.hasLimit() ? limit.getLimit() : null);
    }
    return all;
  }

  /**
   * The resource of a request.
   *
   * @throws Refusal when it is none
   */
  static Resource checked(String field, QuotaResource resource) {
    if (!known(resource)) {
      throw Refusal.ofField(Reason.INVALID_FIELD, field, "is missing or unknown");
    }
    return resource(resource);
  }

  private static boolean known(QuotaResource resource) {
    return resource != QuotaResource.QUOTA_RESOURCE_UNSPECIFIED
        && resource != QuotaResource.UNRECOGNIZED;
  }

  private static Resource resource(QuotaResource resource) {
    return Resource.valueOf(resource.name().substring(PREFIX.length()));
  }

  private static QuotaResource resource(Resource resource) {
    return QuotaResource.valueOf(PREFIX + resource.name());
  }
}

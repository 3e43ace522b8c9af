package dev.skep.controlplane.quota;

import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.Shortage;
import java.util.List;

/** What people are told when there is not enough. */
final class OverQuota {
  private OverQuota() {}

  static Shortage shortage(Resource resource, long limit, long used, long asked) {
    return new Shortage(
        resource.word(),
        limit,
        used,
        asked,
        "the limit is "
            + resource.show(limit)
            + ", "
            + resource.show(used)
            + " used, and this asks for "
            + resource.show(asked)
            + " more");
  }

  /** {@code shortages}: one or more. */
  static Refusal refusal(List<Shortage> shortages) {
    Shortage first = shortages.getFirst();
    String more =
        shortages.size() == 1
            ? ""
            : " (short of "
                + String.join(", ", shortages.stream().skip(1).map(Shortage::resource).toList())
                + " as well)";
    return Refusal.overQuota(
        "not enough "
            + first.resource()
            + ": "
            + first.sentence()
            + more
            + "; stop, scale down or delete something (skep quotas ls), or ask a platform admin"
            + " for a higher limit",
        shortages);
  }
}

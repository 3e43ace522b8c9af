package dev.skep.controlplane.services;

import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.workload.ServicePolicy;
import dev.skep.controlplane.workload.ServiceSpec;
import dev.skep.controlplane.workload.SpecRules;
import java.util.ArrayList;
import java.util.List;

/** A spec that breaks no rule, before its image is resolved. */
record Draft(ServiceSpec spec, int replicas, ServicePolicy policy) {
  /**
   * Checks every field.
   *
   * @param wrong what is wrong already; anything at all refuses the whole
   */
  static Draft of(dev.skep.v1.ServiceSpec proto, List<FieldViolation> wrong) {
    ServiceSpec spec = SpecProtos.toDomain(proto);
    int replicas = proto.hasReplicas() ? proto.getReplicas() : 1;
    List<FieldViolation> all = new ArrayList<>(wrong);
    all.addAll(SpecRules.replicas("spec.replicas", replicas));
    all.addAll(SpecRules.spec(spec));
    ServicePolicy policy = PolicyProtos.toDomain(proto, all);
    Refusal.ifAny(all);
    return new Draft(spec, replicas, policy);
  }
}

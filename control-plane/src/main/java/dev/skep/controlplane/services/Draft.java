package dev.skep.controlplane.services;

import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.workload.ServicePolicy;
import dev.skep.controlplane.workload.ServiceSpec;
import dev.skep.controlplane.workload.SpecRules;
import dev.skep.controlplane.workload.VolumeRules;
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
    List<FieldViolation> all = new ArrayList<>(wrong);
    Draft draft = read(proto, all);
    Refusal.ifAny(all);
    return draft;
  }

  /** Like {@link #of}, for who decides about what is wrong; only good when nothing is. */
  static Draft read(dev.skep.v1.ServiceSpec proto, List<FieldViolation> all) {
    ServiceSpec spec = SpecProtos.toDomain(proto);
    int replicas = proto.hasReplicas() ? proto.getReplicas() : 1;
    all.addAll(SpecRules.replicas("spec.replicas", replicas));
    all.addAll(SpecRules.spec(spec));
    all.addAll(VolumeRules.replicas("spec.replicas", replicas, spec));
    ServicePolicy policy = PolicyProtos.toDomain(proto, all);
    return new Draft(spec, replicas, policy);
  }
}

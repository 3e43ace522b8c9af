package dev.skep.controlplane.services;

import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.workload.SpecRules;
import dev.skep.v1.Exposure;
import dev.skep.v1.HealthCheck;
import dev.skep.v1.Port;
import dev.skep.v1.ServiceSpec;
import java.util.ArrayList;
import java.util.List;

/** What only the message shows: values that the domain could not even hold. */
final class SpecFields {
  private SpecFields() {}

  static List<FieldViolation> check(ServiceSpec spec) {
    List<FieldViolation> wrong = new ArrayList<>(SpecRules.constraints(spec.getConstraintsList()));
    for (int i = 0; i < spec.getPortsCount(); i++) {
      check("spec.ports[" + i + "]", spec.getPorts(i), wrong);
    }
    if (spec.hasHealthCheck()
        && spec.getHealthCheck().getKindCase() == HealthCheck.KindCase.KIND_NOT_SET) {
      wrong.add(
          new FieldViolation("spec.health_check", "has no kind; set one of http, tcp, command"));
    }
    for (int i = 0; i < spec.getSecretsCount(); i++) {
      if (spec.getSecrets(i).hasEnv() && spec.getSecrets(i).getEnv().isEmpty()) {
        wrong.add(new FieldViolation("spec.secrets[" + i + "].env", "is empty; name a variable"));
      }
    }
    return wrong;
  }

  private static void check(String field, Port port, List<FieldViolation> wrong) {
    if (port.getExposure() == Exposure.UNRECOGNIZED) {
      wrong.add(
          new FieldViolation(
              field + ".exposure",
              port.getExposureValue() + " is unknown; use EXPOSURE_INTERNAL or EXPOSURE_HOST"));
    } else if (port.getExposure() != Exposure.EXPOSURE_HOST && port.getHostPort() != 0) {
      wrong.add(new FieldViolation(field + ".host_port", "needs exposure EXPOSURE_HOST"));
    }
  }
}

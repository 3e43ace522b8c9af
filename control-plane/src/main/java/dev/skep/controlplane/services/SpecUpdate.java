package dev.skep.controlplane.services;

import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.v1.PlanServiceRequest;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.UpdateServiceRequest;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The fields of a spec that a user wants to change.
 *
 * @param service id or name
 * @param spec holds the new values
 * @param paths first segments of the mask's paths
 * @param etag empty when the user does not care
 */
record SpecUpdate(String service, ServiceSpec spec, Set<String> paths, String etag) {
  static SpecUpdate of(UpdateServiceRequest request) {
    Set<String> paths = new LinkedHashSet<>(request.getUpdateMask().getPathsList());
    return new SpecUpdate(request.getService(), request.getSpec(), paths, request.getEtag());
  }

  static SpecUpdate of(PlanServiceRequest request) {
    Set<String> paths = new LinkedHashSet<>(request.getUpdateMask().getPathsList());
    return new SpecUpdate(request.getService(), request.getSpec(), paths, "");
  }

  /** Of the image alone; empty for the one that the service has. */
  static SpecUpdate ofImage(ServiceRecord service, String image) {
    String used = image.isEmpty() ? service.release().spec().image() : image;
    ServiceSpec spec = ServiceSpec.newBuilder().setImage(used).build();
    return new SpecUpdate(service.id().toString(), spec, Set.of("image"), "");
  }

  List<FieldViolation> wrongPaths() {
    List<FieldViolation> wrong = new ArrayList<>();
    if (paths.isEmpty()) {
      wrong.add(
          new FieldViolation(
              "update_mask",
              "is missing; name the fields of spec to change, for example image,env"));
    }
    for (String path : paths) {
      if (ServiceSpec.getDescriptor().findFieldByName(path) == null) {
        wrong.add(
            new FieldViolation(
                "update_mask",
                "\"" + path + "\" is not a field of spec; name whole fields, for example env"));
      }
    }
    return wrong;
  }

  /** The current spec with the named fields replaced; a repeated field or map is replaced whole. */
  ServiceSpec apply(ServiceRecord current) {
    ServiceSpec.Builder merged =
        SpecProtos.toProto(current.release().spec(), current.replicas(), current.policy())
            .toBuilder();
    for (String path : paths) {
      var field = ServiceSpec.getDescriptor().findFieldByName(path);
      merged.clearField(field);
      boolean set =
          field.isRepeated()
              ? spec.getRepeatedFieldCount(field) > 0
              : spec.hasField(field) || !field.hasPresence();
      if (set) {
        merged.setField(field, spec.getField(field));
      }
    }
    return merged.build();
  }

  /** Naming the image resolves its tag again: that is how a moved tag is deployed. */
  boolean touchesImage() {
    return paths.contains("image");
  }

  boolean etagMatches(ServiceRecord current) {
    return etag.isEmpty() || etag.equals(current.etag());
  }
}

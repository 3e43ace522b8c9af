package dev.skep.controlplane.templates;

import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.v1.TemplateSpec;
import dev.skep.v1.UpdatePlatformTemplateRequest;
import dev.skep.v1.UpdateTemplateRequest;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The fields of a template that somebody wants to change.
 *
 * @param template id or name
 * @param spec holds the new values
 * @param etag empty when it does not matter what was there
 */
record TemplateUpdate(String template, TemplateSpec spec, Set<String> paths, String etag) {
  static TemplateUpdate of(UpdateTemplateRequest request) {
    return new TemplateUpdate(
        request.getTemplate(),
        request.getSpec(),
        new LinkedHashSet<>(request.getUpdateMask().getPathsList()),
        request.getEtag());
  }

  static TemplateUpdate of(UpdatePlatformTemplateRequest request) {
    return new TemplateUpdate(
        request.getTemplate(),
        request.getSpec(),
        new LinkedHashSet<>(request.getUpdateMask().getPathsList()),
        request.getEtag());
  }

  List<FieldViolation> wrongPaths() {
    List<FieldViolation> wrong = new ArrayList<>();
    if (paths.isEmpty()) {
      wrong.add(
          new FieldViolation(
              "update_mask",
              "is missing; name the fields of spec to change, for example title,services"));
    }
    for (String path : paths) {
      if (TemplateSpec.getDescriptor().findFieldByName(path) == null) {
        wrong.add(
            new FieldViolation(
                "update_mask", "names what is no field of spec; use for example title,services"));
      }
    }
    return wrong;
  }

  /** With the named fields replaced; a repeated field is replaced whole. */
  TemplateSpec apply(TemplateSpec current) {
    TemplateSpec.Builder merged = current.toBuilder();
    for (String path : paths) {
      var field = TemplateSpec.getDescriptor().findFieldByName(path);
      merged.setField(field, spec.getField(field));
    }
    return merged.build();
  }
}

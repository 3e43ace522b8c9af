package dev.skep.controlplane.templates;

import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.Template;
import dev.skep.v1.TemplateOwner;
import dev.skep.v1.TemplateSpec;
import java.time.Instant;
import java.util.UUID;

/**
 * A template that is there.
 *
 * @param version grows with every write
 */
record TemplateRecord(
    UUID id,
    String name,
    TemplateOwner owner,
    TemplateSpec spec,
    long version,
    Instant createdAt,
    Instant updatedAt) {
  boolean builtIn() {
    return owner == TemplateOwner.TEMPLATE_OWNER_BUILT_IN;
  }

  String etag() {
    return Long.toString(version);
  }

  Template proto() {
    return Template.newBuilder()
        .setId(id.toString())
        .setName(name)
        .setOwner(owner)
        .setSpec(spec)
        .setEtag(etag())
        .setCreateTime(Paging.timestamp(createdAt))
        .setUpdateTime(Paging.timestamp(updatedAt))
        .build();
  }
}

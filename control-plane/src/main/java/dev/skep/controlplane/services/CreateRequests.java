package dev.skep.controlplane.services;

import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The ids that clients give to creations, so that one that is sent again makes one service. */
final class CreateRequests {
  private CreateRequests() {}

  /** Null when the request has none; what is none of ours goes to {@code wrong}. */
  static @Nullable UUID id(String text, List<FieldViolation> wrong) {
    if (text.isEmpty()) {
      return null;
    }
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      wrong.add(new FieldViolation("request_id", "is not a UUID"));
      return null;
    }
  }

  /**
   * What the same request made before.
   *
   * @throws Refusal REQUEST_ID_REUSED when it was another one
   */
  static Optional<ServiceRecord> earlier(
      Handle handle, OrganizationId organization, @Nullable UUID requestId, byte[] hash) {
    if (requestId == null) {
      return Optional.empty();
    }
    // A client that lost patience may send it again while the first is being written.
    handle
        .createQuery("select pg_advisory_xact_lock(hashtextextended(:key, 0))")
        .bind("key", organization + "/" + requestId)
        .mapTo(String.class)
        .one();
    Optional<ServiceRecord> earlier = new ServiceStore(handle, organization).byRequest(requestId);
    boolean other =
        earlier.isPresent()
            && !handle
                .createQuery("select request_hash = :hash from container_services where id = :id")
                .bind("hash", hash)
                .bind("id", earlier.get().id().value())
                .mapTo(Boolean.class)
                .one();
    if (other) {
      throw Refusal.ofField(
          Reason.REQUEST_ID_REUSED, "request_id", "was used for a request with other content");
    }
    return earlier;
  }
}

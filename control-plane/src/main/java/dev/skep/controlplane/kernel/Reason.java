package dev.skep.controlplane.kernel;

/** Every reason for which a call is refused; the name is what clients see and may rely on. */
public enum Reason {
  INVALID_FIELD(Kind.INVALID),
  IMAGE_NOT_FOUND(Kind.INVALID),
  REGISTRY_UNREACHABLE(Kind.UNAVAILABLE),
  NAME_TAKEN(Kind.EXISTS),
  REQUEST_ID_REUSED(Kind.EXISTS),
  SERVICE_NOT_FOUND(Kind.NOT_FOUND),
  WORKER_NOT_FOUND(Kind.NOT_FOUND),
  JOIN_TOKEN_NOT_FOUND(Kind.NOT_FOUND),
  WORKER_IN_USE(Kind.CONFLICT),
  WORKER_REMOVED(Kind.CONFLICT),
  SERVICE_DELETING(Kind.CONFLICT),
  DEPLOYMENT_ENDED(Kind.CONFLICT),
  RELEASE_NOT_KEPT(Kind.CONFLICT),
  ETAG_MISMATCH(Kind.ABORTED),
  TOKEN_REQUIRED(Kind.UNAUTHENTICATED),
  TOKEN_REFUSED(Kind.UNAUTHENTICATED),
  JOIN_TOKEN_REFUSED(Kind.UNAUTHENTICATED),
  CERTIFICATE_REQUIRED(Kind.UNAUTHENTICATED),
  CERTIFICATE_REFUSED(Kind.UNAUTHENTICATED),
  NETWORKS_EXHAUSTED(Kind.EXHAUSTED),
  DATABASE_UNAVAILABLE(Kind.UNAVAILABLE),
  SHUTTING_DOWN(Kind.UNAVAILABLE);

  /** What a caller can do about it; each maps to one gRPC and one HTTP status. */
  public enum Kind {
    INVALID,
    EXISTS,
    NOT_FOUND,
    CONFLICT,
    ABORTED,
    UNAUTHENTICATED,
    EXHAUSTED,
    UNAVAILABLE
  }

  private final Kind kind;

  Reason(Kind kind) {
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}

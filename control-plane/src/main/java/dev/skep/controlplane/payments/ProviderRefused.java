package dev.skep.controlplane.payments;

/** A provider said a clear no: asking again does not help. */
final class ProviderRefused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  ProviderRefused(int status, String message) {
    super(message);
    this.status = status;
  }

  boolean notFound() {
    return status == 404;
  }
}

package dev.skep.agent.link;

import io.grpc.Status;

/** Why a call failed, for people. */
final class Reason {
  private Reason() {}

  static String of(Throwable failure) {
    var status = Status.fromThrowable(failure);
    var text = new StringBuilder(status.getCode().name());
    if (status.getDescription() != null) {
      text.append(": ").append(status.getDescription());
    }
    Throwable cause = status.getCause();
    if (cause != null && cause.getMessage() != null) {
      text.append(": ").append(cause.getMessage());
    }
    return text.toString();
  }

  static boolean hasCause(Throwable failure, Class<? extends Throwable> kind) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (kind.isInstance(t)) {
        return true;
      }
    }
    return false;
  }
}

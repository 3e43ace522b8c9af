package dev.skep.controlplane.rpc;

import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;

/** How handlers answer, and who called them. */
public final class Calls {
  /** Set by the authentication of the people's port. */
  public static final Context.Key<Caller> CALLER = Context.key("caller");

  private Calls() {}

  /** Who makes the current call. */
  public static Caller caller() {
    return CALLER.get();
  }

  /** Sends the one answer or the error. */
  public static <T> void answer(StreamObserver<T> response, Supplier<T> work) {
    T answer;
    try {
      answer = work.get();
    } catch (RuntimeException e) {
      response.onError(Errors.status(e));
      return;
    }
    response.onNext(answer);
    response.onCompleted();
  }
}

package dev.skep.controlplane.rpc;

import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;

/** How handlers answer, and who called them. */
public final class Calls {
  /** Set by the authentication of the people's port. */
  public static final Context.Key<Caller> CALLER = Context.key("caller");

  /** Set together with the caller. */
  public static final Context.Key<Standing> STANDING = Context.key("standing");

  private Calls() {}

  /** Who makes the current call. */
  public static Caller caller() {
    return CALLER.get();
  }

  /** Whether the caller of the current call still may; for calls that go on for long. */
  public static Standing standing() {
    return STANDING.get();
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

package dev.skep.controlplane.rpc;

import dev.skep.controlplane.db.Tenant;
import dev.skep.controlplane.kernel.OrganizationId;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;

/** How handlers answer, and who called them. */
public final class Calls {
  /** Set by the authentication of the people's port. */
  public static final Context.Key<Caller> CALLER = Context.key("caller");

  /** Set together with the caller. */
  public static final Context.Key<Standing> STANDING = Context.key("standing");

  /** Set for every call. */
  public static final Context.Key<Origin> ORIGIN =
      Context.keyWithDefault("origin", new Origin("", "", ""));

  private Calls() {}

  /** Who makes the current call. */
  public static Caller caller() {
    return CALLER.get();
  }

  /** Where the current call comes from. */
  public static Origin origin() {
    return ORIGIN.get();
  }

  /** Whether the caller of the current call still may; for calls that go on for long. */
  public static Standing standing() {
    return STANDING.get();
  }

  /** Goes on with the current call on a thread of its own, for calls that go on for long. */
  public static void goOn(Runnable work) {
    OrganizationId organization = caller().organization();
    Thread.startVirtualThread(Context.current().wrap(() -> Tenant.in(organization, work)));
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

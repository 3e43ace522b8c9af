package dev.skep.controlplane.server;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.db.Tenant;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.replay.CallKey;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Need;
import dev.skep.controlplane.rpc.Needs;
import dev.skep.controlplane.rpc.Origin;
import dev.skep.controlplane.rpc.Standing;
import dev.skep.controlplane.tenancy.Callers;
import dev.skep.v1.About;
import dev.skep.v1.Permission;
import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Lets a call of the people's port through when its token or session may do what the call needs.
 */
final class Authentication implements ServerInterceptor {
  static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  /** Id or name of the organization that a call is about; unset means the token's. */
  static final Metadata.Key<String> ORGANIZATION =
      Metadata.Key.of("skep-organization", Metadata.ASCII_STRING_MARSHALLER);

  private final Gate gate;

  Authentication(Gate gate) {
    this.gate = gate;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    MethodDescriptor<Q, A> method = call.getMethodDescriptor();
    Need need = need(method);
    Origin origin = origin();
    if (need.permission() == Permission.PERMISSION_NONE) {
      return Contexts.interceptCall(
          Context.current().withValue(Calls.ORIGIN, origin), call, headers, next);
    }
    Callers.Credentials credentials =
        new Callers.Credentials(
            Optional.ofNullable(headers.get(AUTHORIZATION)),
            Optional.ofNullable(headers.get(ORGANIZATION)));
    Authorization authorization = new Authorization(gate.callers(), credentials, need);
    Caller caller = authorization.caller();
    gate.rates().count(caller, credentials.authorization().orElse(""));
    AuditTrail.Attempt attempt =
        gate.trail()
            .attempt(
                caller, origin, String.valueOf(method.getBareMethodName()), Needs.resource(method));
    try {
      caller.require(need);
    } catch (Refusal e) {
      attempt.refused(e.reason().name(), String.valueOf(e.getMessage()));
      throw e;
    }
    Context context =
        Context.current()
            .withValue(Calls.CALLER, caller)
            .withValue(Calls.ORIGIN, origin)
            .withValue(
                Calls.STANDING,
                new Standing(() -> Tenant.across(authorization::again), System::nanoTime));
    ServerCallHandler<Q, A> walled =
        Caller.ofOneOrganization(need.permission())
            ? (c, h) -> new WalledCall<>(caller.organization(), next.startCall(c, h))
            : next;
    UnaryOperator<ServerCall.Listener<Q>> asked =
        listener ->
            need.about() == About.ABOUT_SERVICE
                ? new ServiceCall<>(authorization, caller, attempt, listener)
                : listener;
    if (!Needs.changes(method)) {
      return asked.apply(Contexts.interceptCall(context, call, headers, walled));
    }
    ServerCall<Q, A> audited = new AuditedCall<>(call, attempt);
    ServerCall.Listener<Q> listener =
        headers.containsKey(KeyedCall.KEY)
            ? keyed(context, audited, headers, walled)
            : Contexts.interceptCall(context, audited, headers, walled);
    return new AuditedCall.Handler<>(attempt, asked.apply(listener));
  }

  private <Q, A> ServerCall.Listener<Q> keyed(
      Context context, ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Caller caller = Objects.requireNonNull(Calls.CALLER.get(context));
    String text = KeyedCall.checked(Objects.requireNonNull(headers.get(KeyedCall.KEY)));
    KeyedCall<Q, A> keyed = new KeyedCall<>(call);
    return new KeyedCall.Handler<>(
        gate.answers(),
        new CallKey(caller.organization(), caller.user(), text),
        keyed,
        Contexts.interceptCall(context, keyed, headers, next));
  }

  /** A call that sees the rows of one organization alone. */
  private static final class WalledCall<Q> extends SimpleForwardingServerCallListener<Q> {
    private final OrganizationId organization;

    WalledCall(OrganizationId organization, ServerCall.Listener<Q> listener) {
      super(listener);
      this.organization = organization;
    }

    @Override
    public void onHalfClose() {
      Tenant.in(organization, super::onHalfClose);
    }
  }

  static Origin origin() {
    ServiceRequestContext ctx = ServiceRequestContext.currentOrNull();
    return ctx == null
        ? new Origin("", "", "")
        : new Origin(
            ctx.clientAddress().getHostAddress(),
            ctx.id().shortText(),
            ctx.request().headers().get(HttpHeaderNames.USER_AGENT, ""));
  }

  /** Health tells nothing, and reflection nothing that is not public. */
  private static Need need(MethodDescriptor<?, ?> method) {
    String service = String.valueOf(method.getServiceName());
    if (service.equals(HealthGrpc.SERVICE_NAME)) {
      return Need.of(Permission.PERMISSION_NONE);
    }
    return service.equals(ServerReflectionGrpc.SERVICE_NAME)
        ? Need.of(Permission.PERMISSION_ACCOUNT)
        : Needs.of(method);
  }

  /** Nothing is served that does not say what it needs. */
  static void check(List<BindableService> apis) {
    for (BindableService api : apis) {
      for (ServerMethodDefinition<?, ?> method : api.bindService().getMethods()) {
        MethodDescriptor<?, ?> descriptor = method.getMethodDescriptor();
        if (Needs.of(descriptor).permission() == Permission.PERMISSION_UNSPECIFIED) {
          throw new IllegalStateException(
              descriptor.getFullMethodName() + " does not say which permission it needs");
        }
      }
    }
  }
}

package dev.skep.controlplane.server;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.List;

/** Tokens do not travel in the clear: without TLS only this machine is served. */
record PlaintextGuard(boolean allowPlaintext) {
  HttpResponse guard(HttpService delegate, ServiceRequestContext ctx, HttpRequest request)
      throws Exception {
    boolean safe =
        allowPlaintext
            || ctx.sessionProtocol().isTls()
            || ctx.remoteAddress().getAddress().isLoopbackAddress()
            || ctx.path().equals("/healthz")
            || ctx.path().equals("/readyz");
    return safe
        ? delegate.serve(ctx, request)
        : ErrorBody.response(
            HttpStatus.FORBIDDEN,
            new ErrorBody(
                "PLAINTEXT_REFUSED",
                "use https; over plain http only the machine of the control plane is served"
                    + " (SKEP_ALLOW_PLAINTEXT=true when a proxy in front of it does TLS)",
                List.of(),
                ctx.id().shortText()));
  }
}

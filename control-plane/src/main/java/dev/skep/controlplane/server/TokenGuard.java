package dev.skep.controlplane.server;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.skep.controlplane.rpc.Errors;
import dev.skep.controlplane.tenancy.ApiTokens;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * For plain HTTP paths that are no API call but still tell something: they need a token as well.
 */
record TokenGuard(ApiTokens tokens) {
  HttpResponse guard(HttpService delegate, ServiceRequestContext ctx, HttpRequest request) {
    Optional<String> header =
        Optional.ofNullable(request.headers().get(HttpHeaderNames.AUTHORIZATION));
    return HttpResponse.of(
        CompletableFuture.supplyAsync(
            () -> {
              try {
                tokens.authenticate(header);
                return delegate.serve(ctx, request);
              } catch (Exception e) {
                return ErrorBody.response(Errors.status(e), ctx.id().shortText());
              }
            },
            ctx.blockingTaskExecutor()));
  }
}

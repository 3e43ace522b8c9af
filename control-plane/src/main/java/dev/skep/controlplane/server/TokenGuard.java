package dev.skep.controlplane.server;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.skep.controlplane.rpc.Errors;
import dev.skep.controlplane.rpc.Need;
import dev.skep.controlplane.tenancy.Callers;
import dev.skep.v1.Permission;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * For plain HTTP paths that are no API call but tell something of the platform: they need the token
 * of somebody who may read that.
 */
record TokenGuard(Callers callers) {
  HttpResponse guard(HttpService delegate, ServiceRequestContext ctx, HttpRequest request) {
    Optional<String> header =
        Optional.ofNullable(request.headers().get(HttpHeaderNames.AUTHORIZATION));
    return HttpResponse.of(
        CompletableFuture.supplyAsync(
            () -> {
              try {
                callers
                    .authenticate(
                        new Callers.Credentials(header, Optional.empty()),
                        Need.of(Permission.PERMISSION_PLATFORM_READ))
                    .require(Permission.PERMISSION_PLATFORM_READ);
                return delegate.serve(ctx, request);
              } catch (Exception e) {
                return ErrorBody.response(Errors.status(e), ctx.id().shortText());
              }
            },
            ctx.blockingTaskExecutor()));
  }
}

package dev.skep.controlplane.server;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/** What a path says to the methods that it does not take: which ones it does. */
final class OtherMethods implements HttpService {
  private final Set<HttpMethod> taken;
  private final String allow;

  OtherMethods(Set<HttpMethod> taken) {
    this.taken = taken;
    this.allow =
        "OPTIONS, " + taken.stream().map(HttpMethod::name).collect(Collectors.joining(", "));
  }

  void addTo(ServerBuilder builder, String path) {
    EnumSet<HttpMethod> others = EnumSet.copyOf(HttpMethod.knownMethods());
    others.remove(HttpMethod.CONNECT);
    others.removeAll(taken);
    builder.route().path(path).methods(others).build(this);
  }

  @Override
  public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) {
    if (request.method() == HttpMethod.OPTIONS) {
      return HttpResponse.of(
          ResponseHeaders.of(HttpStatus.NO_CONTENT, HttpHeaderNames.ALLOW, allow));
    }
    HttpStatus status = HttpStatus.METHOD_NOT_ALLOWED;
    AggregatedHttpResponse refused =
        ErrorBody.aggregated(status, HttpErrors.body(status, ctx.id().shortText()));
    HttpData content = refused.content();
    return HttpResponse.of(
        refused.headers().toBuilder().set(HttpHeaderNames.ALLOW, allow).build(), content);
  }
}

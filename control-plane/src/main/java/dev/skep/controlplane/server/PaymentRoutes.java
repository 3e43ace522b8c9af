package dev.skep.controlplane.server;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.payments.PaymentHook;
import dev.skep.controlplane.rpc.Errors;
import java.util.List;
import java.util.Map;

/** Where payment providers send events, and the people who paid there. */
final class PaymentRoutes {
  static final String COME_BACK = "/paid";

  private static final String HOOKS = "/api/billing/webhooks/";
  private static final int MAX_EVENT = 64 << 10;

  private final Map<String, PaymentHook> hooks;

  /** {@code hooks}: by the word for the provider. */
  PaymentRoutes(Map<String, PaymentHook> hooks) {
    this.hooks = hooks;
  }

  void addTo(ServerBuilder builder) {
    hooks.forEach(
        (provider, hook) ->
            builder
                .route()
                .post(HOOKS + provider)
                .maxRequestLength(MAX_EVENT)
                .build(
                    (ctx, request) ->
                        HttpResponse.of(
                            request
                                .aggregate()
                                .thenApplyAsync(
                                    event -> heard(ctx, hook, event),
                                    ctx.blockingTaskExecutor()))));
    builder.service(
        COME_BACK,
        (ctx, request) ->
            new HtmlPage(
                    HttpStatus.OK,
                    "Thank you",
                    "<p>You can close this page. If you paid, the money is in the wallet as soon as"
                        + " the payment provider says so, mostly within seconds.</p>")
                .response(List.of()));
  }

  /** The body is what was signed: it is passed on to the byte. */
  private static HttpResponse heard(
      ServiceRequestContext ctx, PaymentHook hook, AggregatedHttpRequest event) {
    try {
      hook.receive(event.content().array(), name -> event.headers().get(name, ""));
      return HttpResponse.of(HttpStatus.OK, MediaType.JSON, "{}");
    } catch (Refusal e) {
      return ErrorBody.response(Errors.status(e), ctx.id().shortText());
    }
  }
}

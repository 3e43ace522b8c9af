package dev.skep.controlplane.server;

import com.google.gson.JsonObject;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.openapi.DocsPage;
import dev.skep.controlplane.openapi.OpenApi;
import dev.skep.controlplane.rpc.Errors;
import io.grpc.BindableService;
import io.grpc.protobuf.ProtoServiceDescriptorSupplier;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the API is, for everybody: /openapi.json for programs, /docs for people. */
final class ApiDocs {
  /** The page has no scripts, and nothing comes from elsewhere. */
  private static final String POLICY =
      "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'";

  private final String version;
  private final List<BindableService> apis;
  private volatile @Nullable Texts texts;

  private record Texts(String openApi, String page, String style) {}

  ApiDocs(String version, List<BindableService> apis) {
    this.version = version;
    this.apis = apis;
  }

  void addTo(ServerBuilder builder) {
    builder.service("/openapi.json", new Text(MediaType.JSON_UTF_8, Texts::openApi));
    builder.service("/docs", new Text(MediaType.HTML_UTF_8, Texts::page));
    builder.service("/docs/style.css", new Text(MediaType.CSS_UTF_8, Texts::style));
  }

  /** Written when first asked for: most starts are never asked. */
  private Texts texts() {
    Texts known = texts;
    if (known == null) {
      JsonObject document =
          OpenApi.document(
              version,
              apis.stream()
                  .map(api -> api.bindService().getServiceDescriptor().getSchemaDescriptor())
                  .map(ProtoServiceDescriptorSupplier.class::cast)
                  .map(schema -> Objects.requireNonNull(schema).getServiceDescriptor())
                  .sorted(Comparator.comparing(service -> service.getName()))
                  .toList());
      known = new Texts(document.toString(), DocsPage.html(document, errors()), style());
      texts = known;
    }
    return known;
  }

  private static List<DocsPage.ErrorCode> errors() {
    Stream<DocsPage.ErrorCode> refusals =
        Arrays.stream(Reason.values())
            .map(
                reason -> {
                  var refused = Errors.status(new Refusal(reason, ""));
                  return DocsPage.ErrorCode.of(
                      reason, ErrorBody.status(refused, reason.name()).code());
                });
    Stream<DocsPage.ErrorCode> others =
        HttpErrors.OWN.stream()
            .map(status -> HttpErrors.body(status, ""))
            .map(
                body ->
                    new DocsPage.ErrorCode(
                        body.code(), HttpErrors.status(body.code()).code(), body.message() + "."));
    return Stream.concat(refusals, others).toList();
  }

  private static String style() {
    try (InputStream in = OpenApi.class.getResourceAsStream("style.css")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One of the texts. */
  private final class Text implements HttpService {
    private final MediaType type;
    private final java.util.function.Function<Texts, String> choice;

    Text(MediaType type, java.util.function.Function<Texts, String> choice) {
      this.type = type;
      this.choice = choice;
    }

    @Override
    public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) {
      return HttpResponse.of(
          java.util.concurrent.CompletableFuture.supplyAsync(
              () -> HttpResponse.of(headers(), HttpData.ofUtf8(choice.apply(texts()))),
              ctx.blockingTaskExecutor()));
    }

    private ResponseHeaders headers() {
      return ResponseHeaders.builder(HttpStatus.OK)
          .contentType(type)
          .add(HttpHeaderNames.CONTENT_SECURITY_POLICY, POLICY)
          .add(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff")
          .add(HttpHeaderNames.CACHE_CONTROL, "no-cache")
          .build();
    }
  }
}

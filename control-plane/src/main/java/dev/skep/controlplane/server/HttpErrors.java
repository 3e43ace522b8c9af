package dev.skep.controlplane.server;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.RequestId;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.RequestTimeoutException;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.skep.controlplane.rpc.Errors;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gives errors that no API method makes the one shape of errors, everywhere under /api. */
final class HttpErrors implements ServerErrorHandler {
  @Override
  public @Nullable HttpResponse onServiceException(ServiceRequestContext ctx, Throwable failure) {
    if (!isApi(ctx.path())) {
      return null;
    }
    String id = ctx.id().shortText();
    return switch (Exceptions.peel(failure)) {
      case ContentTooLargeException large -> plain(HttpStatus.REQUEST_ENTITY_TOO_LARGE, id);
      case HttpStatusException known -> plain(known.httpStatus(), id);
      case RequestTimeoutException late -> plain(HttpStatus.SERVICE_UNAVAILABLE, id);
      case Throwable unexpected -> ErrorBody.response(Errors.status(unexpected), id);
    };
  }

  @Override
  public @Nullable AggregatedHttpResponse renderStatus(
      @Nullable ServiceRequestContext ctx,
      ServiceConfig config,
      @Nullable RequestHeaders headers,
      HttpStatus status,
      @Nullable String description,
      @Nullable Throwable cause) {
    if (headers == null || !isApi(headers.path())) {
      return null;
    }
    String id = ctx == null ? RequestId.random().shortText() : ctx.id().shortText();
    return ErrorBody.aggregated(status, body(status, id));
  }

  private static boolean isApi(String path) {
    return path.startsWith("/api/") || path.equals("/api");
  }

  private static HttpResponse plain(HttpStatus status, String id) {
    return ErrorBody.response(status, body(status, id));
  }

  private static ErrorBody body(HttpStatus status, String id) {
    return switch (status.code()) {
      case 404 -> new ErrorBody("PATH_NOT_FOUND", "there is nothing at this path", List.of(), id);
      case 405 ->
          new ErrorBody("METHOD_NOT_ALLOWED", "this path does not take this method", List.of(), id);
      case 413 ->
          new ErrorBody(
              "BODY_TOO_LARGE",
              "the body is larger than " + PeoplePort.MAX_BODY + " bytes",
              List.of(),
              id);
      case 503 ->
          new ErrorBody("REQUEST_TIMEOUT", "the answer took too long; try again", List.of(), id);
      default -> new ErrorBody("HTTP_" + status.code(), status.reasonPhrase(), List.of(), id);
    };
  }
}

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

/** Gives errors that no API method makes the one shape of errors. */
final class HttpErrors implements ServerErrorHandler {
  /** Statuses that no refusal of an API method has. */
  static final List<HttpStatus> OWN =
      List.of(
          HttpStatus.BAD_REQUEST,
          HttpStatus.NOT_FOUND,
          HttpStatus.METHOD_NOT_ALLOWED,
          HttpStatus.NOT_ACCEPTABLE,
          HttpStatus.REQUEST_ENTITY_TOO_LARGE,
          HttpStatus.UNSUPPORTED_MEDIA_TYPE,
          HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
          HttpStatus.SERVICE_UNAVAILABLE);

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
  public AggregatedHttpResponse renderStatus(
      @Nullable ServiceRequestContext ctx,
      ServiceConfig config,
      @Nullable RequestHeaders headers,
      HttpStatus status,
      @Nullable String description,
      @Nullable Throwable cause) {
    String id = ctx == null ? RequestId.random().shortText() : ctx.id().shortText();
    // Without a context it was no request yet: whatever failed is in what was sent.
    boolean unread = ctx == null && status.isServerError();
    HttpStatus shown = unread ? HttpStatus.BAD_REQUEST : status;
    return ErrorBody.aggregated(shown, body(shown, id));
  }

  private static boolean isApi(String path) {
    return path.startsWith("/api/") || path.equals("/api");
  }

  /** The status that one of our own codes goes with. */
  static HttpStatus status(String code) {
    return OWN.stream()
        .filter(status -> body(status, "").code().equals(code))
        .findFirst()
        .orElseThrow();
  }

  static HttpResponse plain(HttpStatus status, String id) {
    return ErrorBody.response(status, body(status, id));
  }

  static ErrorBody body(HttpStatus status, String id) {
    return switch (status.code()) {
      case 404 -> new ErrorBody("PATH_NOT_FOUND", "there is nothing at this path", List.of(), id);
      case 405 ->
          new ErrorBody("METHOD_NOT_ALLOWED", "this path does not take this method", List.of(), id);
      case 406 ->
          new ErrorBody(
              "NOT_ACCEPTABLE", "answers are application/json; accept that", List.of(), id);
      case 415 ->
          new ErrorBody(
              "UNSUPPORTED_MEDIA_TYPE",
              "a body must be JSON; send the header content-type: application/json",
              List.of(),
              id);
      case 413 ->
          new ErrorBody(
              "BODY_TOO_LARGE",
              "the body is larger than " + PeoplePort.MAX_BODY + " bytes",
              List.of(),
              id);
      case 503 ->
          new ErrorBody("REQUEST_TIMEOUT", "the answer took too long; try again", List.of(), id);
      case 400 ->
          new ErrorBody(
              "REQUEST_UNREADABLE", "the request is not HTTP as it should be", List.of(), id);
      case 431 ->
          new ErrorBody("HEADERS_TOO_LARGE", "the headers are larger than 16 KiB", List.of(), id);
      default -> new ErrorBody("HTTP_" + status.code(), status.reasonPhrase(), List.of(), id);
    };
  }
}

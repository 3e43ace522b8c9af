package dev.skep.controlplane.server;

import com.google.gson.JsonParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.netty.util.AsciiString;
import java.util.Locale;

/** The good answer to a request: a message as JSON, or that it is still what the client has. */
record RestAnswer(ServiceRequestContext ctx, RequestHeaders request) {
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().alwaysPrintFieldsWithNoPresence().omittingInsignificantWhitespace();
  private static final AsciiString REQUEST_ID = HttpHeaderNames.of("x-request-id");
  private static final AsciiString SERVER_TIMING = HttpHeaderNames.of("server-timing");

  HttpResponse of(Message answer, ReadMask mask) throws InvalidProtocolBufferException {
    String json = PRINTER.print(answer);
    if (!mask.showsAll()) {
      json = mask.apply(JsonParser.parseString(json)).toString();
    }
    EntityTag tag = EntityTag.of(answer, json);
    return reads() && tag.isIn(request.get(HttpHeaderNames.IF_NONE_MATCH, ""))
        ? HttpResponse.of(headers(HttpStatus.NOT_MODIFIED, tag))
        : HttpResponse.of(headers(HttpStatus.OK, tag), HttpData.ofUtf8(json));
  }

  private boolean reads() {
    return request.method() == HttpMethod.GET || request.method() == HttpMethod.HEAD;
  }

  private ResponseHeaders headers(HttpStatus status, EntityTag tag) {
    ResponseHeadersBuilder headers =
        ResponseHeaders.builder(status)
            .contentType(MediaType.JSON)
            .add(HttpHeaderNames.ETAG, tag.toString())
            .add(HttpHeaderNames.CACHE_CONTROL, "no-cache")
            .add(REQUEST_ID, ctx.id().shortText());
    if (reads()) {
      // Of reads alone: how long the check of a password took is nobody's business.
      headers.add(SERVER_TIMING, timing());
    }
    return headers.build();
  }

  /** From the request's headers until now, in milliseconds. */
  private String timing() {
    long nanos = System.nanoTime() - ctx.log().partial().requestStartTimeNanos();
    return String.format(Locale.ROOT, "total;dur=%.2f", nanos / 1e6);
  }
}

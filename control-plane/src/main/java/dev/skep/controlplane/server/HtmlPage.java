package dev.skep.controlplane.server;

import com.linecorp.armeria.common.Cookie;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import java.util.List;

/**
 * A small page for people: no scripts, nothing from elsewhere, kept nowhere.
 *
 * @param title plain text
 * @param body HTML
 */
record HtmlPage(HttpStatus status, String title, String body) {
  private static final String POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none';"
          + " frame-ancestors 'none'";

  HttpResponse response(List<Cookie> cookies) {
    return HttpResponse.of(
        headers(status, cookies).contentType(MediaType.HTML_UTF_8).build(),
        HttpData.ofUtf8(
            """
            <!doctype html><html lang="en"><meta charset="utf-8"><title>Skep</title>
            <meta name="viewport" content="width=device-width">
            <body style="font-family: sans-serif; margin: 4rem auto; max-width: 40rem; padding: 0 1rem">
            <h1>%s</h1>%s</body></html>
            """
                .formatted(escape(title), body)));
  }

  /** To another page of ours. */
  static HttpResponse goTo(String path, Cookie cookie) {
    return HttpResponse.of(
        headers(HttpStatus.SEE_OTHER, List.of(cookie)).add(HttpHeaderNames.LOCATION, path).build());
  }

  private static ResponseHeadersBuilder headers(HttpStatus status, List<Cookie> cookies) {
    var headers =
        ResponseHeaders.builder(status)
            .add(HttpHeaderNames.CACHE_CONTROL, "no-store")
            .add(HttpHeaderNames.REFERRER_POLICY, "no-referrer")
            .add(HttpHeaderNames.CONTENT_SECURITY_POLICY, POLICY);
    cookies.forEach(cookie -> headers.add(HttpHeaderNames.SET_COOKIE, cookie.toSetCookieHeader()));
    return headers;
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}

package dev.skep.controlplane.server;

import com.linecorp.armeria.common.Cookie;
import com.linecorp.armeria.common.RequestHeaders;
import java.time.Duration;
import java.util.Optional;

/** What pages remember in the browser from one to the next; scripts cannot read it. */
enum PageCookies {
  /** The code of an invitation, which would else stand in addresses. */
  INVITATION("__Host-skep-invitation", Duration.ofHours(1)),

  /** The verifier of a login over the identity provider that began in this browser. */
  SSO("__Host-skep-sso", Duration.ofMinutes(10));

  private final String cookie;
  private final Duration lasts;

  PageCookies(String cookie, Duration lasts) {
    this.cookie = cookie;
    this.lasts = lasts;
  }

  Cookie with(String value) {
    return of(value, lasts.toSeconds());
  }

  Cookie gone() {
    return of("", 0);
  }

  Optional<String> in(RequestHeaders headers) {
    return headers.cookies().stream()
        .filter(one -> one.name().equals(cookie))
        .map(Cookie::value)
        .filter(value -> !value.isEmpty())
        .findFirst();
  }

  private Cookie of(String value, long seconds) {
    return Cookie.secureBuilder(cookie, value).path("/").sameSite("Lax").maxAge(seconds).build();
  }
}

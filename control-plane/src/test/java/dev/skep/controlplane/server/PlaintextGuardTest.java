package dev.skep.controlplane.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PlaintextGuardTest {
  @ParameterizedTest
  @CsvSource({
    "H2C, 203.0.113.7, /api/workers, false, 403",
    "H1C, 203.0.113.7, /healthz/workers, false, 403",
    "H2, 203.0.113.7, /api/workers, false, 200",
    "H2C, 127.0.0.1, /api/workers, false, 200",
    "H2C, ::1, /api/workers, false, 200",
    "H2C, 203.0.113.7, /healthz, false, 200",
    "H2C, 203.0.113.7, /readyz, false, 200",
    "H2C, 203.0.113.7, /api/workers, true, 200",
  })
  void onlyThisMachineIsServedInTheClear(
      SessionProtocol protocol, String from, String path, boolean allowed, int status)
      throws Exception {
    HttpRequest request = HttpRequest.of(HttpMethod.GET, path);
    var builder =
        ServiceRequestContext.builder(request)
            .sessionProtocol(protocol)
            .remoteAddress(new InetSocketAddress(InetAddress.getByName(from), 4711));
    if (protocol.isTls()) {
      builder.sslSession(SSLContext.getDefault().createSSLEngine().getSession());
    }
    ServiceRequestContext context = builder.build();

    HttpResponse answer =
        new PlaintextGuard(allowed)
            .guard((ctx, req) -> HttpResponse.of(HttpStatus.OK), context, request);

    assertThat(answer.aggregate().join().status().code()).isEqualTo(status);
  }
}

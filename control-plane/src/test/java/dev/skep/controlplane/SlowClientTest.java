package dev.skep.controlplane;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skep.controlplane.fixture.Await;
import dev.skep.controlplane.rpc.Errors;
import dev.skep.v1.ListServicesRequest;
import dev.skep.v1.ServicesServiceGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that say little for long, and too many at a time. */
@SuppressWarnings("NullAway.Init")
final class SlowClientTest {
  private static final Duration ARRIVAL = Duration.ofSeconds(3);
  private static final Duration SLACK = Duration.ofSeconds(4);
  private static final int WITH_BODY = 256;
  private static final String JSON = "content-type: application/json";
  private static final String LENGTH = "content-length: 900";

  private static TestControlPlane controlPlane;

  private static void start(Path directory, Map<String, String> settings) {
    controlPlane = new TestControlPlane(directory, settings);
  }

  @AfterEach
  void stop() {
    controlPlane.close();
  }

  @Test
  void whoeverDripsIsCutOff(@TempDir Path directory) throws Exception {
    start(directory, Map.of("SKEP_REQUEST_ARRIVAL_TIMEOUT", ARRIVAL.toSeconds() + "s"));
    String get = "GET /healthz HTTP/1.1";
    String post = "POST /api/login HTTP/1.1";
    List<Callable<Duration>> drips =
        List.of(
            () -> drip(ascii(get + "\r\nhost: x\r\nx-a: "), ascii("a")),
            () -> drip(head(post, JSON, LENGTH), ascii(" ")),
            () -> drip(head(post, JSON, "transfer-encoding: chunked"), ascii("1\r\n \r\n")),
            () -> drip(head("POST /healthz HTTP/1.1", LENGTH), ascii(" ")),
            () -> drip(ascii(get + "\r\nhost: x\r\n\r\n" + get + "\r\nx-a: "), ascii("a")),
            () -> drip(new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1}, new byte[] {0}),
            () -> drip(http2("/skep.v1.ServicesService/ListServices"), frame(0, 0, 1, 0)),
            () -> drip(http2("/skep.v1.LogsService/FollowLogs"), frame(0, 0, 1, 0)));
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Duration>> cut = threads.invokeAll(drips);
      for (int i = 0; i < cut.size(); i++) {
        Duration lasted = cut.get(i).get();
        assertTrue(lasted.compareTo(ARRIVAL.plus(SLACK)) < 0, i + " lasted " + lasted);
      }
    }
  }

  @Test
  void whoComesWhenThereAreTooManyIsAskedToComeBackAndReadsGoOn(@TempDir Path directory)
      throws Exception {
    // Nobody of the crowd is cut off before all of it is here.
    start(directory, Map.of("SKEP_REQUEST_ARRIVAL_TIMEOUT", "120s"));
    List<Socket> crowd = new ArrayList<>();
    try {
      while (crowd.size() < WITH_BODY) {
        crowd.add(unfinished());
      }
      // One of them may be on its way for longer than the others.
      Await.until(
          "nobody else gets in", () -> crowd.add(unfinished()) && login().statusCode() == 503);
      HttpResponse<String> refused = login();
      assertEquals("1", refused.headers().firstValue("retry-after").orElse(""));
      assertTrue(refused.body().contains("OVERLOADED"), refused.body());
      var services = ServicesServiceGrpc.newBlockingStub(controlPlane.people());
      var failure =
          assertThrows(
              StatusRuntimeException.class,
              () -> services.listServices(ListServicesRequest.getDefaultInstance()));
      assertEquals(Status.Code.UNAVAILABLE, failure.getStatus().getCode());
      assertEquals("OVERLOADED", Errors.reason(failure.getStatus(), failure.getTrailers()));
      assertEquals(
          200, controlPlane.send(controlPlane.authorized("/api/containers/services")).statusCode());
    } finally {
      for (Socket socket : crowd) {
        socket.close();
      }
    }
    Await.until("there is room again", () -> login().statusCode() != 503);
  }

  private static HttpResponse<String> login() {
    return controlPlane.send(
        controlPlane
            .request("/api/login")
            .header("content-type", "application/json")
            .POST(java.net.http.HttpRequest.BodyPublishers.ofString("{}")));
  }

  private static Socket unfinished() {
    try {
      Socket socket = connect();
      socket.getOutputStream().write(head("POST /api/login HTTP/1.1", JSON, LENGTH));
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How long a connection lasts on which something comes ten times a second. */
  private static Duration drip(byte[] first, byte[] then) throws Exception {
    long start = System.nanoTime();
    try (Socket socket = connect()) {
      socket.setSoTimeout(100);
      OutputStream out = socket.getOutputStream();
      out.write(first);
      while (since(start).compareTo(ARRIVAL.plus(SLACK)) < 0 && isOpen(socket)) {
        out.write(then);
      }
    } catch (IOException e) {
      // It was cut while something was written.
    }
    return since(start);
  }

  private static boolean isOpen(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read(new byte[1_000]) >= 0;
    } catch (SocketTimeoutException e) {
      return true;
    }
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private static Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), controlPlane.port());
  }

  private static byte[] ascii(String text) {
    return text.getBytes(US_ASCII);
  }

  /** A request without its body. */
  private static byte[] head(String line, String... headers) {
    return ascii(line + "\r\nhost: x\r\n" + String.join("\r\n", headers) + "\r\n\r\n");
  }

  /** Until the beginning of a call's message, whose thousand bytes do not come. */
  private static byte[] http2(String path) throws IOException {
    var headers = new ByteArrayOutputStream();
    for (String[] header :
        List.of(
            new String[] {":method", "POST"},
            new String[] {":scheme", "http"},
            new String[] {":authority", "x"},
            new String[] {":path", path},
            new String[] {"content-type", "application/grpc"},
            new String[] {"te", "trailers"})) {
      headers.write(0);
      for (String part : header) {
        headers.write(part.length());
        headers.write(ascii(part));
      }
    }
    var all = new ByteArrayOutputStream();
    all.write(ascii("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    all.write(frame(4, 0, 0));
    all.write(frame(1, 4, 1, headers.toByteArray()));
    all.write(frame(0, 0, 1, 0, 0, 0, 3, 0xe8));
    return all.toByteArray();
  }

  private static byte[] frame(int type, int flags, int stream, int... content) {
    byte[] bytes = new byte[content.length];
    for (int i = 0; i < content.length; i++) {
      bytes[i] = (byte) content[i];
    }
    return frame(type, flags, stream, bytes);
  }

  private static byte[] frame(int type, int flags, int stream, byte[] content) {
    var frame = new ByteArrayOutputStream();
    frame.writeBytes(
        new byte[] {
          0, 0, (byte) content.length, (byte) type, (byte) flags, 0, 0, 0, (byte) stream
        });
    frame.writeBytes(content);
    return frame.toByteArray();
  }
}

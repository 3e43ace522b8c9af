package dev.skep.cli.training;

import dev.skep.cli.Skep;
import dev.skep.cli.session.Streams;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.okhttp.OkHttpServerBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Runs the common commands against a server with canned answers, then ends. Started with {@code
 * -XX:AOTCacheOutput}, it leaves the cache that brings start-up down; it must be in the client's
 * own jar because a cache is only valid for the class path it was made with.
 */
public final class AotTraining {
  private static final List<String> COMMANDS =
      List.of(
          "services ls",
          "services ls --format json",
          "services inspect web",
          "services create web --image r/web:1 --port 80:host=8080 --env A=b --health-http /",
          "services logs web",
          "deployments ls web",
          "events web",
          "workers ls",
          "version",
          "services --help",
          "services rm",
          "services inspect missing");

  private AotTraining() {}

  public static void main(String[] args) throws IOException {
    Logger.getLogger("io.grpc").setLevel(Level.OFF);
    var server = start();
    try {
      var environment =
          Map.of("SKEP_SERVER", "http://127.0.0.1:" + server.getPort(), "SKEP_TOKEN", "skp_none");
      COMMANDS.forEach(command -> Skep.run(command.split(" "), environment, silence()));
    } finally {
      server.shutdownNow();
    }
  }

  private static Server start() throws IOException {
    var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return OkHttpServerBuilder.forPort(anyPort, InsecureServerCredentials.create())
        .addService(new CannedAnswers.Services())
        .addService(new CannedAnswers.Deployments())
        .addService(new CannedAnswers.Workers())
        .addService(new CannedAnswers.Logs())
        .addService(new CannedAnswers.SystemInfo())
        .build()
        .start();
  }

  private static Streams silence() {
    var nowhere = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    return new Streams(InputStream.nullInputStream(), nowhere, nowhere, () -> false);
  }
}
